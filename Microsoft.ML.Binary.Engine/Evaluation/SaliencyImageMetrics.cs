namespace Microsoft.ML.Binary;

/// <summary>The figures of one saliency map; those not asked for are NaN.</summary>
/// <example>
/// <code>
/// foreach (SaliencyImageMetrics one in ml.Saliency.Evaluate(scored).Images.OrderByDescending(one => one.MeanAbsoluteError).Take(5))
/// {
///     Console.WriteLine($"{one.Name}: MAE {one.MeanAbsoluteError:F3}, S {one.SMeasure:F3}");
/// }
/// </code>
/// </example>
public sealed class SaliencyImageMetrics : ImageMetrics
{
    internal SaliencyImageMetrics(string name, int width, int height)
        : base(name, width, height)
    {
    }

    /// <summary>Mean absolute error, 0 (perfect) to 1.</summary>
    public double MeanAbsoluteError { get; internal init; }

    /// <summary>Largest F-measure over the 256 thresholds.</summary>
    public double MaxF { get; internal init; }

    /// <summary>Mean F-measure over the 256 thresholds.</summary>
    public double MeanF { get; internal init; }

    /// <summary>F-measure at the threshold min(2 * mean saliency, 1).</summary>
    public double AdaptiveF { get; internal init; }

    /// <summary>Weighted F-measure; 0 where the mask has no object.</summary>
    public double WeightedF { get; internal init; }

    /// <summary>S-measure; 1 - mean saliency where the mask has no object.</summary>
    public double SMeasure { get; internal init; }

    /// <summary>Largest E-measure over the 256 thresholds.</summary>
    public double MaxE { get; internal init; }

    /// <summary>Mean E-measure over the 256 thresholds.</summary>
    public double MeanE { get; internal init; }

    /// <summary>E-measure at the threshold min(2 * mean saliency, 1).</summary>
    public double AdaptiveE { get; internal init; }

    /// <summary>Pixels of the mask that are object.</summary>
    internal int ObjectPixelCount { get; init; }

    /// <summary>F-measure per threshold, for resampling; null if not kept.</summary>
    internal float[]? FCurve { get; init; }

    /// <summary>E-measure per threshold, for resampling; null if not kept.</summary>
    internal float[]? ECurve { get; init; }
}
