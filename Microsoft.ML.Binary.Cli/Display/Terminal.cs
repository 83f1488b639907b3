using System.CommandLine;
using Microsoft.ML.Binary.Messages;
using Spectre.Console;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Where a command writes.</summary>
/// <param name="Output">Results and progress.</param>
/// <param name="Error">What is wrong, or likely to be.</param>
/// <param name="Live">The console where it can show changing figures in place; null where the output is a file, a pipe or a log.</param>
/// <param name="ShowsErrors">Whether errors are shown on that console too, and not in a file, say.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, IAnsiConsole? Live, bool ShowsErrors = true)
{
    /// <summary>The terminal of a process.</summary>
    /// <param name="output">Where results go; the console if null.</param>
    /// <param name="error">Where errors go; the console if null.</param>
    public static Terminal Of(TextWriter? output, TextWriter? error)
    {
        bool isLive = output is null && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return new(new SafeWriter(output ?? Console.Out), new SafeWriter(error ?? Console.Error), isLive ? AnsiConsole.Console : null, error is null && !Console.IsErrorRedirected);
    }

    /// <summary>The terminal of a command that is being run.</summary>
    public static Terminal Of(ParseResult parsed) => ((Configuration)parsed.InvocationConfiguration).Terminal;

    /// <summary>How a command is run that writes here.</summary>
    public InvocationConfiguration ToConfiguration() => new Configuration(this);

    /// <summary>Writes a line at once, so that whoever follows a log sees it.</summary>
    public void Line(string text = "")
    {
        Output.WriteLine(text);
        Output.Flush();
    }

    /// <summary>Says in a line that something is likely to be wrong, or was left out. The work goes on.</summary>
    public void Warn(string text) => Note($"warning: {text}");

    /// <summary>Says something in a line that is no result.</summary>
    public void Note(string text)
    {
        string line = $"mlbinary: {SafeText.OneLine(text)}";
        if (Live is not null && ShowsErrors)
        {
            // Above the figures that change in place, which would be drawn over it.
            Live.WriteLine(line);
            return;
        }

        Error.WriteLine(line);
        Error.Flush();
    }

    private sealed class Configuration : InvocationConfiguration
    {
        public Configuration(Terminal terminal)
        {
            (Terminal, Output, Error) = (terminal, terminal.Output, terminal.Error);
            EnableDefaultExceptionHandler = false;

            // Training handles Ctrl+C itself; the others may end at once, as they write files whole or not at all.
            ProcessTerminationTimeout = null;
        }

        public Terminal Terminal { get; }
    }
}
