using System.CommandLine;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>An option that names a folder to write into, made if there is none. <see cref="OutputFile.Check"/> looks at it before the command begins.</summary>
internal sealed class OutputFolder : Option<string>
{
    private readonly string[] _files;

    /// <param name="name">Name of the option.</param>
    /// <param name="description">For the help.</param>
    /// <param name="files">Files that the command puts there at its end, which may replace earlier ones.</param>
    public OutputFolder(string name, string description, params string[] files)
        : base(name)
    {
        _files = files;
        HelpName = "DIR";
        Description = description;
        CommandOption.RequireText(this);
        Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value == "-"))
            {
                result.AddError($"{name} is '-', which is no folder; write ./- for one of that name.");
            }
        });
    }

    /// <summary>Endings of the files that the command puts there under names that only its work tells, so that none of them may be read from there.</summary>
    public string[] Endings { get; init; } = [];

    /// <summary>Whether the command may write over a file.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="file">The file.</param>
    public bool MayReplace(string path, string file)
    {
        string real = RealPath.Of(file), name = Path.GetFileName(real);
        return RealPath.AreSame(Path.GetDirectoryName(real) ?? real, path)
            && (_files.Contains(name, StringComparer.OrdinalIgnoreCase) || Endings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>That no file has the folder's name, and that files can be written into it, or it can be made.</summary>
    /// <exception cref="IOException">One of that does not hold; the message names option and folder.</exception>
    public void Check(string path)
    {
        for (string? folder = Path.GetFullPath(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(folder))
            {
                throw new IOException($"{path}: {Name} names a folder, and {(folder == Path.GetFullPath(path) ? "this" : folder)} is a file. Choose another folder.");
            }

            if (Directory.Exists(folder))
            {
                foreach (string file in folder == Path.GetFullPath(path) && _files.Length > 0 ? _files : [Path.GetRandomFileName()])
                {
                    AtomicFile.CheckWritable(Path.Combine(folder, file));
                }

                return;
            }
        }
    }
}
