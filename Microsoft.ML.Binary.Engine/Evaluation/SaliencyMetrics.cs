using System.Collections.Immutable;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary;

/// <summary>
/// The result of evaluating salient-object detection, with the definitions of PySODMetrics and the MATLAB toolboxes.
/// </summary>
/// <remarks>
/// Averaging: every figure is a mean over images. The F, E, precision and recall curves are averaged over images
/// <em>before</em> their maximum and mean over thresholds are taken, so <see cref="MaxF"/> is not the mean of the images'
/// own maxima. Saliency is divided by 255 and stretched per image so that its minimum is 0 and its maximum 1 (a constant
/// map is left as it is). An image without an object has F = 0, weighted F = 0 and S = 1 - mean saliency; precision is 0
/// where nothing is predicted. Figures that were not asked for are NaN, and their curves empty.
/// </remarks>
[TypeFormatterSource]
public sealed class SaliencyMetrics
{
    internal SaliencyMetrics()
    {
    }

    /// <summary>Mean absolute error, 0 (perfect) to 1 (Perazzi et al., CVPR 2012).</summary>
    public required double MeanAbsoluteError { get; init; }

    /// <summary>
    /// Maximum of <see cref="FCurve"/>, the mean of the images' own F-measures (Achanta et al., CVPR 2009; beta^2 = 0.3): max F of PySODMetrics and of papers
    /// since about 2019. Not to be compared with <see cref="MaxFOfMeanCurve"/>, which is larger as a rule.
    /// </summary>
    public double MaxF => FCurve.Max();

    /// <summary>
    /// The largest F-measure (beta^2 = 0.3) of a point of the precision-recall curve, whose precision and recall were averaged over the images first: max F of
    /// older papers. DSS on the SOD set has .844 by it and .804 by <see cref="MaxF"/>.
    /// </summary>
    public double MaxFOfMeanCurve => PrecisionCurve.Zip(RecallCurve, FMeasure.Score).Max();

    /// <summary>Mean of <see cref="FCurve"/>.</summary>
    public double MeanF => FCurve.Average();

    /// <summary>Mean F-measure at each image's own threshold min(2 * mean saliency, 1).</summary>
    public required double AdaptiveF { get; init; }

    /// <summary>Weighted F-measure (Margolin et al., CVPR 2014; beta = 1).</summary>
    public required double WeightedF { get; init; }

    /// <summary>S-measure (Fan et al., ICCV 2017; alpha = 0.5).</summary>
    public required double SMeasure { get; init; }

    /// <summary>
    /// Maximum of <see cref="ECurve"/> (Fan et al., IJCAI 2018). The definition divides by one pixel less than an image has, so a perfect map of n pixels has
    /// n / (n - 1): a little above 1, more so the smaller it is. Kept, as the field's figures have it too.
    /// </summary>
    public double MaxE => ECurve.IsEmpty ? double.NaN : ECurve.Max();

    /// <summary>Mean of <see cref="ECurve"/>.</summary>
    public double MeanE => ECurve.IsEmpty ? double.NaN : ECurve.Average();

    /// <summary>Mean E-measure at each image's own threshold min(2 * mean saliency, 1).</summary>
    public required double AdaptiveE { get; init; }

    /// <summary>F-measure per threshold: element t (0..255) is for "salient where the level is at least t".</summary>
    public required ImmutableArray<double> FCurve { get; init; }

    /// <summary>E-measure per threshold, as <see cref="FCurve"/>; empty if it was not asked for.</summary>
    public required ImmutableArray<double> ECurve { get; init; }

    /// <summary>Precision per threshold; with <see cref="RecallCurve"/> the precision-recall curve.</summary>
    public required ImmutableArray<double> PrecisionCurve { get; init; }

    /// <summary>Recall per threshold.</summary>
    public required ImmutableArray<double> RecallCurve { get; init; }

    /// <summary>Number of images evaluated.</summary>
    public required long ImageCount { get; init; }

    /// <summary>Number of pixels evaluated.</summary>
    public required long PixelCount { get; init; }

    /// <summary>One row per image, in the order added; empty if <see cref="SaliencyMetricsOptions.KeepImages"/> was off.</summary>
    public required ImmutableArray<SaliencyImageMetrics> Images { get; init; }

    /// <summary>What is likely to be wrong with the masks that were evaluated on (<see cref="Imaging.MaskSurvey"/>); empty for ordinary ones.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The images of largest mean absolute error, worst first.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<SaliencyImageMetrics> WorstImages(int count) =>
        [.. Images.OrderByDescending(image => image.MeanAbsoluteError).Take(count)];

    /// <summary>One of the figures.</summary>
    public double Value(SaliencyMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Of(this);
    }

    /// <inheritdoc cref="Measure{TMetrics, TImage}.IntervalOf"/>
    /// <param name="measure">The figure.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    public ConfidenceInterval ConfidenceInterval(SaliencyMeasure measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.IntervalOf(this, options);
    }

    /// <inheritdoc cref="Measure{TMetrics, TImage}.Compare"/>
    /// <param name="second">The evaluation of the second model, against the same masks.</param>
    /// <param name="measure">The figure compared.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    public PairedComparison CompareTo(SaliencyMetrics second, SaliencyMeasure measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Compare(this, second, options);
    }

    /// <summary>The figures as a small table of text, in invariant culture.</summary>
    public override string ToString() => MetricsTable.Of(this);
}
