using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Pixel counts of a segmentation: row = true class (label), column = predicted class. Pixels whose label is the
/// ignore index are left out, whatever was predicted there, as in mmsegmentation and the PASCAL VOC tools.
/// </summary>
/// <remarks>Not thread-safe: use one matrix per thread and <see cref="Add(PixelConfusionMatrix)"/> them up.</remarks>
/// <example>
/// <code>
/// PixelConfusionMatrix confusion = new(numberOfClasses: 3);
/// confusion.Add(labels: [0, 1, 2, 255], predictions: [0, 1, 1, 0]);
/// Console.WriteLine($"{confusion[2, 1]} pixels of class 2 were taken for class 1; {confusion.IgnoredPixelCount} ignored");
/// </code>
/// </example>
public sealed class PixelConfusionMatrix
{
    private readonly long[] _counts;
    private LabelPairHistogram? _histogram;

    /// <summary>Creates a matrix of zeros.</summary>
    /// <param name="numberOfClasses">Number of classes, 1 to 255; classes are 0 .. numberOfClasses - 1.</param>
    /// <param name="ignoreIndex">Label (0 to 255) whose pixels are dropped, or null to drop none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public PixelConfusionMatrix(int numberOfClasses, int? ignoreIndex = SegmentationMask.DefaultIgnoreIndex)
    {
        if (numberOfClasses is < 1 or > 255)
        {
            throw new ArgumentOutOfRangeException(nameof(numberOfClasses), numberOfClasses, "The number of classes must be 1 to 255.");
        }

        if (ignoreIndex is < 0 or > 255)
        {
            throw new ArgumentOutOfRangeException(nameof(ignoreIndex), ignoreIndex, "The ignore index must be 0 to 255, or null.");
        }

        NumberOfClasses = numberOfClasses;
        IgnoreIndex = ignoreIndex;
        _counts = new long[numberOfClasses * numberOfClasses];
    }

    /// <summary>Number of classes.</summary>
    public int NumberOfClasses { get; }

    /// <summary>Label whose pixels are dropped, or null.</summary>
    public int? IgnoreIndex { get; }

    /// <summary>Number of pixels dropped because their label is <see cref="IgnoreIndex"/>.</summary>
    public long IgnoredPixelCount { get; private set; }

    /// <summary>Number of pixels counted in the matrix.</summary>
    public long PixelCount { get; private set; }

