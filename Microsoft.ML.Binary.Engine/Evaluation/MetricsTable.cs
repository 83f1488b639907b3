using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>Metrics as a few lines of text for a console.</summary>
internal static class MetricsTable
{
    private const int LongestName = 24;

    public static string Of(SegmentationMetrics metrics)
    {
        var text = new StringBuilder();
        bool hasBoundary = !metrics.PerClassBoundaryIoU.IsEmpty;
        AppendFigures(text, SegmentationMeasure.All.Where(measure => hasBoundary || !measure.IsOfBoundaries), metrics);
        string[] names = [.. metrics.ClassNames.Select(SafeText.OneLine)];
        int nameWidth = Math.Min(LongestName, Math.Max(5, names.Max(name => name.Length)));
        text.AppendLine($"{"class".PadRight(nameWidth)}     IoU  recall  precision    Dice{(hasBoundary ? "  boundary" : "")}  share of pixels");
        for (int c = 0; c < metrics.NumberOfClasses; c++)
        {
            string name = names[c];
            name = name.Length > nameWidth ? name[..(nameWidth - 3)] + "..." : name.PadRight(nameWidth);
            double share = metrics.PixelCount > 0 ? Sum(metrics.ConfusionMatrix.Row(c)) / (double)metrics.PixelCount : double.NaN;
            text.Append($"{name}  {Figure(metrics.PerClassIoU[c])}  {Figure(metrics.PerClassRecall[c])}     {Figure(metrics.PerClassPrecision[c])}  {Figure(metrics.PerClassDice[c])}");
            text.Append(hasBoundary ? $"    {Figure(metrics.PerClassBoundaryIoU[c])}" : "");
            text.AppendLine($"           {Figure(share)}");
        }

        text.Append(CultureInfo.InvariantCulture, $"{Plural.Of(metrics.ImageCount, "image")}, {Plural.Of(metrics.PixelCount, "pixel")}, {metrics.IgnoredPixelCount:N0} ignored");
        return Warn(text, metrics.Warnings);
    }

    public static string Of(SaliencyMetrics metrics)
    {
        var text = new StringBuilder();
        text.AppendLine("MAE     S-measure  weighted F");
        text.AppendLine($"{Figure(metrics.MeanAbsoluteError)}     {Figure(metrics.SMeasure)}      {Figure(metrics.WeightedF)}");
        text.AppendLine("              max    mean  adaptive");
        text.AppendLine($"F-measure  {Figure(metrics.MaxF)}  {Figure(metrics.MeanF)}    {Figure(metrics.AdaptiveF)}");
        text.AppendLine($"  of the averaged precision-recall curve  {Figure(metrics.MaxFOfMeanCurve)}");
        text.AppendLine($"E-measure  {Figure(metrics.MaxE)}  {Figure(metrics.MeanE)}    {Figure(metrics.AdaptiveE)}");
        text.Append($"{Plural.Of(metrics.ImageCount, "image")}, {Plural.Of(metrics.PixelCount, "pixel")}");
        return Warn(text, metrics.Warnings);
    }

    public static string Of(RoadMetrics metrics) => string.Create(CultureInfo.InvariantCulture,
        $"""
        {Line([RoadMeasure.MaxF, RoadMeasure.AveragePrecision], metrics)}   (image plane, not bird's-eye view)
        at threshold {Messages.Figure.Of(metrics.Threshold, "F3")}: {Line(RoadMeasure.AtThreshold, metrics)}
        {Plural.Of(metrics.ImageCount, "image")}, {metrics.RoadPixelCount:N0} road and {Plural.Of(metrics.OtherPixelCount, "other pixel")}, {metrics.IgnoredPixelCount:N0} ignored
        """);

    public static string Of(EdgeMetrics metrics) => string.Create(CultureInfo.InvariantCulture,
        $"""
        {Line(EdgeMeasure.Headlines, metrics)}
        at threshold {Messages.Figure.Of(metrics.OdsThreshold, "F3")}: {Line(EdgeMeasure.AtThreshold, metrics)}
        {Plural.Of(metrics.Images.Length, "image")}
        """);

    public static string Of(RegionMetrics metrics) => string.Create(CultureInfo.InvariantCulture,
        $"{Line(RegionMeasure.Shares, metrics, ", ")}; {metrics.Predicted} found, {metrics.Actual} there, {metrics.Matched} matched; count off by {metrics.CountError:0.00} per image");

    private static string Line<TMetrics>(IEnumerable<Measure<TMetrics>> measures, TMetrics metrics, string separator = "   ") =>
        string.Join(separator, measures.Select(measure => $"{Lower(measure.Title)} {Text(measure.Of(metrics))}"));

    // Not of a sign or an abbreviation: F1, ODS F.
    private static string Lower(string title) => char.IsLower(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;

    /// <summary>Three figures per line.</summary>
    private static void AppendFigures<TMetrics, TImage>(StringBuilder text, IEnumerable<Measure<TMetrics, TImage>> measures, TMetrics metrics)
    {
        foreach (Measure<TMetrics, TImage>[] line in measures.Chunk(3))
        {
            text.AppendJoin("   ", line.Select(measure => $"{char.ToLowerInvariant(measure.Title[0])}{measure.Title[1..]} {Figure(measure.Of(metrics))}")).AppendLine();
        }
    }

    private static string Warn(StringBuilder text, ImmutableArray<string> warnings)
    {
        foreach (string warning in warnings)
        {
            text.AppendLine().Append($"warning: {SafeText.OneLine(warning)}");
        }

        return text.ToString();
    }

    private static string Text(double value) => Messages.Figure.Of(value);

    /// <summary>Six characters.</summary>
    private static string Figure(double value) => Messages.Figure.Of(value).PadLeft(6);

    private static long Sum(ReadOnlySpan<long> counts)
    {
        long sum = 0;
        foreach (long count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
