using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>A figure of counted regions; all of them are in <see cref="All"/>.</summary>
/// <example>
/// <code>
/// RegionMetricsAccumulator accumulator = new(threshold: 0.5);
/// accumulator.Add(MaskRegions.Find(truth, inside: 1, contour: 2, splitAtNecks: false), MaskRegions.Find(mask, inside: 1, contour: 2));
/// foreach (RegionMeasure measure in RegionMeasure.All)
/// {
///     Console.WriteLine($"{measure.Title}: {measure.Of(accumulator.ToMetrics()):F3}");
/// }
/// </code>
/// </example>
public sealed class RegionMeasure : Measure<RegionMetrics>
{
    private RegionMeasure(string name, string title, Func<RegionMetrics, double> of, bool lowerIsBetter = false)
        : base(name, title, of, lowerIsBetter)
    {
    }

    /// <summary><see cref="RegionMetrics.F1"/>.</summary>
    public static RegionMeasure F1 { get; } = new(nameof(F1), "F1", metrics => metrics.F1);

    /// <summary><see cref="RegionMetrics.Precision"/>.</summary>
    public static RegionMeasure Precision { get; } = new(nameof(Precision), "Precision", metrics => metrics.Precision);

    /// <summary><see cref="RegionMetrics.Recall"/>.</summary>
    public static RegionMeasure Recall { get; } = new(nameof(Recall), "Recall", metrics => metrics.Recall);

    /// <summary><see cref="RegionMetrics.CountError"/>; lower is better.</summary>
    public static RegionMeasure CountError { get; } = new(nameof(CountError), "Count error per image", metrics => metrics.CountError, lowerIsBetter: true);

    /// <summary>All figures, in the order in which files have them.</summary>
    public static ImmutableArray<RegionMeasure> All { get; } = [F1, Precision, Recall, CountError];

    /// <summary>Those from 0 to 1.</summary>
    internal static ImmutableArray<RegionMeasure> Shares { get; } = [F1, Precision, Recall];
}
