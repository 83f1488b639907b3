using System.Diagnostics;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What a command did.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static CommandRun Of(params string[] args)
    {
        using StringWriter output = new();
        return Of(output, args);
    }

    /// <summary>Runs a command that writes to this.</summary>
    public static CommandRun Of(StringWriter output, string[] args)
    {
        using StringWriter error = new();
        int exitCode = WithOwnReading(() => CommandLineTool.Run(args, output, error));
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Starts a command in a process of its own.</summary>
    public static Process Start(string[] args, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(CommandLineTool).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a command in a process of its own.</summary>
    public static async Task<CommandRun> OfProcess(string[] args, params (string Name, string Value)[] environment)
    {
        using Process process = Start(args, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command on a terminal.</summary>
    /// <returns>Its exit code.</returns>
    public static int On(Terminal terminal, params string[] args) => WithOwnReading(() => CommandLineTool.Run(args, terminal));

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

    /// <summary>The tool makes how images are read that of its process, with warnings to its own streams, which end here before the process does.</summary>
    private static int WithOwnReading(Func<int> run)
    {
        try
        {
            return run();
        }
        finally
        {
            ImageReadOptions.Default = new();
        }
    }
}
