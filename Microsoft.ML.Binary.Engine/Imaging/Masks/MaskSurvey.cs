using System.Globalization;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Looks at the masks of a set as a whole, because a mask that is meant otherwise than it is read is no error in itself: 0 and 1 read as gray
/// values are a black picture, and 255 read as a class index is ignored. Not thread-safe.
/// </summary>
/// <example>
/// <code>
/// MaskSurvey survey = MaskSurvey.OfClasses(["background", "inside", "contour"]);
/// foreach (ImagePair pair in ImageFolder.Pair("images", "masks"))
/// {
///     survey.Add(MaskReader.ReadClassIndices(pair.MaskPath).Labels);
/// }
///
/// survey.Check(forTraining: true);                                        // an error where the set cannot be meant so
/// Console.WriteLine(string.Join('\n', survey.Warnings));
/// </code>
/// </example>
public sealed class MaskSurvey
{
    private const int FewLevels = 64, BrightEnough = 192;

    private const double MuchBetween = 0.25, Nearly = 0.9;

    // Of masks whose classes nobody has listed.
    private static readonly string[] Unlisted = [.. Enumerable.Range(0, 256).Select(label => label.ToString(CultureInfo.InvariantCulture))];

    private readonly IReadOnlyList<string>? _classNames;
    private readonly int? _ignored;
    private readonly long[] _counts = new long[256];
    private long _masks, _withObject;

    private MaskSurvey(IReadOnlyList<string>? classNames, int? ignored) => (_classNames, _ignored) = (classNames, ignored);

