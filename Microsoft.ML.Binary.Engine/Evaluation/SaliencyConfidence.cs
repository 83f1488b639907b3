namespace Microsoft.ML.Binary;

/// <summary>Confidence in the figures of salient-object detection, by resampling the images.</summary>
public static class SaliencyConfidence
{
    /// <summary>Value of a headline figure.</summary>
    public static double Value(this SaliencyMetrics metrics, SaliencyMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Of(metrics);
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
        return Bootstrap.Interval(estimate, metrics.Images.Length, options, Statistic(metrics, metrics.Images, measure));
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
            Statistic(first, first.Images, measure), Statistic(second, aligned, measure));
    }

    private static Func<int[], double> Statistic(SaliencyMetrics metrics, IReadOnlyList<SaliencyImageMetrics> images, SaliencyMeasure measure) =>
        !measure.IsKept(metrics) ? throw NotKept(measure)
        : measure.Curve is { } curve ? MaximumOfMeanCurve([.. images.Select(image => curve(image) ?? throw NotKept(measure))])
        : MeanOf([.. images.Select(measure.Of)]);

    private static Func<int[], double> MeanOf(double[] values) => draws =>
    {
        double sum = 0;
        for (int i = 0; i < draws.Length; i++)
        {
            sum += draws[i] * values[i];
        }

        return sum / draws.Length;
    };

    private static Func<int[], double> MaximumOfMeanCurve(float[][] curves)
    {
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
        !measure.IsOfImages ? $"{measure} has no confidence interval: it is computed from curves of the whole set." : $"No image rows with {measure} were kept: evaluate with {nameof(SaliencyMetricsOptions.KeepImages)}, with {nameof(SaliencyMetricsOptions.KeepCurves)} "
        + $"for MaxF and MaxE, and with {nameof(SaliencyMeasures)}.{nameof(SaliencyMeasures.All)} for anything but MAE and F.");
}
