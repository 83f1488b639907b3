namespace Microsoft.ML.Binary;

/// <summary>Confidence in the figures of a segmentation, by resampling the images.</summary>
public static class SegmentationConfidence
{
    /// <summary>Value of a headline figure.</summary>
    public static double Value(this SegmentationMetrics metrics, SegmentationMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Of(metrics);
    }

    /// <summary>
    /// Bootstrap percentile interval over images. The pixels of the drawn images are pooled and the figure computed from them, as
    /// it is on the whole set.
    /// </summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <param name="measure">The figure.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The evaluation kept no image rows, or none of this figure.</exception>
    public static ConfidenceInterval ConfidenceInterval(
        this SegmentationMetrics metrics, SegmentationMeasure measure, BootstrapOptions? options = null)
    {
        double estimate = metrics.Value(measure);
        return Bootstrap.Interval(estimate, metrics.Images.Length, options, Statistic(metrics, metrics.Images, measure));
    }

    /// <summary>Compares two models on the same images, paired by name.</summary>
    /// <param name="first">The evaluation of the first model.</param>
    /// <param name="second">The evaluation of the second model, against the same labels.</param>
    /// <param name="measure">The figure compared.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="ArgumentException">Classes, images or labels differ; the message says which.</exception>
    /// <exception cref="InvalidOperationException">An evaluation kept no image rows, or none of this figure.</exception>
    public static PairedComparison CompareTo(
        this SegmentationMetrics first, SegmentationMetrics second, SegmentationMeasure measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.NumberOfClasses != second.NumberOfClasses)
        {
            throw new ArgumentException($"The first model was evaluated on {first.NumberOfClasses} classes, the second on {second.NumberOfClasses}.", nameof(second));
        }

        IReadOnlyList<SegmentationImageMetrics> aligned = ImagePairs.Align(first.Images, second.Images, image => image.Name);
        for (int i = 0; i < aligned.Count; i++)
        {
            if (!aligned[i].Pixels.Labelled.AsSpan().SequenceEqual(first.Images[i].Pixels.Labelled))
            {
                throw new ArgumentException(
                    $"Image '{aligned[i].Name}' has other labels for the second model than for the first; both need the same truth.", nameof(second));
            }
        }

        return Bootstrap.Compare(
            first.Value(measure), second.Value(measure), aligned.Count, options,
            Statistic(first, first.Images, measure), Statistic(second, aligned, measure));
    }

    private static Func<int[], double> Statistic(
        SegmentationMetrics metrics, IReadOnlyList<SegmentationImageMetrics> images, SegmentationMeasure measure)
    {
        if (!measure.IsKept(metrics))
        {
            throw new InvalidOperationException(
                $"No image rows with {measure} were kept: evaluate with {nameof(SegmentationMetricsOptions.KeepImages)}"
                + (measure.IsOfBoundaries ? $" and {nameof(SegmentationMetricsOptions.BoundaryIoU)}." : "."));
        }

        var sums = new OverlapMeasures(metrics.NumberOfClasses);
        return draws =>
        {
            sums.Clear();
            for (int i = 0; i < draws.Length; i++)
            {
                if (draws[i] > 0)
                {
                    sums.Add(measure.IsOfBoundaries ? images[i].Boundary! : images[i].Pixels, draws[i]);
                }
            }

            return measure.Compute(sums);
        };
    }
}
