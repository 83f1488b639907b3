using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>An option that names a file to write. All of them are looked at before the command begins.</summary>
internal sealed class OutputFile : Option<string>
{
    private const int SignatureBytes = 12;

    public OutputFile(string name, string description, string helpName = "FILE")
        : base(name)
    {
        HelpName = helpName;
        Description = description;
        CommandOption.RequireText(this);
        Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value == "-"))
            {
                result.AddError($"{name} is '-'; write /dev/stdout for the standard output (where the system has it), or ./- for a file of that name.");
            }
        });
    }

    /// <summary>Name of the option whose file it may replace: a model that is trained further may take the place of what it was.</summary>
    public string? MayReplace { get; init; }

    /// <summary>That each file can be written, that no two are one, and that none takes the place of what the command reads, or of a picture.</summary>
    /// <exception cref="IOException">One of that does not hold; the message names file and option.</exception>
    public static void Check(ParseResult parsed)
    {
        OptionResult[] options = [.. parsed.CommandResult.Children.OfType<OptionResult>()];
        (Option Option, string Path)[] outputs = [.. options.Where(option => option.Option is OutputFile).SelectMany(Values)];
        foreach ((_, string path) in outputs)
        {
            AtomicFile.CheckWritable(path);
        }

        if (outputs.Where(output => IsOutput(output.Path)).Skip(1).FirstOrDefault().Option is { } another)
        {
            throw new IOException($"{another.Name}: the standard output takes one file; give the other ones names of their own.");
        }

        (OutputFolder Option, string Path)[] folders = [.. options.Where(option => option.Option is OutputFolder).SelectMany(Values).Select(value => ((OutputFolder)value.Option, value.Path))];
        foreach ((OutputFolder option, string path) in folders)
        {
            option.Check(path);
        }

        (Option Option, string Path)[] files = [.. outputs.Where(output => AtomicFile.Replaces(output.Path))];
        (Option Option, string Path)[] inputs = [.. options.Where(option => option.Option is not OutputFile).SelectMany(Values).Where(value => File.Exists(value.Path))];
        foreach ((OutputFolder folder, string path) in folders)
        {
            if (inputs.FirstOrDefault(input => folder.MayReplace(path, input.Path)) is { Option: { } reader } input)
            {
                throw new IOException($"{input.Path}: {folder.Name} may replace this file, which {reader.Name} names, because what the command writes into {path} may have its name. Choose another folder.");
            }
        }

        foreach ((Option option, string path) in files)
        {
            if (files.FirstOrDefault(other => other.Option != option && RealPath.AreSame(other.Path, path)).Option is { } second)
            {
                throw new IOException($"{path}: {option.Name} and {second.Name} name the same file. Give each a name of its own.");
            }

            if (folders.FirstOrDefault(folder => RealPath.AreSame(folder.Path, path)).Option is { } folder)
            {
                throw new IOException($"{path}: {option.Name} and {folder.Name} name the same place, a file and a folder. Give each a name of its own.");
            }

            if (inputs.FirstOrDefault(input => input.Option.Name != ((OutputFile)option).MayReplace && RealPath.AreSame(input.Path, path)).Option is { } reader)
            {
                throw new IOException($"{path}: {option.Name} would replace this file, which {reader.Name} names. Choose another file.");
            }

            if (File.Exists(path) && IsPicture(path))
            {
                throw new IOException($"{path}: {option.Name} would replace this file, which is an image. Choose another file.");
            }
        }
    }

    /// <summary>Whether a file that is asked for is the standard output, which then belongs to it alone.</summary>
    public static bool IsOutput(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<OptionResult>().Where(option => option.Option is OutputFile).SelectMany(Values).Any(output => IsOutput(output.Path));

    private static bool IsOutput(string path) => Path.GetFullPath(path) is "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1";

    /// <summary>Writes a file if it is asked for.</summary>
    public static void Save(string? path, Action<string> save)
    {
        if (path is not null)
        {
            save(path);
        }
    }

    /// <summary>Bytes of a file, of a link those of what it leads to; none of a pipe or a device.</summary>
    public static long SizeOf(string path) => new FileInfo(RealPath.Of(path)) is { Exists: true } file ? file.Length : 0;

    // NAME=FILE and KIND:FILE too.
    private static IEnumerable<(Option Option, string Path)> Values(OptionResult option) =>
        option.Tokens.Select(token => (option.Option, option.Option is OutputFile or OutputFolder || File.Exists(token.Value) ? token.Value : token.Value[(token.Value.AsSpan().IndexOfAny('=', ':') + 1)..]));

    private static bool IsPicture(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[SignatureBytes];
        return ImageReader.FormatOf(start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false))) is not null;
    }
}
