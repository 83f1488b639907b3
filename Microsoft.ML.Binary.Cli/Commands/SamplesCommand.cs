using System.Reflection;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary samples</c>: the labelled pictures of the tutorial, and the notebooks.</summary>
internal static class SamplesCommand
{
    private const string Prefix = "samples/";

    public static System.CommandLine.Command Create()
    {
        OutputFolder output = new("--out", "Folder to write them into: DIR/nuclei and DIR/notebooks. What is there already is left as it is.") { Required = true };
        System.CommandLine.Command command = new("samples", "Writes the labelled pictures of the tutorial (CC0) and the notebooks.") { output };
        command.SetAction(parsed => Run(parsed.GetValue(output)!, Terminal.Of(parsed)));
        return command;
    }

    private static void Run(string folder, Terminal terminal)
    {
        (string Path, byte[] Content)[] files = [.. Resources(folder)];
        if (files.FirstOrDefault(file => File.Exists(file.Path) && !File.ReadAllBytes(file.Path).AsSpan().SequenceEqual(file.Content)) is { Path: { } changed })
        {
            throw new IOException($"{changed}: this file is there already, and is another. Choose another folder for --out.");
        }

        foreach ((string path, byte[] content) in files.Where(file => !File.Exists(file.Path)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, content);
        }

        terminal.Line($"{Path.Combine(folder, "nuclei")}: {Count(".webp")} pictures of cell nuclei with masks, in train and test");
        terminal.Line($"{Path.Combine(folder, "notebooks")}: {Count(".ipynb")} notebooks");

        int Count(string extension) => files.Count(file => Path.GetExtension(file.Path) == extension);
    }

    private static IEnumerable<(string Path, byte[] Content)> Resources(string folder)
    {
        Assembly tool = typeof(SamplesCommand).Assembly;
        foreach (string name in tool.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream resource = tool.GetManifestResourceStream(name)!;
            byte[] content = new byte[resource.Length];
            resource.ReadExactly(content);
            // Built on Windows, names have its separators.
            yield return (Path.Combine(folder, Path.Combine(name[Prefix.Length..].Split('/', '\\'))), content);
        }
    }
}
