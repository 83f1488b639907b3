using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary evaluate</c>: the metrics of a model, or of another tool's predictions, on labelled images.</summary>
internal static class EvaluateCommand
{
    /// <summary>What could not be measured, in the JSON.</summary>
    public const string FailuresField = "failures";

    public static System.CommandLine.Command Create()
    {
        TaskOptions tasks = new();
        PredictionOptions predictions = new(sources: 1, tasks.File);
        Option<string> json = new OutputFile("--json", "Write all figures to this file too.");
        Option<string> csv = new OutputFile("--csv", "Write one row per image to this file too.");
        Option<string> html = new OutputFile("--html", "Write a report with pictures to this file too; it needs no other file.");
        RegionOptions regions = new();
        System.CommandLine.Command command = new("evaluate", "Measures a model, or predictions of any other tool, on images with masks.");
        predictions.AddTo(command);
        tasks.AddTo(command, csv, regions);
        regions.AddTo(command);
        Option<bool> failFast = CommandOption.FailFast();
        command.Add(failFast);
        command.Add(json);
        command.Add(csv);
        command.Add(html);
        command.SetAction(parsed =>
        {
            OutputFiles files = new(parsed.GetValue(json), parsed.GetValue(csv), parsed.GetValue(html));
            Failures failures = new(parsed.GetValue(failFast));
            return parsed.GetValue(tasks.File) is { } file
                ? TaskEvaluation.Run(file, tasks.Alone(parsed), predictions, parsed, files, failures, Terminal.Of(parsed))
                : Run(predictions, regions, parsed, files, failures, Terminal.Of(parsed));
        });
        return command;
    }

    private static int Run(
        PredictionOptions options, RegionOptions regionOptions, ParseResult parsed, OutputFiles files, Failures failures, Terminal terminal)
    {
        (string name, IPredictionSource source) = options.Open(parsed, terminal)[0];
        using IPredictionSource _ = source;
        CountedRegions? counted = regionOptions.Of(parsed, source.ClassNames);
        (string? images, string masks) = options.Folders(parsed);
        ReportOptions report = new()
        {
            Title = Path.GetFileName(Path.TrimEndingDirectorySeparator(name)),
            Facts = [.. source.Facts, .. images is null ? [] : (ReportFact[])[new("Data", "Images", images)], new("Data", "Masks", masks)],
            Palette = source.Palette,
            Examples = image => PredictionEvaluation.Example(source, image),
        };
        return failures.Listed(terminal, source.Names.Count, "evaluated", () =>
        {
            EvaluationResult result = CountDisplay.Show(terminal, "evaluated", source.Names.Count, done =>
            {
                PredictionEvaluation evaluation = new(source, Environment.ProcessorCount, done, failures);
                return CliTask.Of(source.Task).Evaluate(evaluation, source, counted);
            });
            result.Lines.ToList().ForEach(terminal.Line);
            OutputFile.Save(files.Json, path => SaveJson(path, result.Json, failures));
            OutputFile.Save(files.Csv, result.SaveCsv);
            OutputFile.Save(files.Html, path => result.SaveHtml(path, report));
        });
    }

    /// <summary>Writes figures, and what could not be measured.</summary>
    public static void SaveJson(string path, JsonObject json, Failures failures)
    {
        // After the figures, in front of what else was measured.
        int index = json.IndexOf("road") is >= 0 and var road ? road : json.IndexOf("regions") is >= 0 and var regions ? regions : json.Count;
        json.Insert(index, FailuresField, failures.ToJson());
        JsonFile.Write(path, json);
    }
}

/// <summary>The files that an evaluation writes.</summary>
internal sealed record OutputFiles(string? Json, string? Csv, string? Html);