    /// <summary>Number of pixels of true class <paramref name="label"/> that were predicted as <paramref name="prediction"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A class is not in 0 .. <see cref="NumberOfClasses"/> - 1.</exception>
    public long this[int label, int prediction]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)NumberOfClasses, nameof(label));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prediction, (uint)NumberOfClasses, nameof(prediction));
            return _counts[label * NumberOfClasses + prediction];
        }
    }

    /// <summary>Counts of one true class, by predicted class: a row of <see cref="NumberOfClasses"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="label"/> is not in 0 .. <see cref="NumberOfClasses"/> - 1.</exception>
    public ReadOnlySpan<long> Row(int label)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)NumberOfClasses, nameof(label));
        return _counts.AsSpan(label * NumberOfClasses, NumberOfClasses);
    }

    /// <summary>Adds the pixels of one image (or of any part of one). After an error the matrix is as it was before.</summary>
    /// <param name="labels">True class per pixel.</param>
    /// <param name="predictions">Predicted class per pixel, same order and number.</param>
    /// <param name="width">Image width, only to name a bad pixel as (x, y); 0 names it by its index.</param>
    /// <exception cref="ArgumentException">The lengths differ; or a label or prediction is no class (the message names pixel, value and range).</exception>
    public void Add(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, int width = 0) =>
        Add(labels, predictions, width, imageName: null, classPixels: null);

    /// <summary>Adds the counts of another matrix.</summary>
    /// <exception cref="ArgumentException">The class counts or ignore indices differ.</exception>
    public void Add(PixelConfusionMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.NumberOfClasses != NumberOfClasses || other.IgnoreIndex != IgnoreIndex)
        {
            throw new ArgumentException(
                $"Only matrices of the same classes add up: this one has {NumberOfClasses} classes and ignore index {IgnoreIndex?.ToString() ?? "none"}, "
                + $"the other {other.NumberOfClasses} and {other.IgnoreIndex?.ToString() ?? "none"}.", nameof(other));
        }

        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        PixelCount += other.PixelCount;
        IgnoredPixelCount += other.IgnoredPixelCount;
    }

    /// <summary>An independent copy.</summary>
    public PixelConfusionMatrix Clone()
    {
        var copy = new PixelConfusionMatrix(NumberOfClasses, IgnoreIndex);
        copy.Add(this);
        return copy;
    }

    /// <summary>One more than the highest class index that occurs in labels or predictions.</summary>
    internal int CountOccurringClasses()
    {
        for (int c = NumberOfClasses - 1; c > 0; c--)
        {
            for (int other = 0; other < NumberOfClasses; other++)
            {
                if (_counts[c * NumberOfClasses + other] != 0 || _counts[other * NumberOfClasses + c] != 0)
                {
                    return c + 1;
                }
            }
        }

        return 1;
    }

    /// <summary>A copy without the last classes, which do not occur.</summary>
    internal PixelConfusionMatrix WithClasses(int numberOfClasses)
    {
        PixelConfusionMatrix fewer = new(numberOfClasses, IgnoreIndex) { PixelCount = PixelCount, IgnoredPixelCount = IgnoredPixelCount };
        for (int label = 0; label < numberOfClasses; label++)
        {
            Row(label)[..numberOfClasses].CopyTo(fewer._counts.AsSpan(label * numberOfClasses));
        }

        return fewer;
    }

    /// <summary>
    /// Adds one image and, if <paramref name="classPixels"/> is given, also stores this image's own class counts there.
    /// </summary>
    /// <returns>Number of ignored pixels of this image.</returns>
    internal long Add(
        ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, int width, string? imageName, ClassPixels? classPixels)
    {
        if (labels.Length != predictions.Length)
        {
            throw new ArgumentException(
                $"{Subject(imageName)}labels and predictions must have the same number of pixels, but there are {labels.Length} labels and {predictions.Length} predictions.",
                nameof(predictions));
        }

        LabelPairHistogram histogram = _histogram ??= new LabelPairHistogram();
        histogram.Count(labels, predictions);
        if (HoldsValueOutOfRange(histogram))
        {
            ThrowValueOutOfRange(labels, predictions, width, imageName);
        }

        long counted = 0;
        for (int label = 0; label < NumberOfClasses; label++)
        {
            if (label == IgnoreIndex)
            {
                continue;
            }

            ReadOnlySpan<uint> source = histogram.Row(label);
            Span<long> target = _counts.AsSpan(label * NumberOfClasses, NumberOfClasses);
            long rowSum = 0;
            for (int prediction = 0; prediction < target.Length; prediction++)
            {
                uint count = source[prediction];
                target[prediction] += count;
                rowSum += count;
                classPixels?.Predicted[prediction] += (int)count;
            }

            counted += rowSum;
            if (classPixels != null)
            {
                classPixels.Labelled[label] = (int)rowSum;
                classPixels.Correct[label] = (int)source[label];
            }
        }

        long ignored = labels.Length - counted;
        PixelCount += counted;
        IgnoredPixelCount += ignored;
        return ignored;
    }

    private static string Subject(string? imageName) => imageName is null ? "" : $"Image '{imageName}': ";

    private bool HoldsValueOutOfRange(LabelPairHistogram histogram)
    {
        for (int label = 0; label <= byte.MaxValue; label++)
        {
            if (label == IgnoreIndex)
            {
                continue;
            }

            ReadOnlySpan<uint> illegal = histogram.Row(label)[(label < NumberOfClasses ? NumberOfClasses : 0)..];
            if (illegal.ContainsAnyExcept(0u))
            {
                return true;
            }
        }

        return false;
    }

    private void ThrowValueOutOfRange(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, int width, string? imageName)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == IgnoreIndex || (labels[i] < NumberOfClasses && predictions[i] < NumberOfClasses))
            {
                continue;
            }

            bool labelIsBad = labels[i] >= NumberOfClasses;
            string pixel = width > 0 ? $"x={i % width}, y={i / width}" : $"{i}";
            string range = $"0 to {NumberOfClasses - 1}";
            string ignore = labelIsBad && IgnoreIndex is int index ? $", or {index} (ignored)" : "";
            throw new ArgumentException(
                $"{Subject(imageName)}the {(labelIsBad ? "label" : "prediction")} at pixel {pixel} is {(labelIsBad ? labels[i] : predictions[i])}; allowed is {range}{ignore}.",
                labelIsBad ? nameof(labels) : nameof(predictions));
        }
    }
}
