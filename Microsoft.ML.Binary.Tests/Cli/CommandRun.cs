using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What a command did.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static CommandRun Of(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = CommandLineTool.Run(args, output, error);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>The lines that it wrote.</returns>
    public static string[] Lines(params string[] args)
    {
        CommandRun run = Of(args);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.AreEqual("", run.Error);
        return run.Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }

    /// <summary>Checks that a command failed with one line that has all of these parts.</summary>
    public static void Fails(int exitCode, string[] args, params string[] parts)
    {
        CommandRun run = Of(args);
        Assert.AreEqual(exitCode, run.ExitCode, run.Output + run.Error);
        Assert.AreEqual(run.Error.TrimEnd('\r', '\n').Length, run.Error.IndexOfAny(['\r', '\n']), $"not one line: {run.Error}");
        foreach (string part in parts)
        {
            StringAssert.Contains(run.Error, part);
        }
    }
}
