using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>The images, masks or predictions of a folder, and what else lies there. Nothing is opened.</summary>
internal sealed class FolderListing
{
    private const int MostNamed = 3, DeepestCount = 8;

    private readonly FolderRole _role;
    private readonly bool _recursive;
    private readonly HashSet<string> _visited;
    private readonly List<NamedFile> _files = [];
    private readonly List<(string Folder, int Count)> _subfolders = [];
    private readonly SortedDictionary<string, List<string>> _leftOut = new(StringComparer.Ordinal);

    private FolderListing(string folder, FolderRole role, bool recursive, IEnumerable<string> except)
    {
        (Folder, _role, _recursive) = (folder, role, recursive);
        _visited = RealPath.Set(except);
        _visited.Remove(RealPath.Of(folder));
        Walk(folder, "");
        _files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Path, b.Path));
    }

    public string Folder { get; }

    /// <summary>The files in ordinal order of their names, of which several may be equal.</summary>
    public IReadOnlyList<NamedFile> Files => _files;

    /// <summary>Lists a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="role">What its files are taken for.</param>
    /// <param name="recursive">Whether subfolders are read too.</param>
    /// <param name="except">Folders that are not read where they lie inside; the folder itself is read all the same.</param>
    /// <exception cref="IOException">The folder does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">It has no such file; the message says what it has.</exception>
    public static FolderListing Of(string folder, FolderRole role, bool recursive, IEnumerable<string> except)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw File.Exists(folder)
                ? new DirectoryNotFoundException($"{folder}: this is a file; name the folder of the {role.Name}s.")
                : new DirectoryNotFoundException($"{folder}: the {role.Name} folder does not exist.");
        }

        FolderListing listing = new(folder, role, recursive, except);
        return listing._files.Count > 0 ? listing : throw listing.Empty();
    }

    /// <summary>Says what was left out.</summary>
    public void ReportLeftOut(Action<string>? report)
    {
        foreach (string sentence in report is null ? [] : LeftOut())
        {
            report!($"{Folder}: left out {sentence}.");
        }
    }

    /// <summary>A file of this name that is there but is not taken, with the reason.</summary>
    public string? RefusedNamesake(string name)
    {
        string[] namesakes = [.. _leftOut.Values.SelectMany(paths => paths).Where(path => Path.ChangeExtension(path, null) == name)];
        return namesakes is [var path, ..] && _role.Refusal(path) is var (format, reason) ? $"There is {path}, but {format} files are not taken for {_role.Name}s: {reason}." : null;
    }

    /// <summary>The first few of many, and how many there are beside them.</summary>
    public static string Few(IReadOnlyList<string> names) => string.Join(", ", names.Take(MostNamed))
        + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");

    private void Walk(string folder, string prefix)
    {
        if (!_visited.Add(RealPath.Of(folder)))
        {
            return;
        }

        foreach (string path in Entries(folder))
        {
            string file = Path.GetFileName(path), name = prefix + Path.GetFileNameWithoutExtension(path);
            if (Directory.Exists(path))
            {
                if (_recursive && !file.StartsWith('.'))
                {
                    Walk(path, $"{prefix}{file}/");
                }
                else if (!_recursive && !file.StartsWith('.') && !IsKnown(path) && CountIn(path) is > 0 and var count)
                {
                    _subfolders.Add((file, count));
                }
            }
            else if (file.StartsWith('.') || !_role.Takes(path))
            {
                LeaveOut(path, file.StartsWith('.') ? "hidden" : _role.Refusal(path) is var (format, reason) ? $"{format} {reason}" : "");
            }
            else if (FileKind.IsBrokenLink(path))
            {
                LeaveOut(path, "broken");
            }
            else if (!FileKind.IsRegular(path))
            {
                LeaveOut(path, "special");
            }
            else
            {
                _files.Add(new(name, path));
            }
        }

        void LeaveOut(string path, string reason)
        {
            if (!_leftOut.TryGetValue(reason, out List<string>? paths))
            {
                _leftOut[reason] = paths = [];
            }

            paths.Add(prefix + Path.GetFileName(path));
        }
    }

    /// <summary>Whether a folder is one of those that do not count, or the listed one itself.</summary>
    private bool IsKnown(string folder) => _visited.Contains(RealPath.Of(folder));

    private static IEnumerable<string> Entries(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{folder}: the folder cannot be listed. Change its permissions.", e);
        }
    }

    private int CountIn(string folder) => Directory.EnumerateFiles(folder, "*", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = DeepestCount,
        IgnoreInaccessible = true,
    }).Count(_role.Takes);

    private IEnumerable<string> LeftOut()
    {
        foreach ((string reason, List<string> paths) in _leftOut)
        {
            string names = Few(paths);
            yield return reason switch
            {
                "" => $"{Plural.Of(paths.Count, "file")} that {Are(paths.Count)} no {_role.Name}: {names}",
                "hidden" => $"{Plural.Of(paths.Count, "hidden file")}: {names}",
                "broken" => $"{Plural.Of(paths.Count, "link")} that {(paths.Count == 1 ? "leads" : "lead")} nowhere: {names}",
                "special" => $"{Plural.Of(paths.Count, "entry", "entries")} that {Are(paths.Count)} a pipe, a socket or a device: {names}",
                _ => $"{Plural.Of(paths.Count, $"{_role.Refusal(paths[0])!.Value.Format} file")} ({names}): {_role.Refusal(paths[0])!.Value.Reason}",
            };
        }

        if (_subfolders.Count > 0)
        {
            string folders = Few([.. _subfolders.Select(folder => $"{folder.Folder} with {_role.Count(folder.Count)}")]);
            yield return $"{(_subfolders.Count == 1 ? "the subfolder" : "the subfolders")} {folders}; to read them too, say so (--recursive; Recursive = true)";
        }

        static string Are(int count) => count == 1 ? "is" : "are";
    }

    private InvalidDataException Empty()
    {
        string[] there = [.. LeftOut()];
        string[] entries = Directory.GetFileSystemEntries(Folder);
        string what = there.Length > 0 ? $" It holds {string.Join("; it holds ", there)}."
            : _recursive || entries.Length == 0 || entries.Any(IsKnown) ? "" : " It holds only empty folders.";
        return new($"{Folder}: the {_role.Name} folder has no file with one of the extensions {string.Join(", ", _role.Extensions)}.{what}");
    }
}
