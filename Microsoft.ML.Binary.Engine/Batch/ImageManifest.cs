using System.Collections;
using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>
/// A file that lists images. <c>.csv</c> and <c>.tsv</c> are tables whose first line names the columns: <c>path</c> (or <c>image</c>,
/// <c>ImagePath</c>, <c>file</c>, in any case) and, if results are to have names of their own, <c>name</c>; other columns are left alone. Any other file has one path a
/// line. Relative paths start at the folder of the manifest; empty lines are skipped; the text is UTF-8.
/// </summary>
/// <remarks>
/// An image without a name of its own is called by its path without extension: from the folder of the manifest where it lies below it, else from the root
/// (<c>/data/a/b.jpg</c> is <c>data/a/b</c>). Nothing is kept but some 50 bytes an image while the file is checked: every walk reads it again.
/// </remarks>
public sealed class ImageManifest : IEnumerable<NamedFile>
{
    private const int MostNamed = 10;

    private readonly string _path;

    private ImageManifest(string path) => _path = path;

    /// <summary>Images in it.</summary>
    public int Count { get; private init; }

    /// <summary>Reads and checks the whole list. Images are not looked at.</summary>
    /// <param name="path">The manifest.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// It lists nothing, a table has no column of paths, or lines cannot be used; the message names the first ten of them, each by its number with what is wrong.
    /// </exception>
    /// <example><code>IEnumerable&lt;NamedFile&gt; quarter = ImageManifest.Open("images.csv").Where(new Shard(1, 4).Contains);</code></example>
    public static ImageManifest Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<string> problems = [];
        NameSet names = new();
        (int count, int bad) = (0, 0);
        foreach (ManifestLine line in ManifestLine.Read(path))
        {
            string? problem = line.Problem;
            if (problem is null && names.Add(line.Image!.Name, line.Number) is { } first)
            {
                problem = $"a second image named '{SafeText.OneLine(line.Image.Name)}', after line {first}; give both a name of their own in a column 'name'";
            }

            count++;
            if (problem is not null && ++bad <= MostNamed)
            {
                problems.Add($"line {line.Number}: {problem}");
            }
        }

