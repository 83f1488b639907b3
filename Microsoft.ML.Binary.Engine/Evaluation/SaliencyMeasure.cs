using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>A figure of salient-object detection; all of them are in <see cref="All"/>.</summary>
/// <example>
/// <code>
/// SaliencyMetrics metrics = ml.Saliency.Evaluate(scored);
/// foreach (SaliencyMeasure measure in SaliencyMeasure.All.Where(measure =&gt; measure.IsKept(metrics)))
/// {
///     Console.WriteLine($"{measure.Title}: {measure.Of(metrics):F3}");
/// }
/// </code>
/// </example>
public sealed class SaliencyMeasure : Measure<SaliencyMetrics, SaliencyImageMetrics>
{
    private SaliencyMeasure(
        string name, string title, Func<SaliencyMetrics, double> ofSet, Func<SaliencyImageMetrics, double>? ofImage, bool lowerIsBetter = false, string? jsonName = null)
        : base(name, title, ofSet, ofImage, lowerIsBetter, jsonName)
    {
    }

    /// <summary><see cref="SaliencyMetrics.MeanAbsoluteError"/>; lower is better.</summary>
    public static SaliencyMeasure MeanAbsoluteError { get; } = new(
        nameof(MeanAbsoluteError), "Mean absolute error", metrics => metrics.MeanAbsoluteError, image => image.MeanAbsoluteError, lowerIsBetter: true, jsonName: "mae");

    /// <summary><see cref="SaliencyMetrics.MaxF"/>.</summary>
    public static SaliencyMeasure MaxF { get; } = new(nameof(MaxF), "Max F", metrics => metrics.MaxF, image => image.MaxF) { Curve = image => image.FCurve };

    /// <summary><see cref="SaliencyMetrics.MaxFOfMeanCurve"/>; single images do not have it, and it has no confidence interval.</summary>
    public static SaliencyMeasure MaxFOfMeanCurve { get; } = new(
        nameof(MaxFOfMeanCurve), "Max F of the mean curve", metrics => metrics.MaxFOfMeanCurve, ofImage: null);

    /// <summary><see cref="SaliencyMetrics.MeanF"/>.</summary>
    public static SaliencyMeasure MeanF { get; } = new(nameof(MeanF), "Mean F", metrics => metrics.MeanF, image => image.MeanF);

    /// <summary><see cref="SaliencyMetrics.AdaptiveF"/>.</summary>
    public static SaliencyMeasure AdaptiveF { get; } = new(nameof(AdaptiveF), "Adaptive F", metrics => metrics.AdaptiveF, image => image.AdaptiveF);

    /// <summary><see cref="SaliencyMetrics.WeightedF"/>.</summary>
    public static SaliencyMeasure WeightedF { get; } = new(nameof(WeightedF), "Weighted F", metrics => metrics.WeightedF, image => image.WeightedF);

    /// <summary><see cref="SaliencyMetrics.SMeasure"/>.</summary>
    public static SaliencyMeasure SMeasure { get; } = new(nameof(SMeasure), "S-measure", metrics => metrics.SMeasure, image => image.SMeasure);

    /// <summary><see cref="SaliencyMetrics.MaxE"/>.</summary>
    public static SaliencyMeasure MaxE { get; } = new(nameof(MaxE), "Max E", metrics => metrics.MaxE, image => image.MaxE) { Curve = image => image.ECurve };

    /// <summary><see cref="SaliencyMetrics.MeanE"/>.</summary>
    public static SaliencyMeasure MeanE { get; } = new(nameof(MeanE), "Mean E", metrics => metrics.MeanE, image => image.MeanE);

    /// <summary><see cref="SaliencyMetrics.AdaptiveE"/>.</summary>
    public static SaliencyMeasure AdaptiveE { get; } = new(nameof(AdaptiveE), "Adaptive E", metrics => metrics.AdaptiveE, image => image.AdaptiveE);

    /// <summary>All figures, in the order in which files have them.</summary>
    public static ImmutableArray<SaliencyMeasure> All { get; } =
        [MeanAbsoluteError, MaxF, MaxFOfMeanCurve, MeanF, AdaptiveF, WeightedF, SMeasure, MaxE, MeanE, AdaptiveE];

    /// <summary>The figures that a report shows as cards, the first one larger.</summary>
    internal static ImmutableArray<SaliencyMeasure> Cards { get; } =
        [SMeasure, MaxF, WeightedF, MaxE, MeanF, AdaptiveF, MeanE, AdaptiveE, MeanAbsoluteError];

    /// <summary>
    /// The images' curve whose mean over the images the figure is the maximum of; null where it is the mean of the images' own figures (as
    /// means over thresholds are, too: the mean of an average curve is the average of the curves' means).
    /// </summary>
    internal Func<SaliencyImageMetrics, float[]?>? Curve { get; private init; }

    /// <inheritdoc/>
    public override bool IsKept(SaliencyMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.Images is [var image, ..] && IsOfImages && (Curve is null ? !double.IsNaN(Of(image)) : Curve(image) is not null);
    }

    internal override void CheckPair(SaliencyImageMetrics first, SaliencyImageMetrics second)
    {
        if (first.Width != second.Width || first.Height != second.Height)
        {
            throw new ArgumentException(
                $"Image '{first.Name}' is {first.Width}x{first.Height} for the first model and {second.Width}x{second.Height} for the second; both need the same masks.",
                nameof(second));
        }

        if (first.ObjectPixelCount != second.ObjectPixelCount)
        {
            throw new ArgumentException($"Image '{first.Name}' has another mask for the second model than for the first; both need the same masks.", nameof(second));
        }
    }

    /// <summary>The curves of the drawn images are averaged before their maximum is taken, as on the whole set.</summary>
    internal override Func<int[], double> Statistic(SaliencyMetrics metrics, IReadOnlyList<SaliencyImageMetrics> images) =>
        Curve is { } curve ? MaximumOfMeanCurve([.. images.Select(image => curve(image) ?? throw NotKept())])
        : MeanOf([.. images.Select(Of)]);

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

    private protected override InvalidOperationException NotKept() => new(
        !IsOfImages ? $"{Name} has no confidence interval: it is computed from curves of the whole set."
        : $"No image rows with {Name} were kept: evaluate with {nameof(SaliencyMetricsOptions.KeepImages)}, with {nameof(SaliencyMetricsOptions.KeepCurves)} "
        + $"for MaxF and MaxE, and with {nameof(SaliencyMeasures)}.{nameof(SaliencyMeasures.All)} for anything but MAE and F.");
}
