using System.CommandLine;
using Spectre.Console;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Where a command writes.</summary>
/// <param name="Output">Results and progress.</param>
/// <param name="Live">The console where it can show changing figures in place; null where the output is a file, a pipe or a log.</param>
internal sealed record Terminal(TextWriter Output, IAnsiConsole? Live)
{
    /// <summary>The terminal of a command that is being run.</summary>
    public static Terminal Of(ParseResult parsed)
    {
        TextWriter output = parsed.InvocationConfiguration.Output;
        bool isLive = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return new(output, isLive ? AnsiConsole.Console : null);
    }

    /// <summary>Writes a line at once, so that whoever follows a log sees it.</summary>
    public void Line(string text = "")
    {
        Output.WriteLine(text);
        Output.Flush();
    }
}