        string more = bad > MostNamed ? $"; and {Plural.Of(bad - MostNamed, "more line")}" : "";
        return bad > 0 ? throw new InvalidDataException($"{path}: {string.Join("; ", problems)}{more}.")
            : count == 0 ? throw new InvalidDataException($"{path}: the manifest lists no image.")
            : new(path) { Count = count };
    }

    /// <summary>The images, in the order of the lines; read from the file as they are asked for.</summary>
    /// <exception cref="InvalidDataException">The file was changed since it was checked, and a line cannot be used any more or there are more of them.</exception>
    public IEnumerator<NamedFile> GetEnumerator()
    {
        int left = Count;
        foreach (ManifestLine line in ManifestLine.Read(_path))
        {
            yield return left-- > 0 && line.Image is { } image
                ? image
                : throw new InvalidDataException($"{_path}: line {line.Number}: {line.Problem ?? "one image more"}. The manifest was changed since it was checked.");
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>A line of a manifest that is not empty.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Image">What it lists; null where it cannot be used.</param>
/// <param name="Problem">Why it cannot be used.</param>
internal sealed record ManifestLine(int Number, NamedFile? Image, string? Problem)
{
    private static readonly string[] PathColumns = ["path", "image", "imagepath", "file"];

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IEnumerable<ManifestLine> Read(string path)
    {
        string folder = Path.GetDirectoryName(path) ?? "";
        char? separator = Path.GetExtension(path).ToUpperInvariant() switch { ".CSV" => ',', ".TSV" => '\t', _ => null };
        (int pathColumn, int nameColumn, int columns) = (-1, -1, 0);
        foreach ((int number, string? line) in Lines(path))
        {
            if (line is null || line.Contains('\0'))
            {
                yield return new(number, null, line is null ? "this is not UTF-8" : "a character of code 0");
            }
            else if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            else if (separator is null)
            {
                yield return Of(number, folder, line.Trim(), null);
            }
            else if (Fields(line, separator.Value) is not { } fields)
            {
                yield return new(number, null, "a quotation mark that is not closed, or with text behind it");
            }
            else if (columns == 0)
            {
                columns = fields.Count;
                (pathColumn, nameColumn) = (fields.FindIndex(IsPath), fields.FindIndex(field => field.Trim().Equals("name", StringComparison.OrdinalIgnoreCase)));
                if (pathColumn < 0)
                {
                    throw new InvalidDataException(
                        $"{path}: line {number}: no column is called {string.Join(" or ", PathColumns)}, only {string.Join(", ", fields.Select(SafeText.OneLine))}. "
                        + "The first line of a table names its columns; a list without columns ends in .txt.");
                }
            }
            else if (fields.Count != columns)
            {
                yield return new(number, null, $"{Plural.Of(fields.Count, "column")} where the first line has {columns}");
            }
            else
            {
                yield return Of(number, folder, fields[pathColumn].Trim(), nameColumn < 0 ? null : fields[nameColumn].Trim());
            }
        }

        static bool IsPath(string field) => PathColumns.Contains(field.Trim(), StringComparer.OrdinalIgnoreCase);
    }

    private static ManifestLine Of(int number, string folder, string path, string? name)
    {
        if (path.Length == 0)
        {
            return new(number, null, "no path");
        }

        if (name is not null && NameProblem(name) is { } problem)
        {
            return new(number, null, problem);
        }

        string joined = Path.Combine(folder, path);
        return new(number, new(name ?? NameOf(folder, joined), joined), null);
    }

    private static string? NameProblem(string name) =>
        name.Length == 0 ? "an empty name"
        : Path.IsPathRooted(name) || name.Split('/', '\\').Any(part => part is "" or "." or "..") || name.Any(char.IsControl)
            ? $"the name '{SafeText.OneLine(name)}' cannot be that of a result: it must be a relative path without '.' and '..'"
        : null;

    private static string NameOf(string folder, string path)
    {
        string full = Path.GetFullPath(path), below = Path.GetRelativePath(Path.GetFullPath(folder.Length > 0 ? folder : "."), full);
        bool isBelow = !Path.IsPathRooted(below) && below.Split(Path.DirectorySeparatorChar)[0] != "..";
        string name = isBelow ? below : full.Replace(":", "", StringComparison.Ordinal).TrimStart(Path.DirectorySeparatorChar);
        return Path.ChangeExtension(name, null).Replace(Path.DirectorySeparatorChar, '/');
    }

    /// <summary>The fields of a line, with quotation marks as in RFC 4180; null where they do not match.</summary>
    private static List<string>? Fields(string line, char separator)
    {
        List<string> fields = [];
        for (int at = 0; ;)
        {
            int end;
            if (at < line.Length && line[at] == '"')
            {
                end = at + 1;
                while ((end = line.IndexOf('"', end)) >= 0 && end + 1 < line.Length && line[end + 1] == '"')
                {
                    end += 2;
                }

                if (end < 0 || (end + 1 < line.Length && line[end + 1] != separator))
                {
                    return null;
                }

                fields.Add(line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
                end++;
            }
            else
            {
                end = line.IndexOf(separator, at) is >= 0 and var found ? found : line.Length;
                fields.Add(line[at..end]);
            }

            if (end == line.Length)
            {
                return fields;
            }

            at = end + 1;
        }
    }

    /// <summary>Lines with their numbers; null for one that is not UTF-8.</summary>
    private static IEnumerable<(int Number, string? Line)> Lines(string path)
    {
        // Latin-1 keeps every byte, so that a bad line is found by its number and the others are read.
        using StreamReader reader = new(path, Encoding.Latin1, detectEncodingFromByteOrderMarks: false);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            yield return (number, Decode(number == 1 && line.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal) ? line[3..] : line));
        }
    }

    private static string? Decode(string bytes)
    {
        if (Ascii.IsValid(bytes))
        {
            return bytes;
        }

        try
        {
            return Strict.GetString(Encoding.Latin1.GetBytes(bytes));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
