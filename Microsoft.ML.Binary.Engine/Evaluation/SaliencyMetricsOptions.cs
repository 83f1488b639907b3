namespace Microsoft.ML.Binary;

/// <summary>Which saliency measures are computed.</summary>
/// <example>
/// <code>
/// // Error and F alone are several times faster than all measures: for validation while training.
/// SaliencyMetrics quick = ml.Saliency.Evaluate(scored, options: new SaliencyMetricsOptions { Measures = SaliencyMeasures.ErrorAndF });
/// </code>
/// </example>
public enum SaliencyMeasures
{
    /// <summary>All of them. The weighted F-measure takes most of the time.</summary>
    All,

    /// <summary>Mean absolute error, F-measure and precision-recall curve only: several times faster. The others are NaN.</summary>
    ErrorAndF,
}

/// <summary>What a <see cref="SaliencyMetricsAccumulator"/> computes and keeps.</summary>
/// <example>
/// <code>
/// SaliencyMetricsAccumulator accumulator = new(new() { KeepImages = false });              // figures of the whole set only: memory stays flat
/// </code>
/// </example>
public sealed record SaliencyMetricsOptions
{
    /// <summary>Which measures to compute; all by default.</summary>
    public SaliencyMeasures Measures { get; init; }

    /// <summary>
    /// Whether one row per image is kept (true by default): needed to list the worst images and for confidence intervals.
    /// A row takes about 200 bytes, whatever the size of the image; false keeps memory constant.
    /// </summary>
    public bool KeepImages { get; init; } = true;

    /// <summary>
    /// Whether the rows also keep their F and E curves (true by default), 1 KB a curve: needed for confidence intervals of
    /// the maximum F- and E-measure, because curves are averaged over images before the maximum is taken.
    /// </summary>
    public bool KeepCurves { get; init; } = true;
}
