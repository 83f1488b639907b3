using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>Evaluates edge detection image by image: ODS, OIS and AP of <see cref="EdgeMetrics"/>.</summary>
/// <remarks>Not thread-safe: use one accumulator per thread and <see cref="Merge"/> them.</remarks>
/// <example>
/// <code>
/// EdgeMetricsAccumulator accumulator = new();
/// accumulator.Add("a.png", probabilities, [annotation], width: 480, height: 320);          // once for each image
/// Console.WriteLine(accumulator.ToMetrics().OdsF);
/// </code>
/// </example>
public sealed class EdgeMetricsAccumulator : IMetricsAccumulator<EdgeMetricsAccumulator, EdgeMetrics>
{
    private readonly EdgeMetricsOptions _options;
    private readonly double[] _thresholds;
    private readonly ImmutableArray<EdgeImageMetrics>.Builder _images = ImmutableArray.CreateBuilder<EdgeImageMetrics>();

    /// <summary>Starts an evaluation.</summary>
    /// <param name="options">Thresholds and distance; null for the benchmark's.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public EdgeMetricsAccumulator(EdgeMetricsOptions? options = null)
    {
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.NumberOfThresholds, 2, nameof(options));
        if (!(_options.MaxDistance is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), _options.MaxDistance, "The largest distance must be above 0 and at most 1 times the diagonal.");
        }

        _thresholds = _options.Thresholds();
    }

    /// <summary>What the masks that annotations were made of look like as a whole; null where nobody looks at them.</summary>
    internal MaskSurvey? Masks { get; init; }

    MaskSurvey? IMetricsAccumulator<EdgeMetricsAccumulator, EdgeMetrics>.Masks => Masks;

    /// <summary>Number of images added so far.</summary>
    public long ImageCount => _images.Count;

    /// <summary>Adds one map of levels, whose probability is the level divided by 255.</summary>
    /// <inheritdoc cref="Add(string, ReadOnlySpan{float}, IReadOnlyList{ReadOnlyMemory{byte}}, int, int, ReadOnlySpan{byte})"/>
    public void Add(
        string name, ReadOnlySpan<byte> edges, IReadOnlyList<ReadOnlyMemory<byte>> annotations, int width, int height, ReadOnlySpan<byte> ignored = default)
    {
        Check(name, edges.Length, annotations, width, height, ignored);
        double[] probabilities = new double[edges.Length];
        for (int i = 0; i < edges.Length; i++)
        {
            probabilities[i] = edges[i] / 255.0;
        }

        Add(name, probabilities, annotations, width, height, ignored);
    }

    /// <summary>Adds one map of probabilities. After an error the accumulator is as it was before.</summary>
    /// <param name="name">Name of the image, for errors and its row.</param>
    /// <param name="edges">Probability of an edge per pixel, 0..1, row-major.</param>
    /// <param name="annotations">One map per annotator, at least one; a pixel other than 0 is an edge. They are not thinned.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="ignored">Pixels other than 0 take no part, neither predicted nor annotated ones; empty if all take part.</param>
    /// <exception cref="ArgumentException">
    /// The sizes disagree, there is no annotation, or a probability is not finite or not in 0..1; the message names the image, and then pixel and value.
    /// </exception>
    public void Add(
        string name, ReadOnlySpan<float> edges, IReadOnlyList<ReadOnlyMemory<byte>> annotations, int width, int height, ReadOnlySpan<byte> ignored = default)
    {
        Check(name, edges.Length, annotations, width, height, ignored);
        ImageChecks.Probabilities(name, edges, width, "probability", nameof(edges));
        double[] probabilities = new double[edges.Length];
        for (int i = 0; i < edges.Length; i++)
        {
            probabilities[i] = edges[i];
        }

        Add(name, probabilities, annotations, width, height, ignored);
    }

    /// <summary>Adds the images of another accumulator.</summary>
    /// <param name="other">Stays as it is.</param>
    /// <exception cref="ArgumentException">The two have different options.</exception>
    public void Merge(EdgeMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._options != _options)
        {
            throw new ArgumentException($"Accumulators with different options cannot be merged: {_options} and {other._options}.", nameof(other));
        }

        _images.AddRange(other._images);
        if (other.Masks is { } masks)
        {
            Masks?.Merge(masks);
        }
    }

    /// <summary>The figures of all images so far.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public EdgeMetrics ToMetrics() =>
        _images.Count > 0 ? new(_thresholds, _images.ToImmutable()) { Warnings = [.. Masks?.Warnings ?? []] } : throw new InvalidOperationException("No image was added, so there is nothing to measure.");

    private static void Check(string name, int pixels, IReadOnlyList<ReadOnlyMemory<byte>> annotations, int width, int height, ReadOnlySpan<byte> ignored)
    {
        ArgumentNullException.ThrowIfNull(annotations);
        if (annotations.Count == 0)
        {
            throw new ArgumentException($"Image '{name}' has no annotation; at least one is needed.", nameof(annotations));
        }

        foreach (ReadOnlyMemory<byte> annotation in annotations)
        {
            ImageChecks.Size(name, width, height, pixels, "edges", annotation.Length, nameof(annotations));
        }

        if (ignored.Length > 0)
        {
            ImageChecks.Size(name, width, height, pixels, "edges", ignored.Length, nameof(ignored));
        }
    }

    private void Add(
        string name, double[] probabilities, IReadOnlyList<ReadOnlyMemory<byte>> annotations, int width, int height, ReadOnlySpan<byte> ignored)
    {
        int[][] labels = [.. annotations.Select(annotation => Edges(annotation.Span))];
        for (int a = 0; a < labels.Length && ignored.Length > 0; a++)
        {
            labels[a] = Taking(labels[a], ignored);
        }

        EdgeMatching matching = new(width, height, _options.MaxDistance * Math.Sqrt(((double)width * width) + ((double)height * height)));
        var counts = ImmutableArray.CreateBuilder<EdgeCounts>(_thresholds.Length);
        bool[] map = new bool[probabilities.Length];
        long above = -1;
        foreach (double threshold in _thresholds)
        {
            long edgePixels = 0;
            for (int i = 0; i < map.Length; i++)
            {
                map[i] = probabilities[i] >= threshold;
                edgePixels += map[i] ? 1 : 0;
            }

            // Maps of rising thresholds are nested: as many pixels are the same pixels.
            if (edgePixels == above)
            {
                counts.Add(counts[^1]);
                continue;
            }

            above = edgePixels;
            EdgeThinning.Thin(map, width, height);
            int[] predicted = Edges(map);
            counts.Add(Count(matching, ignored.Length > 0 ? Taking(predicted, ignored) : predicted, labels));
        }

        _images.Add(new(name, counts.MoveToImmutable()));
    }

    private static EdgeCounts Count(EdgeMatching matching, int[] predicted, int[][] labels)
    {
        bool[] matched = new bool[predicted.Length];
        long pairs = labels.Sum(label => (long)matching.Match(predicted, label, matched));
        return new(pairs, labels.Sum(label => (long)label.Length), matched.LongCount(m => m), predicted.Length);
    }

    private static int[] Edges<T>(ReadOnlySpan<T> map)
        where T : IEquatable<T>
    {
        List<int> edges = [];
        for (int i = 0; i < map.Length; i++)
        {
            if (!map[i].Equals(default))
            {
                edges.Add(i);
            }
        }

        return [.. edges];
    }

    private static int[] Edges(bool[] map) => Edges<bool>(map);

    private static int[] Taking(int[] pixels, ReadOnlySpan<byte> ignored)
    {
        List<int> taking = [];
        foreach (int pixel in pixels)
        {
            if (ignored[pixel] == 0)
            {
                taking.Add(pixel);
            }
        }

        return [.. taking];
    }
}
