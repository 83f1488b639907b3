using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>A figure of a segmentation; all of them are in <see cref="All"/>.</summary>
/// <example>
/// <code>
/// foreach (SegmentationMeasure measure in SegmentationMeasure.All.Where(measure =&gt; measure.IsKept(metrics)))
/// {
///     Console.WriteLine($"{measure.Title}: {measure.Of(metrics):F3}");
/// }
/// </code>
/// </example>
public sealed class SegmentationMeasure : Measure<SegmentationMetrics, SegmentationImageMetrics>
{
    private readonly Func<OverlapMeasures, double> _compute;

    // The index is that in All, and in the figures of sets and images.
    private SegmentationMeasure(int index, string name, string title, Func<OverlapMeasures, double> compute, bool isOfImages = true, bool isOfBoundaries = false)
        : base(name, title, metrics => metrics.Figures[index], isOfImages ? image => image.Figures[index] : null) => (_compute, IsOfBoundaries) = (compute, isOfBoundaries);

    /// <summary><see cref="SegmentationMetrics.MeanIoU"/>.</summary>
    public static SegmentationMeasure MeanIoU { get; } = new(0, nameof(MeanIoU), "Mean IoU", pixels => pixels.MeanIoU());

    /// <summary><see cref="SegmentationMetrics.PixelAccuracy"/>.</summary>
    public static SegmentationMeasure PixelAccuracy { get; } = new(1, nameof(PixelAccuracy), "Pixel accuracy", pixels => pixels.PixelAccuracy());

    /// <summary><see cref="SegmentationMetrics.MeanAccuracy"/>.</summary>
    public static SegmentationMeasure MeanAccuracy { get; } = new(2, nameof(MeanAccuracy), "Mean accuracy", pixels => pixels.MeanAccuracy());

    /// <summary><see cref="SegmentationMetrics.MeanDice"/>.</summary>
    public static SegmentationMeasure MeanDice { get; } = new(3, nameof(MeanDice), "Mean Dice", pixels => pixels.MeanDice());

    /// <summary><see cref="SegmentationMetrics.FrequencyWeightedIoU"/>; single images do not have it.</summary>
    public static SegmentationMeasure FrequencyWeightedIoU { get; } = new(
        4, nameof(FrequencyWeightedIoU), "Frequency-weighted IoU", pixels => pixels.FrequencyWeightedIoU(), isOfImages: false);

    /// <summary><see cref="SegmentationMetrics.MeanBoundaryIoU"/>.</summary>
    public static SegmentationMeasure MeanBoundaryIoU { get; } = new(
        5, nameof(MeanBoundaryIoU), "Mean boundary IoU", pixels => pixels.MeanIoU(), isOfBoundaries: true);

    /// <summary>All figures, in the order in which they are shown.</summary>
    public static ImmutableArray<SegmentationMeasure> All { get; } =
        [MeanIoU, PixelAccuracy, MeanAccuracy, MeanDice, FrequencyWeightedIoU, MeanBoundaryIoU];

    /// <summary>Whether it is computed from the pixels near borders alone.</summary>
    internal bool IsOfBoundaries { get; }

    /// <inheritdoc/>
    public override bool IsKept(SegmentationMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.Images is [var image, ..] && (!IsOfBoundaries || image.Boundary is not null);
    }

    /// <summary>All figures of pixel counts.</summary>
    internal static ImmutableArray<double> ComputeAll(OverlapMeasures pixels, OverlapMeasures? boundary) =>
        [.. All.Select(measure => (measure.IsOfBoundaries ? boundary : pixels) is { } counts ? measure._compute(counts) : double.NaN)];

    private protected override InvalidOperationException NotKept() => new(
        $"No image rows with {Name} were kept: evaluate with {nameof(SegmentationMetricsOptions.KeepImages)}"
        + (IsOfBoundaries ? $" and {nameof(SegmentationMetricsOptions.BoundaryIoU)}." : "."));

    internal override void CheckSets(SegmentationMetrics first, SegmentationMetrics second)
    {
        if (first.NumberOfClasses != second.NumberOfClasses)
        {
            throw new ArgumentException($"The first model was evaluated on {first.NumberOfClasses} classes, the second on {second.NumberOfClasses}.", nameof(second));
        }
    }

    internal override void CheckPair(SegmentationImageMetrics first, SegmentationImageMetrics second)
    {
        if (!first.Pixels.Labelled.AsSpan().SequenceEqual(second.Pixels.Labelled))
        {
            throw new ArgumentException($"Image '{first.Name}' has other labels for the second model than for the first; both need the same truth.", nameof(second));
        }

        if (IsOfBoundaries && !first.Boundary!.Labelled.AsSpan().SequenceEqual(second.Boundary!.Labelled))
        {
            throw new ArgumentException(
                $"Image '{first.Name}' has other boundaries for the second model than for the first; both need the same truth, and one {nameof(SegmentationMetricsOptions.BoundaryWidth)}.", nameof(second));
        }
    }

    /// <summary>The pixels of the drawn images are pooled.</summary>
    internal override Func<int[], double> Statistic(SegmentationMetrics metrics, IReadOnlyList<SegmentationImageMetrics> images)
    {
        var sums = new OverlapMeasures(metrics.NumberOfClasses);
        return draws =>
        {
            sums.Clear();
            for (int i = 0; i < draws.Length; i++)
            {
                if (draws[i] > 0)
                {
                    sums.Add(IsOfBoundaries ? images[i].Boundary! : images[i].Pixels, draws[i]);
                }
            }

            return _compute(sums);
        };
    }
}
