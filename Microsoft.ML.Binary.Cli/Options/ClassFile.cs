using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>
/// Reads a list of classes: one name per line, and a colour <c>#RRGGBB</c> after it if wanted. A line named 255 gives a colour that masks have where
/// pixels are to be ignored. Blanks around names and empty lines at the end do not count; what is not UTF-8 is taken for Latin-1.
/// </summary>
internal static partial class ClassFile
{
    private const int MaxBytes = 1 << 20, MaxNameLength = 256;

    private static readonly string Ignored = SegmentationMask.DefaultIgnoreIndex.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="InvalidDataException">A line is not right; the message names it.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static ClassList Read(string path)
    {
        string[] lines = Lines(path);
        Dictionary<string, int> rows = new(StringComparer.Ordinal);
        List<RgbColor?> colors = [];
        List<(int Row, RgbColor Color)> ignored = [];
        for (int row = 1; row <= lines.Length; row++)
        {
            (string name, RgbColor? color) = Parse(path, row, lines[row - 1]);
            if (name == Ignored && color is { } meaningless)
            {
                ignored.Add((row, meaningless));
                continue;
            }

            if (!rows.TryAdd(name, row))
            {
                throw new InvalidDataException($"{path}: line {row} names the class '{name}' as line {rows[name]} does; names must differ.");
            }

            colors.Add(color);
        }

        if (rows.Count is < 2 or > DenseNetwork.MaxClasses)
        {
            throw new InvalidDataException(
                $"{path}: a list of classes has from 2 to {DenseNetwork.MaxClasses} lines, one name per line; this has {(rows.Count < 2 ? rows.Count : "more")}.");
        }

        ImmutableArray<string> names = [.. rows.OrderBy(entry => entry.Value).Select(entry => entry.Key)];
        if (colors.TrueForAll(color => color is null))
        {
            return ignored is not [var first, ..] ? new(names, []) : throw new InvalidDataException(
                $"{path}: line {first.Row} gives the colour {first.Color} to pixels to ignore, but no class has a colour. Write the colours that the classes have in masks after their names, "
                + $"or leave this line out: in masks of class indices, {Ignored} is ignored anyway.");
        }

        return new(names, [.. colors.Select((color, i) => (color ?? Palette.Default[i]).ToString())]) { MaskColors = MaskColors(path, colors, ignored.Select(one => one.Color)) };
    }

    private static MaskColors MaskColors(string path, List<RgbColor?> colors, IEnumerable<RgbColor> ignored)
    {
        try
        {
            return new(colors, ignored);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{path}: {ErrorText.Of(e)}", e);
        }
    }

    private static (string Name, RgbColor? Color) Parse(string path, int row, string line)
    {
        string[] fields = line.Split('\t', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields is [var whole] && whole.LastIndexOf(' ') is > 0 and var blank && RgbColor.TryParse(whole[(blank + 1)..], out _))
        {
            fields = [whole[..blank].TrimEnd(), whole[(blank + 1)..]];
        }

        if (fields.Length is 0 or > 2)
        {
            throw new InvalidDataException($"{path}: line {row} is '{line}'; it must be a name, and a colour #RRGGBB after a tab if you like.");
        }

        if (fields[0].Length > MaxNameLength || fields[0].Any(char.IsControl))
        {
            throw new InvalidDataException($"{path}: line {row}: a class name has at most {MaxNameLength} characters, and no control characters.");
        }

        CheckNotation(path, row, line.Trim());
        return (fields[0], fields.Length == 1 ? null
            : RgbColor.TryParse(fields[1], out RgbColor color) ? color
            : throw new InvalidDataException($"{path}: line {row}: '{fields[1]}' is no colour; write it as #RRGGBB, for example #804080."));
    }

    // Lists of other tools, whose lines would be names like any other.
    private static void CheckNotation(string path, int row, string line)
    {
        if (line.StartsWith("# ", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: line {row} is '{line}', a comment, and every line is a class. Leave it out.");
        }

        if (line == "__ignore__")
        {
            throw new InvalidDataException($"{path}: line {row} is '{line}', and every line is a class, the first of index 0. Leave it out: in masks, {Ignored} is ignored anyway.");
        }

        if (ColorElsewhere().Match(line) is { Success: true, Groups: var parts })
        {
            string color = parts["hex"].Success ? parts["hex"].Value : "#RRGGBB";
            throw new InvalidDataException($"{path}: line {row} is '{line}'; a colour stands after a tab, as #RRGGBB: '{parts["name"].Value}', a tab, '{color}'.");
        }
    }

    // NAME,#RRGGBB and NAME,R,G,B with any of , ; : between them; and NAME:R,G,B:parts:actions, in which all but the name may be empty.
    [GeneratedRegex(@"^(?<name>.*?)\s*(?:[,;:]\s*(?<hex>#[0-9A-Fa-f]{6})|[,;:]\s*[0-9]{1,3}\s*[,;]\s*[0-9]{1,3}\s*[,;]\s*[0-9]{1,3}(?::[^:]*:[^:]*)?|::[^:]*:[^:]*)$")]
    private static partial Regex ColorElsewhere();

    private static string[] Lines(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: {(Directory.Exists(path) ? "this is a folder" : "there is no file of this name")}; a list of classes is a text file with one class name per line.", path);
        }

        if (!FileKind.IsRegular(path) || OutputFile.SizeOf(path) > MaxBytes)
        {
            throw new InvalidDataException($"{path}: this is no list of classes, which is a text file of at most {MaxBytes / 1024} KB with one class name per line.");
        }

        string[] lines = Text(File.ReadAllBytes(path)).ReplaceLineEndings("\n").Split('\n');
        int count = 1 + Array.FindLastIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        return lines[..count];
    }

    private static string Text(byte[] bytes)
    {
        try
        {
            using StreamReader reader = new(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
