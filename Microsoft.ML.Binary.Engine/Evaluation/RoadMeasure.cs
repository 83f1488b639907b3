using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>A figure of a road or another two-class score; all of them are in <see cref="All"/>. Single images have none: pixels are pooled.</summary>
/// <example>
/// <code>
/// RoadMetricsAccumulator accumulator = new();
/// accumulator.Add("um_000000", probabilities, annotation, width: 480, height: 320);
/// foreach (RoadMeasure measure in RoadMeasure.All)
/// {
///     Console.WriteLine($"{measure.Title}: {measure.Of(accumulator.ToMetrics()):F3}");
/// }
/// </code>
/// </example>
public sealed class RoadMeasure : Measure<RoadMetrics>
{
    private RoadMeasure(string name, string title, Func<RoadMetrics, double> of, bool lowerIsBetter = false)
        : base(name, title, of, lowerIsBetter)
    {
    }

    /// <summary><see cref="RoadMetrics.MaxF"/>.</summary>
    public static RoadMeasure MaxF { get; } = new(nameof(MaxF), "Max F", metrics => metrics.MaxF);

    /// <summary><see cref="RoadMetrics.AveragePrecision"/>.</summary>
    public static RoadMeasure AveragePrecision { get; } = new(nameof(AveragePrecision), "Average precision", metrics => metrics.AveragePrecision);

    /// <summary><see cref="RoadMetrics.Precision"/>.</summary>
    public static RoadMeasure Precision { get; } = new(nameof(Precision), "Precision", metrics => metrics.Precision);

    /// <summary><see cref="RoadMetrics.Recall"/>.</summary>
    public static RoadMeasure Recall { get; } = new(nameof(Recall), "Recall", metrics => metrics.Recall);

    /// <summary><see cref="RoadMetrics.FalsePositiveRate"/>; lower is better.</summary>
    public static RoadMeasure FalsePositiveRate { get; } =
        new(nameof(FalsePositiveRate), "False positive rate", metrics => metrics.FalsePositiveRate, lowerIsBetter: true);

    /// <summary><see cref="RoadMetrics.FalseNegativeRate"/>; lower is better.</summary>
    public static RoadMeasure FalseNegativeRate { get; } =
        new(nameof(FalseNegativeRate), "False negative rate", metrics => metrics.FalseNegativeRate, lowerIsBetter: true);

    /// <summary>All figures, in the order in which files have them.</summary>
    public static ImmutableArray<RoadMeasure> All { get; } = [MaxF, AveragePrecision, Precision, Recall, FalsePositiveRate, FalseNegativeRate];

    /// <summary>The figures at <see cref="RoadMetrics.Threshold"/>.</summary>
    internal static ImmutableArray<RoadMeasure> AtThreshold { get; } = [Precision, Recall, FalsePositiveRate, FalseNegativeRate];
}
