using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>The counts of one image over the thresholds.</summary>
/// <param name="Name">Name of the image.</param>
/// <param name="Counts">Counts at each of <see cref="EdgeMetrics.Thresholds"/>.</param>
/// <example>
/// <code>
/// EdgeMetricsAccumulator accumulator = new();
/// accumulator.Add("a.png", probabilities, [annotation], width: 480, height: 320);
/// EdgeMetrics edges = accumulator.ToMetrics();
/// foreach (EdgeImageMetrics one in edges.Images)
/// {
///     Console.WriteLine($"{one.Name}: F {one.Counts[one.Best].F:F3} at threshold {edges.Thresholds[one.Best]:F2}");
/// }
/// </code>
/// </example>
public sealed record EdgeImageMetrics(string Name, ImmutableArray<EdgeCounts> Counts)
{
    /// <summary>Index of the lowest threshold with the largest F.</summary>
    public int Best => EdgeMetrics.IndexOfLargestF(Counts);
}

/// <summary>
/// Figures of edge detection as the Berkeley benchmark defines them (Arbelaez, Maire, Fowlkes and Malik, Contour Detection and Hierarchical Image
/// Segmentation, PAMI 2011): predicted maps are thinned at every threshold and matched with each annotator's map.
/// </summary>
/// <remarks>
/// Two things are exact here that the benchmark's own program leaves to chance or interpolates: the matching has the largest possible number of pairs
/// (its program solves an assignment with random outlier edges, and differs from itself by up to 0.0011 between runs), and the best threshold is one
/// of those that were counted.
/// </remarks>
/// <example>
/// <code>
/// EdgeMetricsAccumulator accumulator = new();
/// accumulator.Add("a.png", probabilities, [annotation], width: 480, height: 320);
/// EdgeMetrics metrics = accumulator.ToMetrics();
/// Console.WriteLine($"ODS F {metrics.OdsF:F3} at {metrics.OdsThreshold:F2}, OIS F {metrics.OisF:F3}");
/// </code>
/// </example>
public sealed class EdgeMetrics : DenseMetrics<EdgeMetrics>
{
    internal EdgeMetrics(double[] thresholds, ImmutableArray<EdgeImageMetrics> images)
    {
        Thresholds = [.. thresholds];
        Images = images;
        Counts = [.. thresholds.Select((_, k) => images.Aggregate(default(EdgeCounts), (sum, image) => sum + image.Counts[k]))];
        int best = IndexOfLargestF(Counts);
        (OdsF, OdsThreshold) = (Counts[best].F, thresholds[best]);
        Ods = Counts[best];
        Ois = images.Aggregate(default(EdgeCounts), (sum, image) => sum + image.Counts[image.Best]);
        AveragePrecision = Area(Counts);
    }

    /// <summary>The thresholds of the probability, rising.</summary>
    public ImmutableArray<double> Thresholds { get; }

    /// <summary>Counts of the whole set at each threshold.</summary>
    public ImmutableArray<EdgeCounts> Counts { get; }

    /// <summary>Counts of each image, in the order of adding.</summary>
    public ImmutableArray<EdgeImageMetrics> Images { get; }

    /// <summary>F at the one threshold that is best for the whole set (optimal dataset scale), 0..1.</summary>
    public double OdsF { get; }

    /// <summary>The lowest threshold with <see cref="OdsF"/>.</summary>
    public double OdsThreshold { get; }

    /// <summary>Counts, precision and recall at <see cref="OdsThreshold"/>.</summary>
    public EdgeCounts Ods { get; }

    /// <summary>F with the best threshold for each image (optimal image scale), 0..1.</summary>
    public double OisF => Ois.F;

    /// <summary>Counts, precision and recall with the best threshold for each image.</summary>
    public EdgeCounts Ois { get; }

    /// <summary>
    /// Area under the precision-recall curve, 0..1: the sum of 0.01 times the precision, interpolated, at recalls 0, 0.01, ..., 1; recalls that no
    /// threshold reaches count 0.
    /// </summary>
    public double AveragePrecision { get; }

    internal override MetricsSummary Summary => new(
    [
        .. EdgeMeasure.Headlines.Select(measure => Headline.Of(measure, this) with
        {
            Note = measure == EdgeMeasure.OdsF ? $"at threshold {Messages.Figure.Of(OdsThreshold, "F3")}" : null,
        }),
    ])
    {
        Note = "As in the Berkeley benchmark: maps are thinned at every threshold and matched with the masks' edges.",
        Curve = new(
            "Precision and recall", "Recall", "Precision", [.. Counts.Where(counts => counts.Predictions > 0).Select(counts => (counts.Recall, counts.Precision))],
            (Ods.Recall, Ods.Precision, EdgeMeasure.OdsF.Title)),
    };

    private protected override IEnumerable<EdgeMeasure> Measures => EdgeMeasure.All;

    private protected override EdgeMeasure Compared => EdgeMeasure.OdsF;

    /// <inheritdoc/>
    public override string ToString() => MetricsText.Warn(new(
        $"""
        {MetricsText.Line(EdgeMeasure.Headlines, this)}
        at threshold {Messages.Figure.Of(OdsThreshold, "F3")}: {MetricsText.Line(EdgeMeasure.AtThreshold, this)}
        {Plural.Of(Images.Length, "image")}
        """), Warnings);

    private protected override void WriteDetails(Utf8JsonWriter json)
    {
        MetricsJson.Number(json, "odsThreshold", OdsThreshold);
        json.WriteNumber("imageCount", Images.Length);
        MetricsJson.Numbers(json, "precisionCurve", Counts.Select(counts => counts.Precision));
        MetricsJson.Numbers(json, "recallCurve", Counts.Select(counts => counts.Recall));
        MetricsJson.Texts(json, "warnings", Warnings);
        json.WriteStartArray("images");
        foreach (EdgeImageMetrics image in Images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            MetricsJson.Number(json, "f", image.Counts[image.Best].F);
            MetricsJson.Number(json, "threshold", Thresholds[image.Best]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static int IndexOfLargestF(ImmutableArray<EdgeCounts> counts)
    {
        int best = 0;
        for (int k = 1; k < counts.Length; k++)
        {
            best = counts[k].F > counts[best].F ? k : best;
        }

        return best;
    }

    private static double Area(ImmutableArray<EdgeCounts> counts)
    {
        // Thresholds rise, so recall falls; of equal recalls the lowest threshold counts.
        List<(double Recall, double Precision)> curve = [];
        foreach (EdgeCounts count in counts.Reverse())
        {
            if (curve.Count > 0 && curve[^1].Recall == count.Recall)
            {
                curve.RemoveAt(curve.Count - 1);
            }

            curve.Add((count.Recall, count.Precision));
        }

        curve = [.. curve.OrderBy(point => point.Recall)];
        double area = 0;
        for (int i = 0; i <= 100; i++)
        {
            double recall = i / 100.0;
            int above = curve.FindIndex(point => point.Recall >= recall);
            if (above < 0 || (above == 0 && curve[0].Recall > recall) || curve.Count < 2)
            {
                continue;
            }

            (double r1, double p1) = curve[above];
            (double r0, double p0) = above > 0 ? curve[above - 1] : curve[above];
            area += 0.01 * (r1 > r0 ? p0 + ((p1 - p0) * (recall - r0) / (r1 - r0)) : p1);
        }

        return area;
    }
}
