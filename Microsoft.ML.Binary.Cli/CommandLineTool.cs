using System.Collections.Concurrent;
using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using Microsoft.ML.Binary.Cli.Commands;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli;

/// <summary>The commands of <c>mlbinary</c>, and what becomes of their errors.</summary>
internal static class CommandLineTool
{
    /// <summary>Exit code of a command that could not do its work.</summary>
    public const int Failure = 1;

    /// <summary>Exit code of a command that was not understood.</summary>
    public const int Usage = 2;

    /// <summary>Exit code of a run that Ctrl+C ended early, as shells have it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs a command.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="output">Where results go; the console if null.</param>
    /// <param name="error">Where errors go; the console if null.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter? output = null, TextWriter? error = null) => Run(args, Terminal.Of(output, error));

    /// <summary>Runs a command.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="terminal">Where it writes.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        Option<long> maxPixels = new("--max-pixels")
        {
            HelpName = "N",
            Description = "Refuse images with more pixels.",
            DefaultValueFactory = _ => new ImageReadOptions().MaxPixels,
            Recursive = true,
        };
        maxPixels.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 1 or > ImageReadOptions.LargestMaxPixels)
            {
                result.AddError($"--max-pixels must be from 1 to {ImageReadOptions.LargestMaxPixels}.");
            }
        });
        RootCommand root = new("Binary networks for dense prediction: semantic segmentation and salient-object detection.")
        {
            TrainCommand.Create(),
            SearchCommand.Create(),
            CalibrateCommand.Create(),
            EvaluateCommand.Create(),
            CompareCommand.Create(),
            ScoreCommand.Create(),
            ViewCommand.Create(),
            InspectCommand.Create(),
            BenchCommand.Create(),
            TokensCommand.Create(),
            ExtractCommand.Create(),
            ExportCommand.Create(),
            MapCommand.Create(),
            MapSearchCommand.Create(),
            ModelsCommand.Create(),
            SamplesCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
            maxPixels,
        };
        TextWriter error = terminal.Error;
        if (args is [var first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal))
        {
            // Other names of --help and -h, which nobody wants to be offered.
            HelpOption help = root.Options.OfType<HelpOption>().Single();
            foreach (string alias in (string[])["-?", "/?", "/h"])
            {
                help.Aliases.Remove(alias);
            }

            args = CompletionCommand.WithSeparateValues(args);
        }

        ParseResult parsed = root.Parse(args);
        bool isCompletion = root.Directives.OfType<SuggestDirective>().Any(directive => parsed.GetResult(directive) is not null);
        if (parsed.Errors.Count > 0 && !isCompletion)
        {
            string command = parsed.CommandResult.Command == root ? "mlbinary" : $"mlbinary {parsed.CommandResult.Command.Name}";
            string problem = parsed.UnmatchedTokens is [var unknown, ..]
                ? $"'{unknown}' is not known here.{Suggestion.Of(unknown, parsed)}"
                : OneLine(parsed.Errors[0].Message);
            error.WriteLine($"{command}: {SafeText.OneLine(problem)} See '{command} --help'.");
            return Usage;
        }

        try
        {
            foreach (string folder in ModelFolders.Here.All)
            {
                PretrainedNetworks.AddFolder(folder);
            }

            ConcurrentDictionary<string, bool> told = [];
            ImageReadOptions.Default = new()
            {
                MaxPixels = parsed.GetValue(maxPixels),
                OnWarning = warning =>
                {
                    // Training reads a file many times.
                    if (told.TryAdd(warning, true))
                    {
                        terminal.Warn(OneLine(warning));
                    }
                },
            };
            if (parsed.Action is not HelpAction && !isCompletion)
            {
                OutputFile.Check(parsed);
                if (OutputFile.IsOutput(parsed))
                {
                    terminal = terminal with { Output = terminal.Error, Live = null };
                }
            }

            return parsed.Invoke(terminal.ToConfiguration());
        }
        catch (Exception e)
        {
            string message = ErrorText.Of(e);
            error.WriteLine($"mlbinary: {SafeText.OneLine(OneLine(IsExpected(e) ? message : $"unexpected {e.GetType().Name}: {message}"))}");
            return Failure;
        }
    }

    /// <summary>Errors of files, data and options, whose messages are meant for the user.</summary>
    private static bool IsExpected(Exception e) =>
        e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or FormatException or GraphException
            or ImageTooLargeException or TrainingDivergedException
        || ErrorText.MissingLibrary(e) is not null;

    /// <summary>A message of several lines as one.</summary>
    public static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
