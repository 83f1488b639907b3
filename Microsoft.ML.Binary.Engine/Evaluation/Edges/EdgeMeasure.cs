using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>A figure of edge detection; all of them are in <see cref="All"/>.</summary>
/// <example>
/// <code>
/// EdgeMetricsAccumulator accumulator = new();
/// accumulator.Add("a.png", probabilities, [annotation], width: 480, height: 320);
/// foreach (EdgeMeasure measure in EdgeMeasure.All)
/// {
///     Console.WriteLine($"{measure.Title}: {measure.Of(accumulator.ToMetrics()):F3}");
/// }
/// </code>
/// </example>
public sealed class EdgeMeasure : Measure<EdgeMetrics>
{
    private EdgeMeasure(string name, string title, Func<EdgeMetrics, double> of)
        : base(name, title, of)
    {
    }

    /// <summary><see cref="EdgeMetrics.OdsF"/>.</summary>
    public static EdgeMeasure OdsF { get; } = new(nameof(OdsF), "ODS F", metrics => metrics.OdsF);

    /// <summary><see cref="EdgeMetrics.OisF"/>.</summary>
    public static EdgeMeasure OisF { get; } = new(nameof(OisF), "OIS F", metrics => metrics.OisF);

    /// <summary><see cref="EdgeMetrics.AveragePrecision"/>.</summary>
    public static EdgeMeasure AveragePrecision { get; } = new(nameof(AveragePrecision), "Average precision", metrics => metrics.AveragePrecision);

    /// <summary>Precision at <see cref="EdgeMetrics.OdsThreshold"/>.</summary>
    public static EdgeMeasure OdsPrecision { get; } = new(nameof(OdsPrecision), "ODS precision", metrics => metrics.Ods.Precision);

    /// <summary>Recall at <see cref="EdgeMetrics.OdsThreshold"/>.</summary>
    public static EdgeMeasure OdsRecall { get; } = new(nameof(OdsRecall), "ODS recall", metrics => metrics.Ods.Recall);

    /// <summary>All figures, in the order in which files have them.</summary>
    public static ImmutableArray<EdgeMeasure> All { get; } = [OdsF, OisF, AveragePrecision, OdsPrecision, OdsRecall];

    /// <summary>The benchmark's three.</summary>
    internal static ImmutableArray<EdgeMeasure> Headlines { get; } = [OdsF, OisF, AveragePrecision];

    /// <summary>The figures at <see cref="EdgeMetrics.OdsThreshold"/>.</summary>
    internal static ImmutableArray<EdgeMeasure> AtThreshold { get; } = [OdsPrecision, OdsRecall];
}
