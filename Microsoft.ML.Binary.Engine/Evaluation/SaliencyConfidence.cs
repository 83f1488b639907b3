namespace Microsoft.ML.Binary;

/// <summary>A headline figure of salient-object detection.</summary>
public enum SaliencyMeasure
{
    /// <summary><see cref="SaliencyMetrics.MeanAbsoluteError"/>; lower is better.</summary>
    MeanAbsoluteError,

    /// <summary><see cref="SaliencyMetrics.MaxF"/>.</summary>
    MaxF,

    /// <summary><see cref="SaliencyMetrics.MeanF"/>.</summary>
    MeanF,

    /// <summary><see cref="SaliencyMetrics.AdaptiveF"/>.</summary>
    AdaptiveF,

    /// <summary><see cref="SaliencyMetrics.WeightedF"/>.</summary>
    WeightedF,

    /// <summary><see cref="SaliencyMetrics.SMeasure"/>.</summary>
    SMeasure,

    /// <summary><see cref="SaliencyMetrics.MaxE"/>.</summary>
    MaxE,

    /// <summary><see cref="SaliencyMetrics.MeanE"/>.</summary>
    MeanE,

    /// <summary><see cref="SaliencyMetrics.AdaptiveE"/>.</summary>
    AdaptiveE,
}

/// <summary>Confidence in the figures of salient-object detection, by resampling the images.</summary>
public static class SaliencyConfidence
{
    /// <summary>Value of a headline figure.</summary>
    public static double Value(this SaliencyMetrics metrics, SaliencyMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return measure switch
        {
            SaliencyMeasure.MeanAbsoluteError => metrics.MeanAbsoluteError,
            SaliencyMeasure.MaxF => metrics.MaxF,
            SaliencyMeasure.MeanF => metrics.MeanF,
            SaliencyMeasure.AdaptiveF => metrics.AdaptiveF,
            SaliencyMeasure.WeightedF => metrics.WeightedF,
            SaliencyMeasure.SMeasure => metrics.SMeasure,
            SaliencyMeasure.MaxE => metrics.MaxE,
            SaliencyMeasure.MeanE => metrics.MeanE,
            SaliencyMeasure.AdaptiveE => metrics.AdaptiveE,
            _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "Unknown measure."),
        };
    }

    /// <summary>
    /// Bootstrap percentile interval over images. For the maximum and mean F and E the curves of the drawn images are averaged first,
    /// as on the whole set.
    /// </summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <param name="measure">The figure.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The evaluation kept no image rows, or none of this figure.</exception>
    public static ConfidenceInterval ConfidenceInterval(
        this SaliencyMetrics metrics, SaliencyMeasure measure, BootstrapOptions? options = null)
    {
        double estimate = metrics.Value(measure);
        return Bootstrap.Interval(estimate, metrics.Images.Length, options, Statistic(metrics.Images, measure));
    }

    /// <summary>Compares two models on the same images, paired by name.</summary>
    /// <param name="first">The evaluation of the first model.</param>
    /// <param name="second">The evaluation of the second model, against the same masks.</param>
    /// <param name="measure">The figure compared.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="ArgumentException">An image is evaluated for one model only, or in two sizes; the message names it.</exception>
    /// <exception cref="InvalidOperationException">An evaluation kept no image rows, or none of this figure.</exception>
    public static PairedComparison CompareTo(
        this SaliencyMetrics first, SaliencyMetrics second, SaliencyMeasure measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        IReadOnlyList<SaliencyImageMetrics> aligned = ImagePairs.Align(first.Images, second.Images, image => image.Name);
        for (int i = 0; i < aligned.Count; i++)
        {
            SaliencyImageMetrics a = first.Images[i];
            SaliencyImageMetrics b = aligned[i];
            if (a.Width != b.Width || a.Height != b.Height)
            {
                throw new ArgumentException(
                    $"Image '{a.Name}' is {a.Width}x{a.Height} for the first model and {b.Width}x{b.Height} for the second; both need the same masks.",
                    nameof(second));
            }
        }

        return Bootstrap.Compare(
            first.Value(measure), second.Value(measure), aligned.Count, options,
            Statistic(first.Images, measure), Statistic(aligned, measure));
    }

    private static Func<int[], double> Statistic(IReadOnlyList<SaliencyImageMetrics> images, SaliencyMeasure measure) => measure switch
    {
        SaliencyMeasure.MeanAbsoluteError => MeanOf(images, measure, image => image.MeanAbsoluteError),
        SaliencyMeasure.AdaptiveF => MeanOf(images, measure, image => image.AdaptiveF),
        SaliencyMeasure.WeightedF => MeanOf(images, measure, image => image.WeightedF),
        SaliencyMeasure.SMeasure => MeanOf(images, measure, image => image.SMeasure),
        SaliencyMeasure.AdaptiveE => MeanOf(images, measure, image => image.AdaptiveE),

        // The mean over thresholds of an average curve is the average of the images' own means: no curve is needed.
        SaliencyMeasure.MeanF => MeanOf(images, measure, image => image.MeanF),
        SaliencyMeasure.MeanE => MeanOf(images, measure, image => image.MeanE),
        SaliencyMeasure.MaxF => MaximumOfMeanCurve(images, measure, image => image.FCurve),
        _ => MaximumOfMeanCurve(images, measure, image => image.ECurve),
    };

    private static Func<int[], double> MeanOf(
        IReadOnlyList<SaliencyImageMetrics> images, SaliencyMeasure measure, Func<SaliencyImageMetrics, double> valueOf)
    {
        double[] values = [.. images.Select(valueOf)];
        if (values.Length == 0 || double.IsNaN(values[0]))
        {
            throw NotKept(measure);
        }

        return draws =>
        {
            double sum = 0;
            for (int i = 0; i < draws.Length; i++)
            {
                sum += draws[i] * values[i];
            }

            return sum / draws.Length;
        };
    }

    private static Func<int[], double> MaximumOfMeanCurve(
        IReadOnlyList<SaliencyImageMetrics> images, SaliencyMeasure measure, Func<SaliencyImageMetrics, float[]?> curveOf)
    {
        float[][] curves = [.. images.Select(image => curveOf(image) ?? throw NotKept(measure))];
        if (curves.Length == 0)
        {
            throw NotKept(measure);
        }

        var sums = new double[SaliencyCounts.Levels];
        return draws =>
        {
            Array.Clear(sums);
            for (int i = 0; i < draws.Length; i++)
            {
                if (draws[i] > 0)
                {
                    float[] curve = curves[i];
                    for (int t = 0; t < sums.Length; t++)
                    {
                        sums[t] += draws[i] * (double)curve[t];
                    }
                }
            }

            return sums.Max() / draws.Length;
        };
    }

    private static InvalidOperationException NotKept(SaliencyMeasure measure) => new(
        $"No image rows with {measure} were kept: evaluate with {nameof(SaliencyMetricsOptions.KeepImages)}, with {nameof(SaliencyMetricsOptions.KeepCurves)} "
        + $"for MaxF and MaxE, and with {nameof(SaliencyMeasures)}.{nameof(SaliencyMeasures.All)} for anything but MAE and F.");
}
