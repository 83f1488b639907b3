using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary;

/// <summary>
/// Two-class figures over the thresholds of a score, as the KITTI road benchmark defines them (Fritsch, Kuehnl and Geiger, A New
/// Performance Measure and Evaluation Benchmark for Road Detection Algorithms, ITSC 2013); they suit any two-class problem.
/// </summary>
/// <remarks>
/// Taken in the image plane, not in the bird's-eye view of the public leaderboard, so the figures are not comparable with those
/// there. Averaging: pixels are pooled over the whole set, ignored ones dropped. The thresholds are k / 255 for k = 0..255, and
/// a pixel is predicted road if its score is at least the threshold. Without a single road pixel all but the false positive
/// rate are undefined, NaN, and without a single other pixel that one is.
/// </remarks>
/// <example>
/// <code>
/// RoadMetricsAccumulator accumulator = new();
/// accumulator.Add("um_000000", probabilities, annotation, width: 480, height: 320);            // once for each image
/// RoadMetrics road = accumulator.ToMetrics();
/// Console.WriteLine($"max F {road.MaxF:F3} at threshold {road.Threshold:F2}: precision {road.Precision:F3}, recall {road.Recall:F3}");
/// </code>
/// </example>
[TypeFormatterSource]
public sealed class RoadMetrics
{
    /// <summary>The benchmark adds this to denominators; kept so that figures agree.</summary>
    private const double Epsilon = 1e-10;

    internal RoadMetrics(ReadOnlySpan<long> roadPixels, ReadOnlySpan<long> otherPixels, long ignoredPixelCount, long imageCount)
    {
        int thresholds = roadPixels.Length;
        var hits = new long[thresholds];
        var falseAlarms = new long[thresholds];
        for (int k = thresholds - 1; k >= 0; k--)
        {
            hits[k] = roadPixels[k] + (k + 1 < thresholds ? hits[k + 1] : 0);
            falseAlarms[k] = otherPixels[k] + (k + 1 < thresholds ? falseAlarms[k + 1] : 0);
        }

        RoadPixelCount = hits[0];
        OtherPixelCount = falseAlarms[0];
        IgnoredPixelCount = ignoredPixelCount;
        ImageCount = imageCount;
        PrecisionCurve = [.. hits.Zip(falseAlarms, (hit, falseAlarm) => RoadPixelCount > 0 ? hit / (hit + falseAlarm + Epsilon) : double.NaN)];
        RecallCurve = [.. hits.Select(hit => hit / (double)RoadPixelCount)];

        int best = 0;
        for (int k = 1; k < thresholds; k++)
        {
            best = F(k) > F(best) ? k : best;
        }

        bool defined = RoadPixelCount > 0;
        MaxF = F(best);
        Threshold = defined ? best / 255.0 : double.NaN;
        Precision = PrecisionCurve[best];
        Recall = RecallCurve[best];
        FalsePositiveRate = falseAlarms[best] / (double)OtherPixelCount;
        FalseNegativeRate = 1 - Recall;
        AveragePrecision = defined ? ElevenPointPrecision() : double.NaN;
    }

    /// <summary>Largest F1 over the thresholds, the benchmark's ranking figure.</summary>
    public double MaxF { get; }

    /// <summary>The (lowest) threshold, 0..1, where F1 is largest; the figures below are at this threshold.</summary>
    public double Threshold { get; }

    /// <summary>Share of the pixels predicted road that are road.</summary>
    public double Precision { get; }

    /// <summary>Share of the road pixels that are predicted road.</summary>
    public double Recall { get; }

    /// <summary>Share of the other pixels that are predicted road.</summary>
    public double FalsePositiveRate { get; }

    /// <summary>Share of the road pixels that are not predicted road.</summary>
    public double FalseNegativeRate { get; }

    /// <summary>Mean over the recall levels 0, 0.1, ..., 1 of the best precision at that recall or a higher one (PASCAL VOC 2007).</summary>
    public double AveragePrecision { get; }

    /// <summary>Precision per threshold: element k is for "score at least k / 255".</summary>
    public ImmutableArray<double> PrecisionCurve { get; }

    /// <summary>Recall per threshold.</summary>
    public ImmutableArray<double> RecallCurve { get; }

    /// <summary>Number of images evaluated.</summary>
    public long ImageCount { get; }

    /// <summary>Number of pixels labelled road.</summary>
    public long RoadPixelCount { get; }

    /// <summary>Number of pixels labelled not road.</summary>
    public long OtherPixelCount { get; }

    /// <summary>Number of pixels dropped because their label is 255.</summary>
    public long IgnoredPixelCount { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"""
        {MetricsText.Line([RoadMeasure.MaxF, RoadMeasure.AveragePrecision], this)}   (image plane, not bird's-eye view)
        at threshold {Figure.Of(Threshold, "F3")}: {MetricsText.Line(RoadMeasure.AtThreshold, this)}
        {Plural.Of(ImageCount, "image")}, {RoadPixelCount:N0} road and {Plural.Of(OtherPixelCount, "other pixel")}, {IgnoredPixelCount:N0} ignored
        """);

    /// <summary>All figures and the precision and recall curves, in the form of <see cref="DenseMetrics.ToJson"/>.</summary>
    public string ToJson() => MetricsJson.Text(Write);

    /// <summary>Writes <see cref="ToJson"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveJson(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToJson()));

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        MetricsJson.Figures(json, RoadMeasure.All, this);
        MetricsJson.Number(json, "threshold", Threshold);
        json.WriteNumber("imageCount", ImageCount);
        json.WriteNumber("roadPixelCount", RoadPixelCount);
        json.WriteNumber("otherPixelCount", OtherPixelCount);
        json.WriteNumber("ignoredPixelCount", IgnoredPixelCount);
        MetricsJson.Numbers(json, "precisionCurve", PrecisionCurve);
        MetricsJson.Numbers(json, "recallCurve", RecallCurve);
        json.WriteEndObject();
    }

    private double F(int k) => 2 * PrecisionCurve[k] * RecallCurve[k] / (PrecisionCurve[k] + RecallCurve[k] + Epsilon);

    private double ElevenPointPrecision()
    {
        double sum = 0;
        for (int level = 0; level <= 10; level++)
        {
            double best = 0;
            for (int k = 0; k < RecallCurve.Length; k++)
            {
                best = RecallCurve[k] >= level * 0.1 ? Math.Max(best, PrecisionCurve[k]) : best;
            }

            sum += best;
        }

        return sum / 11;
    }
}
