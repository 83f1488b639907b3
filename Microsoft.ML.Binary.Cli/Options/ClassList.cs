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
    /// <summary>What colours mean in masks that store them; null if no colours were given.</summary>
    public MaskColors? MaskColors { get; init; }

    /// <summary>What the colours of a network's classes mean in masks; null where it has none, or two classes have one colour.</summary>
    public static MaskColors? ColorsOf(ImmutableArray<string> palette) => !palette.IsDefaultOrEmpty && palette.Distinct(StringComparer.OrdinalIgnoreCase).Count() == palette.Length
        ? new(palette.Select(color => (RgbColor?)RgbColor.Parse(color)))
        : null;

    /// <summary>Classes without names of their own: <c>class 0</c>, <c>class 1</c>, ...</summary>
    public static ClassList Numbered(int count) => new([.. Enumerable.Range(0, count).Select(i => $"class {i}")], []);

    /// <summary>
    /// Classes without names of their own, where a network knows as many, are taken to be the same ones and get their names and colours.
    /// </summary>
    public ClassList NamedAs(DenseNetwork? network) =>
        network is { Task.HasClasses: true } known && known.ClassNames.Length == Names.Length && Names.SequenceEqual(Numbered(Names.Length).Names)
            ? new(known.ClassNames, known.Palette)
            : this;

    /// <summary>Whether classes are only numbered: <c>class 0</c>, <c>class 1</c>, ..., or 0, 1, ... as a pipeline's trainer calls them if it is not told names.</summary>
    public static bool AreNumbers(ImmutableArray<string> names) => names.SequenceEqual(Numbered(names.Length).Names)
        || names.Select((name, i) => name == i.ToString(CultureInfo.InvariantCulture)).All(isNumber => isNumber);

    /// <summary>The first class that another list of as many calls by another name; null if there is none, or the classes of either are only numbered.</summary>
    public int? FirstDifference(ImmutableArray<string> others)
    {
        if (AreNumbers(Names) || AreNumbers(others))
        {
            return null;
        }

        int same = Names.AsSpan().CommonPrefixLength(others.AsSpan());
        return same < Names.Length ? same : null;
    }

    /// <summary>Checks that two may be measured by the same masks: as many classes, and in the same order where both have names.</summary>
    /// <exception cref="InvalidDataException">They may not; the message names both.</exception>
    public static void CheckSame(string first, ImmutableArray<string> classes, string second, ImmutableArray<string> others)
    {
        if (classes.Length != others.Length)
        {
            throw new InvalidDataException($"{second} cannot be compared with {first}: it has {others.Length} classes, not {classes.Length}.");
        }

        if (new ClassList(classes, []).FirstDifference(others) is { } index)
        {
            throw new InvalidDataException($"{second} cannot be compared with {first}: its class {index} is '{others[index]}', not '{classes[index]}', and both need the same classes in the same order.");
        }
    }

    /// <summary>Reads what <c>--classes</c> was given beside models, which have their own: it can only say what colours in the masks mean.</summary>
    /// <exception cref="ArgumentException">It gives no colours, or its classes are not those of a model.</exception>
    public static ClassList Beside(string text, params IEnumerable<(string Name, ImmutableArray<string> Classes)> models)
    {
        ClassList classes = Parse(text);
        if (classes.MaskColors is null)
        {
            throw new ArgumentException($"--classes is {text}, and a model has its own classes; beside --model it may be a file of the same classes with the colours that masks store.");
        }

        foreach ((string name, ImmutableArray<string> own) in models)
        {
            if (!own.SequenceEqual(classes.Names))
            {
                throw new ArgumentException($"{text}: these are not the classes of {name}, which are {string.Join(", ", own)}.");
            }
        }

        return classes;
    }

    /// <summary>Reads what <c>--classes</c> was given: a number, or a file.</summary>
    /// <exception cref="InvalidDataException">The number or a line of the file is not right.</exception>
    public static ClassList Parse(string text)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count))
        {
            return File.Exists(text) ? ClassFile.Read(text)
                : throw new FileNotFoundException(
                    Directory.Exists(text) ? $"{text}: --classes takes a number or a file, and this is a folder."
                    : $"{text}: --classes takes the number of classes, or a file with one class name per line, and there is no file of this name.", text);
        }

        return count is >= 2 and <= DenseNetwork.MaxClasses
            ? Numbered(count)
            : throw new InvalidDataException($"--classes is {count}; a segmentation network has from 2 to {DenseNetwork.MaxClasses} classes.");
    }

    /// <summary>The classes that the masks use: all up to the largest index.</summary>
    /// <param name="pairs">The masks.</param>
    /// <param name="forTraining">Whether they are to be learned from; what is measured on may hold one class or gray levels, and masks that cannot be read, which fail again where they are measured on.</param>
    /// <exception cref="InvalidDataException">The masks to learn from hold one class only, or gray levels instead of class indices.</exception>
    public static ClassList FromMasks(IEnumerable<ImagePair> pairs, bool forTraining = true)
    {
        long[] counts = new long[256];
        MaskSurvey survey = MaskSurvey.OfClasses(Numbered(2).Names);
        Failures unread = new(endsAtFirst: forTraining);
        foreach (Outcome<SegmentationMask> one in OrderedParallel.Map(
            pairs, Environment.ProcessorCount, pair => unread.Try(pair.MaskPath, () => MaskReader.ReadClassIndices(pair.MaskPath))))
        {
            if (one.Value is { } mask)
            {
                survey.Add(mask.Labels);
                counts = [.. counts.Zip(mask.CountLabels(), (sum, count) => sum + count)];
            }
        }

        int largest = Array.FindLastIndex(counts, SegmentationMask.DefaultIgnoreIndex - 1, count => count > 0);
        if (largest < 1)
        {
            // Says what the masks look like: nothing but 0, or 255 beside it.
            survey.Check(forTraining);
        }

        int[] used = [.. Enumerable.Range(0, largest + 1).Where(label => counts[label] > 0)];
        return forTraining && AreGrayLevels(counts, used)
            ? throw new InvalidDataException(
                $"The masks hold the values {string.Join(", ", used.Take(6))}{(used.Length > 6 ? $", ... {largest}" : "")}, which look like gray levels, not class indices 0, 1, 2, ... "
                + $"Give each class its index, or take the task for saliency if the masks show one object (--task saliency). If they are class indices, say so with --classes {largest + 1}.")
            : Numbered(Math.Max(largest, 1) + 1);
    }

    // Few values with wide gaps; or black and white with soft edges, in which white, 255, would be ignored.
    private static bool AreGrayLevels(long[] counts, int[] used) =>
        (used[^1] >= 64 && 4 * used.Length <= used[^1] + 1)
        || (used[^1] >= 192 && counts[255] > 0 && 2 * (counts[0] + counts[255]) > counts.Sum());
}
