using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The classes of a segmentation network.</summary>
/// <param name="Names">Their names.</param>
/// <param name="Colors">Their colours as <c>#RRGGBB</c>; none if none were given.</param>
internal sealed record ClassList(ImmutableArray<string> Names, ImmutableArray<string> Colors)
{
    /// <summary>Classes without names of their own: <c>class 0</c>, <c>class 1</c>, ...</summary>
    public static ClassList Numbered(int count) => new([.. Enumerable.Range(0, count).Select(i => $"class {i}")], []);

    /// <summary>
    /// Classes without names of their own, where a network knows as many, are taken to be the same ones and get their names and colours.
    /// </summary>
    public ClassList NamedAs(DenseNetwork? network) =>
        network is { Task: DenseTask.Segmentation } known && known.ClassNames.Length == Names.Length && Names.SequenceEqual(Numbered(Names.Length).Names)
            ? new(known.ClassNames, known.Palette)
            : this;

    /// <summary>The first class that a network of as many calls by another name; null if there is none, or either's classes are only numbered.</summary>
    public int? FirstDifference(DenseNetwork network)
    {
        if (AreNumbers(Names) || AreNumbers(network.ClassNames))
        {
            return null;
        }

        int same = Names.AsSpan().CommonPrefixLength(network.ClassNames.AsSpan());
        return same < Names.Length ? same : null;
    }

    /// <summary>Reads what <c>--classes</c> was given: a number, or a file.</summary>
    /// <exception cref="InvalidDataException">The number or a line of the file is not right.</exception>
    public static ClassList Parse(string text)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count))
        {
            return Read(text);
        }

        return count is >= 2 and <= DenseNetwork.MaxClasses
            ? Numbered(count)
            : throw new InvalidDataException($"--classes is {count}; a segmentation network has from 2 to {DenseNetwork.MaxClasses} classes.");
    }

    /// <summary>The classes that the masks use: all up to the largest index.</summary>
    public static ClassList FromMasks(IEnumerable<ImagePair> pairs)
    {
        int largest = OrderedParallel.Map(pairs, Environment.ProcessorCount, LargestLabel).Max();
        return largest >= 1
            ? Numbered(largest + 1)
            : throw new InvalidDataException(
                "The masks hold no class above 0, so there is nothing to tell apart. Masks must hold class indices 0, 1, 2, ...; if the set is right, say --classes 2.");
    }

    // A pipeline's trainer calls them 0, 1, ... if it is not told names.
    private static bool AreNumbers(ImmutableArray<string> names) => names.SequenceEqual(Numbered(names.Length).Names)
        || names.Select((name, i) => name == i.ToString(CultureInfo.InvariantCulture)).All(isNumber => isNumber);

    private static int LargestLabel(ImagePair pair) =>
        MaskReader.ReadClassIndices(pair.MaskPath).Labels.Max(label => label == SegmentationMask.DefaultIgnoreIndex ? -1 : label);

    /// <summary>One name a line; a colour may follow after a tab.</summary>
    private static ClassList Read(string path)
    {
        string[] lines = [.. File.ReadLines(path).Take(DenseNetwork.MaxClasses + 2)];
        lines = lines is [.., ""] ? lines[..^1] : lines;
        if (lines.Length is < 2 or > DenseNetwork.MaxClasses)
        {
            throw new InvalidDataException(
                $"{path}: a list of classes has from 2 to {DenseNetwork.MaxClasses} lines, one name a line; this has {(lines.Length < 2 ? lines.Length : "more")}.");
        }

        Dictionary<string, int> rows = new(StringComparer.Ordinal);
        List<string?> colors = [];
        for (int row = 1; row <= lines.Length; row++)
        {
            string[] fields = lines[row - 1].Split('\t', StringSplitOptions.TrimEntries);
            if (fields[0].Length == 0 || fields.Length > 2)
            {
                throw new InvalidDataException($"{path}: line {row} is '{lines[row - 1]}'; it must be a name, and a colour #RRGGBB after a tab if you like.");
            }

            if (!rows.TryAdd(fields[0], row))
            {
                throw new InvalidDataException($"{path}: line {row} names the class '{fields[0]}' as line {rows[fields[0]]} does; names must differ.");
            }

            colors.Add(fields.Length == 2 ? Color(path, row, fields[1]) : null);
        }

        return new([.. rows.OrderBy(entry => entry.Value).Select(entry => entry.Key)], Complete(colors));
    }

    private static string Color(string path, int row, string text) => RgbColor.TryParse(text, out RgbColor color)
        ? color.ToString()
        : throw new InvalidDataException($"{path}: line {row}: '{text}' is no colour; write it as #RRGGBB, for example #804080.");

    private static ImmutableArray<string> Complete(List<string?> colors) =>
        colors.TrueForAll(color => color is null) ? [] : [.. colors.Select((color, i) => color ?? Palette.Default[i].ToString())];
}