    /// <summary>A survey of masks of class indices.</summary>
    /// <param name="classNames">The classes, by index.</param>
    /// <param name="ignoreIndex">The label of pixels without a class; null if all have one.</param>
    public static MaskSurvey OfClasses(IReadOnlyList<string> classNames, int? ignoreIndex = SegmentationMask.DefaultIgnoreIndex)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        return new(classNames, ignoreIndex);
    }

    /// <summary>A survey of saliency masks, object above <see cref="SaliencyMask.Threshold"/>.</summary>
    public static MaskSurvey OfSaliency() => new(null, null);

    /// <summary>A survey of masks of any class indices, of which none is missed.</summary>
    /// <param name="ignoreIndex">The label of pixels without a class.</param>
    internal static MaskSurvey OfLabels(int ignoreIndex) => new(Unlisted, ignoreIndex);

    /// <summary>
    /// What is likely to be wrong, a sentence or two each, with what to do about it: a class without a pixel, most pixels ignored, masks without
    /// an object, gray levels that are neither black nor white. Empty for an ordinary set.
    /// </summary>
    public IReadOnlyList<string> Warnings => [.. _masks == 0 ? [] : _classNames is null ? SaliencyWarnings() : ClassWarnings(_classNames)];

    private long Ignored => _ignored is { } label ? _counts[label] : 0;

    private string Masks => _masks == 1 ? "the mask" : $"the {Plural.Of(_masks, "mask")}";

    /// <summary>Looks at a mask.</summary>
    /// <param name="mask">Its values.</param>
    public void Add(ReadOnlySpan<byte> mask)
    {
        long[] counts = _counts;
        long before = Objects();
        foreach (byte value in mask)
        {
            counts[value]++;
        }

        _masks++;
        _withObject += Objects() > before ? 1 : 0;
    }

    /// <summary>Adds what another survey of the same kind has seen.</summary>
    public void Merge(MaskSurvey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int value = 0; value < _counts.Length; value++)
        {
            _counts[value] += other._counts[value];
        }

        _masks += other._masks;
        _withObject += other._withObject;
    }

    /// <summary>The same survey where the classes are known by other names, or fewer of them.</summary>
    internal MaskSurvey WithClasses(IReadOnlyList<string> classNames)
    {
        MaskSurvey survey = new(classNames, _ignored);
        survey.Merge(this);
        return survey;
    }

    /// <summary>Refuses a set of which any figure would be nonsense.</summary>
    /// <param name="forTraining">Whether the masks are to be learned from. A set that shows one thing only can be measured on, but not learned from.</param>
    /// <exception cref="InvalidDataException">The set cannot be meant as it is; the message says what it probably is and what would be right.</exception>
    public void Check(bool forTraining)
    {
        string? problem = _masks == 0 ? null : _classNames is null ? SaliencyProblem(forTraining) : ClassProblem(_classNames, forTraining);
        if (problem is not null)
        {
            throw new InvalidDataException(problem);
        }
    }

    private string? ClassProblem(IReadOnlyList<string> names, bool forTraining)
    {
        int[] present = PresentClasses(names);
        if (present.Length == 0)
        {
            return $"Every pixel of {Masks} has the ignored label {_ignored}; there is nothing to learn from or to measure on."
                + (_ignored == SegmentationMask.DefaultIgnoreIndex ? " Where shapes are in the alpha channel (transparency), which is not read, save that as a gray picture of class indices." : "");
        }

        if (present is [0] && _ignored == SegmentationMask.DefaultIgnoreIndex && Ignored > 0)
        {
            return $"The only values in {Masks} are 0 and 255, and 255 means 'ignore', so that nothing but '{names[0]}' is left. They look like black-and-white masks: store the object as 1 "
                + $"(divide the values by 255), or {(names == Unlisted ? "say that they show objects, or the edges themselves (EdgeSource)" : "take the task for what it then is, saliency (--task saliency; ml.Saliency with MaskKind.Saliency)")}.";
        }

        return present.Length == 1 && forTraining
            ? $"Every labelled pixel of {Masks} is of class {Name(names, present[0])}, so there is nothing to tell apart. Masks must hold class indices 0, 1, 2, ..., of which at least two occur."
            : null;
    }

    private IEnumerable<string> ClassWarnings(IReadOnlyList<string> names)
    {
        int[] present = PresentClasses(names), absent = [.. Enumerable.Range(0, names.Count).Where(c => c != _ignored && _counts[c] == 0)];
        if (absent.Length > 0 && present.Length > 0 && names != Unlisted)
        {
            string list = string.Join(", ", absent.Take(5).Select(c => Name(names, c))) + (absent.Length > 5 ? $" and {absent.Length - 5} more" : "");
            bool haveGaps = present[^1] >= present.Length;
            string likely = present.Length >= 2 && haveGaps && names.Count >= 2 * present.Length && absent.Length > 2
                ? $"The values {Levels(present)} look like gray levels rather than class indices, which count up from 0."
                : absent is [0] ? "Perhaps the indices begin at 1: subtract 1, or make 0 the label to ignore (255)."
                : "What is not shown is not learned, and in evaluations it counts as 0 in mean IoU and Dice if it is predicted anywhere, and is left out of means if not. Is the list of classes that of another data set?";
            yield return $"No pixel of {Masks} is of {(absent.Length == 1 ? "class" : $"{absent.Length} classes:")} {list}. {likely}";
        }

        long all = _counts.Sum(), ignored = Ignored;
        if (2 * ignored > all)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * ignored / all:0.#} % of the pixels of {Masks} have the ignored label {_ignored} and count for nothing. If {_ignored} is a class here, or the background, give it an index of its own.");
        }
    }

    private string? SaliencyProblem(bool forTraining)
    {
        int[] levels = PresentLevels();
        if (_withObject > 0 && AreIndicesWithIgnored())
        {
            return $"The values of {Masks} are {Levels(levels)}: class indices, it seems, with 255 for pixels to ignore, which alone would be the object. "
                + "Make the object white (255) and all else black (0), or train or evaluate a segmentation (--task segmentation; MaskKind.ClassIndices).";
        }

        if (_withObject > 0)
        {
            return forTraining && levels[0] > SaliencyMask.Threshold
                ? $"Every pixel of {Masks} is object (above {SaliencyMask.Threshold}), so there is nothing to tell apart."
                : null;
        }

        string none = $"No pixel of {Masks} is object: object is what is above {SaliencyMask.Threshold}, and the largest value is {levels[^1]}.";
        return levels is [0]
            ? forTraining ? $"{none} The masks are black, or have 16-bit values so low that they are nearly; there is nothing to learn from." : null
            : $"{none} {Looks(levels)}";
    }

    private IEnumerable<string> SaliencyWarnings()
    {
        int[] levels = PresentLevels();
        long objects = Objects(), all = _counts.Sum(), bright = all - _counts[0], between = bright - _counts[255];
        if (levels is [0])
        {
            yield return $"No pixel of {Masks} is object, all are black, so that most measures are 0 by definition.";
        }
        else if (_withObject > 0 && (levels[^1] < BrightEnough || (levels.Length <= FewLevels && between > MuchBetween * bright)))
        {
            yield return $"The values of {Masks} are {Levels(levels)}: many are neither black nor white. {Looks(levels)}";
        }
        else if (objects > Nearly * all)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{100.0 * objects / all:0.#} % of the pixels of {Masks} are object. Are black and white the wrong way round?");
        }

        if (_withObject > 0 && 2 * _withObject < _masks)
        {
            yield return $"{_masks - _withObject} of {Masks} show no object.";
        }
    }

    // Low values, nothing between them and 255, and of that less: the border of objects in PASCAL VOC, for example.
    private bool AreIndicesWithIgnored()
    {
        long low = _counts[1..FewLevels].Sum(), between = _counts[FewLevels..255].Sum();
        return between == 0 && low > _counts[255];
    }

    private static string Looks(int[] levels) => levels[^1] == 1
        ? "They look like masks of 0 and 1: multiply the values by 255, so that the object is white; or, if they are class indices, train or evaluate a segmentation (--task segmentation; MaskKind.ClassIndices)."
        : $"They look like class indices or colours of classes ({Levels(levels)}): make the object white (255) and all else black (0), or train or evaluate a segmentation (--task segmentation; MaskKind.ClassIndices).";

    private static string Levels(int[] levels) => string.Join(", ", levels.Take(6)) + (levels.Length > 6 ? $", ... {levels[^1]}" : "");

    private static string Name(IReadOnlyList<string> names, int index) =>
        names[index].EndsWith(index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) ? $"{index}" : $"{index} '{names[index]}'";

    private int[] PresentClasses(IReadOnlyList<string> names) => [.. Enumerable.Range(0, names.Count).Where(c => c != _ignored && _counts[c] > 0)];

    private int[] PresentLevels() => [.. Enumerable.Range(0, 256).Where(level => _counts[level] > 0)];

    private long Objects()
    {
        long sum = 0;
        for (int level = SaliencyMask.Threshold + 1; level < 256; level++)
        {
            sum += _counts[level];
        }

        return sum;
    }
}
