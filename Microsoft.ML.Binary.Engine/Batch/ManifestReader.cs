using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>A line of a manifest that is not empty.</summary>
/// <param name="Image">What it lists; null where it cannot be used.</param>
/// <param name="Problem">Why it cannot be used.</param>
internal readonly record struct ManifestLine(NamedFile? Image, string? Problem);

/// <summary>
/// Walks over the lines of a manifest that are not empty. Text is made only of lines that are asked for: where many workers share a manifest, each walks over all of it and
/// needs few lines.
/// </summary>
internal sealed class ManifestReader : IDisposable
{
    private const byte Slash = (byte)'/', Dot = (byte)'.', Space = (byte)' ';

    private static readonly string[] PathColumns = ["path", "image", "imagepath", "file"];

    // With one of these a name may be another than its bytes say, or none: quotation marks, separators of Windows, control characters (C2 begins some of two bytes).
    private static readonly byte[] UnusualBytes = [.. Enumerable.Range(0, Space).Select(code => (byte)code), (byte)'"', (byte)'\\', (byte)':', 0x7F, 0xC2];

    private static readonly SearchValues<byte> Unusual = SearchValues.Create(UnusualBytes), UnusualBetweenTabs = SearchValues.Create([.. UnusualBytes.Where(code => code != '\t')]);

    private readonly string _path, _folder;

    private readonly char? _separator;

    private readonly ByteLineReader _lines;

    private int _pathColumn = -1, _nameColumn = -1, _columns;

    public ManifestReader(string path)
    {
        (_path, _folder) = (path, Path.GetDirectoryName(path) ?? "");
        _separator = Path.GetExtension(path).ToUpperInvariant() switch { ".CSV" => ',', ".TSV" => '\t', _ => null };
        _lines = new(path);
    }

    /// <summary>The number of the line, from 1.</summary>
    public int Number => _lines.Number;

    /// <summary>Goes to the next line that is not empty; the first line of a table is read too.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="InvalidDataException">The first line of a table names no column of paths.</exception>
    public bool Read()
    {
        while (_lines.Read())
        {
            if (!IsBlank(_lines.Line) && !IsHead())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name of the image of this line in UTF-8, without making any text, where it can be told easily: of an ordinary relative path, or an ordinary name.</summary>
    /// <param name="name">The name, until the next line is read.</param>
    /// <returns>Whether it could be told; if not, <see cref="Parse"/> can.</returns>
    public bool TryGetName(out ReadOnlySpan<byte> name)
    {
        name = default;
        ReadOnlySpan<byte> line = _lines.Line, path = line;
        if (line.ContainsAny(_separator == '\t' ? UnusualBetweenTabs : Unusual) || !Utf8.IsValid(line))
        {
            return false;
        }

        if (_separator is { } separator)
        {
            int column = 0;
            foreach (Range field in line.Split((byte)separator))
            {
                path = column == _pathColumn ? line[field] : path;
                name = column == _nameColumn ? line[field] : name;
                column++;
            }

            if (column != _columns)
            {
                return false;
            }
        }

        if (_nameColumn >= 0)
        {
            return IsOrdinary(name) && IsOrdinary(path);
        }

        name = path[(path.LastIndexOf(Slash) + 1)..].LastIndexOf(Dot) is >= 0 and var end ? path[..(path.LastIndexOf(Slash) + 1 + end)] : path;
        return IsOrdinary(path);
    }

    /// <summary>What the line lists.</summary>
    public ManifestLine Parse() =>
        Text(_lines.Line) is not { } line ? Unusable("this is not UTF-8")
        : line.Contains('\0') ? Unusable("a character of code 0")
        : _separator is null ? Of(line.Trim(), null)
        : Fields(line, _separator.Value) is not { } fields ? Unusable("a quotation mark that is not closed, or with text behind it")
        : fields.Count != _columns ? Unusable($"{Plural.Of(fields.Count, "column")} where the first line has {_columns}")
        : Of(fields[_pathColumn].Trim(), _nameColumn < 0 ? null : fields[_nameColumn].Trim());

    public void Dispose() => _lines.Dispose();

    private static ManifestLine Unusable(string problem) => new(null, problem);

    private static string? Text(ReadOnlySpan<byte> line) => Utf8.IsValid(line) ? Encoding.UTF8.GetString(line) : null;

    private static bool IsBlank(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line.TrimStart(" \t\v\f"u8);
        return rest.IsEmpty || (rest[0] > 0x7F && Text(rest) is { } text && string.IsNullOrWhiteSpace(text));
    }

    /// <summary>A path or name that is taken as it stands: relative, without space around it, and without parts that are empty or begin or end as <c>.</c> and <c>..</c> do.</summary>
    private static bool IsOrdinary(ReadOnlySpan<byte> path) =>
        !path.IsEmpty && path[0] is > Space and <= 0x7F and not (Slash or Dot) && path[^1] is > Space and <= 0x7F and not (Slash or Dot)
        && path.IndexOf("//"u8) < 0 && path.IndexOf("/."u8) < 0 && path.IndexOf("./"u8) < 0 && path.IndexOf(" /"u8) < 0;

    /// <summary>Reads the first line of a table.</summary>
    private bool IsHead()
    {
        if (_separator is null || _columns > 0 || Text(_lines.Line) is not { } line || line.Contains('\0') || Fields(line, _separator.Value) is not { } fields)
        {
            return false;
        }

        _columns = fields.Count;
        _pathColumn = fields.FindIndex(field => PathColumns.Contains(field.Trim(), StringComparer.OrdinalIgnoreCase));
        _nameColumn = fields.FindIndex(field => field.Trim().Equals("name", StringComparison.OrdinalIgnoreCase));
        return _pathColumn >= 0
            ? true
            : throw new InvalidDataException(
                $"{_path}: line {Number}: no column is called {string.Join(" or ", PathColumns)}, only {string.Join(", ", fields.Select(SafeText.OneLine))}. "
                + "The first line of a table names its columns; a list without columns ends in .txt.");
    }

    private ManifestLine Of(string path, string? name)
    {
        if (path.Length == 0)
        {
            return Unusable("no path");
        }

        if (name is not null && NameProblem(name) is { } problem)
        {
            return Unusable(problem);
        }

        string joined = Path.Combine(_folder, path);
        return new(new(name ?? NameOf(_folder, joined), joined), null);
    }

    private static string? NameProblem(string name) =>
        ResultName.ProblemOf(name, '/', '\\') ?? (name.Any(char.IsControl) ? $"the name '{SafeText.OneLine(name)}' has a tab or another control character" : null);

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
}
