namespace Microsoft.ML.Binary;

/// <summary>Evaluates road detection, or any two-class score, image by image in constant memory.</summary>
/// <remarks>Not thread-safe: use one accumulator a thread and <see cref="Merge"/> them.</remarks>
/// <example>
/// <code>
/// RoadMetricsAccumulator accumulator = new();
/// accumulator.Add("a.png", probabilities, annotation, width: 480, height: 320);                // probability of road; 0 other, 1 road, 255 ignored
/// Console.WriteLine($"max F {accumulator.ToMetrics().MaxF:F3}");
/// </code>
/// </example>
public sealed class RoadMetricsAccumulator
{
    private const int Levels = 256;
    private const byte Ignore = 255;

    private readonly long[] _road = new long[Levels];
    private readonly long[] _other = new long[Levels];
    private long _ignored;
    private long _imageCount;

    /// <summary>Images added so far.</summary>
    public long ImageCount => _imageCount;

    /// <summary>Adds one image. After an error the accumulator is as it was before.</summary>
    /// <param name="name">Name of the image, for errors.</param>
    /// <param name="scores">How likely a pixel is road, 0..1, row-major.</param>
    /// <param name="labels">1 road, 0 not road, 255 ignored, row-major.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">
    /// The sizes disagree, a score is not finite or not in 0..1, or a label is none of the three; the message names image, pixel and value.
    /// </exception>
    public void Add(string name, ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels, int width, int height)
    {
        ImageChecks.Size(name, width, height, scores.Length, nameof(scores), labels.Length, nameof(labels));
        CheckLabels(name, labels, width);
        ImageChecks.Probabilities(name, scores, width, "score", nameof(scores));
        for (int i = 0; i < scores.Length; i++)
        {
            Count(LevelOf(scores[i]), labels[i]);
        }

        _imageCount++;
    }

    /// <summary>Adds one image of scores that are stored as levels 0..255, for 0..1, in a gray PNG for instance.</summary>
    /// <param name="name">Name of the image, for errors.</param>
    /// <param name="scores">255 times how likely a pixel is road, row-major.</param>
    /// <param name="labels">1 road, 0 not road, 255 ignored, row-major.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">The sizes disagree, or a label is none of the three; the message names image, pixel and value.</exception>
    public void Add(string name, ReadOnlySpan<byte> scores, ReadOnlySpan<byte> labels, int width, int height)
    {
        ImageChecks.Size(name, width, height, scores.Length, nameof(scores), labels.Length, nameof(labels));
        CheckLabels(name, labels, width);
        for (int i = 0; i < scores.Length; i++)
        {
            Count(scores[i], labels[i]);
        }

        _imageCount++;
    }

    /// <summary>Adds all that another accumulator has seen.</summary>
    public void Merge(RoadMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int level = 0; level < Levels; level++)
        {
            _road[level] += other._road[level];
            _other[level] += other._other[level];
        }

        _ignored += other._ignored;
        _imageCount += other._imageCount;
    }

    /// <summary>The figures of all images added so far; more may be added afterwards.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public RoadMetrics ToMetrics() => ImageCount > 0
        ? new RoadMetrics(_road, _other, _ignored, _imageCount)
        : throw new InvalidOperationException("There is nothing to evaluate: no image was added.");

    /// <summary>
    /// The highest level whose threshold the score reaches. Thresholds are taken in single precision, so that a score read from
    /// a byte k, k / 255f, reaches the threshold k.
    /// </summary>
    private static int LevelOf(float score)
    {
        int level = (int)(score * 255f);
        if (level < Levels - 1 && score >= (level + 1) / 255f)
        {
            return level + 1;
        }

        return score < level / 255f ? level - 1 : level;
    }

    private static void CheckLabels(string name, ReadOnlySpan<byte> labels, int width)
    {
        int bad = labels.IndexOfAnyExcept((byte)0, (byte)1, Ignore);
        if (bad >= 0)
        {
            throw new ArgumentException(
                $"Image '{name}': the label at pixel x={bad % width}, y={bad / width} is {labels[bad]}; allowed is 0 (not road), 1 (road), or 255 (ignored).",
                nameof(labels));
        }
    }

    private void Count(int level, byte label)
    {
        if (label == Ignore)
        {
            _ignored++;
            return;
        }

        (label == 1 ? _road : _other)[level]++;
    }
}
