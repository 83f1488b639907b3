namespace Microsoft.ML.Binary.Files;

/// <summary>Where a path leads: absolute, with all links followed, also those of the folders on the way.</summary>
/// <example>
/// <code>
/// if (RealPath.AreSame(args[0], args[1]))                                 // also where one is a link to the other
/// {
///     throw new ArgumentException($"The masks would overwrite the images in {RealPath.Of(args[0])}.");
/// }
/// </code>
/// </example>
public static class RealPath
{
    private const int MostLinks = 64;

    private static StringComparer Names => OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>The real path; parts that do not exist are kept as they are.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path), current = Path.GetPathRoot(full)!;
        Stack<string> ahead = new(Parts(full[current.Length..]));
        for (int links = 0; ahead.TryPop(out string? part);)
        {
            string next = part == ".." ? Path.GetDirectoryName(current) ?? current : part == "." ? current : Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path}: its links lead in a circle.");
            }

            string root = Path.GetPathRoot(target) ?? "";
            current = root.Length == 0 ? current : Path.IsPathFullyQualified(target) ? root : Path.GetPathRoot(current)!;
            foreach (string linked in Parts(target[root.Length..]))
            {
                ahead.Push(linked);
            }
        }

        return current;
    }

    /// <summary>The file that a path leads to: of a link, size and time of what is behind it, and not its own.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    internal static FileInfo FileOf(string path) => new FileInfo(path) is { LinkTarget: null } file ? file : new(Of(path));

    /// <summary>Whether two paths lead to one place.</summary>
    public static bool AreSame(string first, string second) => Names.Equals(Of(first), Of(second));

    /// <summary>A set of real paths.</summary>
    public static HashSet<string> Set(IEnumerable<string> paths) => new(paths.Select(Of), Names);

    // The last part first, as a stack wants them.
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();
}
