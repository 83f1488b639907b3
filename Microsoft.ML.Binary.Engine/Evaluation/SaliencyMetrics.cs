using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Messages;
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
/// <example>
/// <code>
/// SaliencyMetrics metrics = ml.Saliency.Evaluate(scored);
/// Console.WriteLine($"MAE {metrics.MeanAbsoluteError:F3}, max F {metrics.MaxF:F3}; worst: {metrics.WorstImages(1)[0].Name}");
/// </code>
/// </example>
[TypeFormatterSource]
public sealed class SaliencyMetrics : DenseMetrics<SaliencyMetrics, SaliencyImageMetrics>
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

    /// <summary>Number of pixels evaluated.</summary>
    public required long PixelCount { get; init; }

    internal override MetricsSummary Summary => new([.. Headline.Of(SaliencyMeasure.Cards, this, options: null)]);

    private protected override IEnumerable<SaliencyMeasure> Measures => SaliencyMeasure.All;

    private protected override SaliencyMeasure Compared => SaliencyMeasure.MaxF;

    private protected override SaliencyMeasure Validated => SaliencyMeasure.MeanAbsoluteError;

    /// <summary>The images of largest mean absolute error, worst first.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<SaliencyImageMetrics> WorstImages(int count) =>
        [.. Images.OrderByDescending(image => image.MeanAbsoluteError).Take(count)];

    /// <summary>The figures as a small table of text, in invariant culture.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine("MAE     S-measure  weighted F");
        text.AppendLine($"{MetricsText.Figure(MeanAbsoluteError)}     {MetricsText.Figure(SMeasure)}      {MetricsText.Figure(WeightedF)}");
        text.AppendLine("              max    mean  adaptive");
        text.AppendLine($"F-measure  {MetricsText.Figure(MaxF)}  {MetricsText.Figure(MeanF)}    {MetricsText.Figure(AdaptiveF)}");
        text.AppendLine($"  of the averaged precision-recall curve  {MetricsText.Figure(MaxFOfMeanCurve)}");
        text.AppendLine($"E-measure  {MetricsText.Figure(MaxE)}  {MetricsText.Figure(MeanE)}    {MetricsText.Figure(AdaptiveE)}");
        text.Append($"{Plural.Of(ImageCount, "image")}, {Plural.Of(PixelCount, "pixel")}");
        return MetricsText.Warn(text, Warnings);
    }

    private protected override void WriteMore(Utf8JsonWriter json)
    {
        json.WriteNumber("pixelCount", PixelCount);
        MetricsJson.Numbers(json, "precisionCurve", PrecisionCurve);
        MetricsJson.Numbers(json, "recallCurve", RecallCurve);
        MetricsJson.Numbers(json, "fCurve", FCurve);
        MetricsJson.Numbers(json, "eCurve", ECurve);
    }
}
