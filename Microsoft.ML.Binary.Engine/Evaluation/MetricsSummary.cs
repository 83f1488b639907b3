using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>What a report on several tasks shows of one, as data: reports are written in a layer above this one.</summary>
/// <param name="Figures">The figures, the most important one first.</param>
internal sealed record MetricsSummary(IReadOnlyList<Headline> Figures)
{
    /// <summary>How they were measured, where that needs a word.</summary>
    public string? Note { get; init; }

    /// <summary>Figures of each class, where there are classes.</summary>
    public ClassFigures? Classes { get; init; }

    /// <summary>A curve of the whole set.</summary>
    public MetricsCurve? Curve { get; init; }
}

/// <summary>A figure that a report puts first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The figure, 0..1.</param>
/// <param name="Interval">Its confidence interval, if it has one.</param>
/// <param name="Note">A word on how to read it.</param>
internal sealed record Headline(string Name, double Value, ConfidenceInterval? Interval = null, string? Note = null)
{
    /// <summary>A figure of a set.</summary>
    public static Headline Of<TMetrics>(Measure<TMetrics> measure, TMetrics metrics) =>
        new(measure.Title, measure.Of(metrics), Note: measure.LowerIsBetter ? "lower is better" : null);

    /// <summary>The figures of an evaluation, but for those that were not asked for.</summary>
    public static IEnumerable<Headline> Of<TMetrics, TImage>(IEnumerable<Measure<TMetrics, TImage>> measures, TMetrics metrics, BootstrapOptions? options)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics =>
        from measure in measures
        let isKept = measure.IsKept(metrics)
        where isKept || !double.IsNaN(measure.Of(metrics))
        select Of(measure, metrics) with { Interval = isKept ? metrics.ConfidenceInterval(measure, options) : null };
}

/// <summary>A table with a line for each class.</summary>
/// <param name="Names">The classes.</param>
/// <param name="Columns">Their figures, the most important one first.</param>
internal sealed record ClassFigures(ImmutableArray<string> Names, IReadOnlyList<ClassColumn> Columns);

/// <summary>A figure of every class.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Values">One for each class, 0..1; NaN where it is undefined.</param>
/// <param name="IsShare">Whether it is a share of all pixels.</param>
internal sealed record ClassColumn(string Title, ImmutableArray<double> Values, bool IsShare = false);

/// <summary>A curve with its best point.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">What runs to the right, 0..1.</param>
/// <param name="Y">What runs upwards, 0..1.</param>
/// <param name="Points">The points.</param>
/// <param name="Mark">The point to mark, and what it is.</param>
internal sealed record MetricsCurve(string Title, string X, string Y, IReadOnlyList<(double X, double Y)> Points, (double X, double Y, string Name) Mark);
