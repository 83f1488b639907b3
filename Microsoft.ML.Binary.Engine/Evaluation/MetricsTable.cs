using System.Globalization;
using System.Text;

namespace Microsoft.ML.Binary;

/// <summary>Metrics as a few lines of text for a console.</summary>
internal static class MetricsTable
{
    private const int LongestName = 24;

    public static string Of(SegmentationMetrics metrics)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"mean IoU {Figure(metrics.MeanIoU)}   pixel accuracy {Figure(metrics.PixelAccuracy)}   mean accuracy {Figure(metrics.MeanAccuracy)}");
        text.Append(CultureInfo.InvariantCulture, $"mean Dice {Figure(metrics.MeanDice)}   frequency-weighted IoU {Figure(metrics.FrequencyWeightedIoU)}");
        bool hasBoundary = !metrics.PerClassBoundaryIoU.IsEmpty;
        text.AppendLine(hasBoundary ? $"   mean boundary IoU {Figure(metrics.MeanBoundaryIoU)}" : "");

        int nameWidth = Math.Min(LongestName, Math.Max(5, metrics.ClassNames.Max(name => name.Length)));
        text.AppendLine($"{"class".PadRight(nameWidth)}     IoU  recall  precision    Dice{(hasBoundary ? "  boundary" : "")}  share of pixels");
        for (int c = 0; c < metrics.ClassCount; c++)
        {
            string name = metrics.ClassNames[c];
            name = name.Length > nameWidth ? name[..(nameWidth - 3)] + "..." : name.PadRight(nameWidth);
            double share = metrics.PixelCount > 0 ? Sum(metrics.ConfusionMatrix.Row(c)) / (double)metrics.PixelCount : double.NaN;
            text.Append($"{name}  {Figure(metrics.PerClassIoU[c])}  {Figure(metrics.PerClassRecall[c])}     {Figure(metrics.PerClassPrecision[c])}  {Figure(metrics.PerClassDice[c])}");
            text.Append(hasBoundary ? $"    {Figure(metrics.PerClassBoundaryIoU[c])}" : "");
            text.AppendLine($"           {Figure(share)}");
        }

        text.Append(CultureInfo.InvariantCulture, $"{metrics.ImageCount:N0} images, {metrics.PixelCount:N0} pixels, {metrics.IgnoredPixelCount:N0} ignored");
        return text.ToString();
    }

    public static string Of(SaliencyMetrics metrics)
    {
        var text = new StringBuilder();
        text.AppendLine("MAE     S-measure  weighted F");
        text.AppendLine($"{Figure(metrics.Mae)}     {Figure(metrics.SMeasure)}      {Figure(metrics.WeightedF)}");
        text.AppendLine("              max    mean  adaptive");
        text.AppendLine($"F-measure  {Figure(metrics.MaxF)}  {Figure(metrics.MeanF)}    {Figure(metrics.AdaptiveF)}");
        text.AppendLine($"E-measure  {Figure(metrics.MaxE)}  {Figure(metrics.MeanE)}    {Figure(metrics.AdaptiveE)}");
        text.Append(CultureInfo.InvariantCulture, $"{metrics.ImageCount:N0} images, {metrics.PixelCount:N0} pixels");
        return text.ToString();
    }

    /// <summary>Six characters; a dash where a figure is undefined.</summary>
    private static string Figure(double value) => double.IsNaN(value) ? "     -" : value.ToString("F4", CultureInfo.InvariantCulture);

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
