using System.CommandLine;
using Microsoft.ML.Binary.Messages;
using Spectre.Console;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Where a command writes.</summary>
/// <param name="Output">Results and progress.</param>
/// <param name="Error">What is wrong, or likely to be.</param>
/// <param name="Live">The console where it can show changing figures in place; null where the output is a file, a pipe or a log.</param>
internal sealed record Terminal(TextWriter Output, TextWriter Error, IAnsiConsole? Live)
{
    /// <summary>The terminal of a command that is being run.</summary>
    public static Terminal Of(ParseResult parsed)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        bool isLive = output is SafeWriter safe && ReferenceEquals(safe.Inner, Console.Out) && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return new(output, parsed.InvocationConfiguration.Error, isLive ? AnsiConsole.Console : null);
    }

    /// <summary>Writes a line at once, so that whoever follows a log sees it.</summary>
    public void Line(string text = "")
    {
        Output.WriteLine(text);
        Output.Flush();
    }

    /// <summary>Says in a line that something is likely to be wrong, or was left out. The work goes on.</summary>
    public void Warn(string text)
    {
        string line = Warning(text);
        if (Live is not null)
        {
            // Above the figures that change in place.
            Live.WriteLine(line);
            return;
        }

        Error.WriteLine(line);
        Error.Flush();
    }

    /// <summary>The line of a warning, the same whoever gives it.</summary>
    public static string Warning(string text) => $"mlbinary: warning: {SafeText.OneLine(text)}";
}
