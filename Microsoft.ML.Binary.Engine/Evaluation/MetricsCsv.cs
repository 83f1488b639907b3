using System.Globalization;
using System.Text;

namespace Microsoft.ML.Binary;

/// <summary>The CSV form of image rows.</summary>
internal static class MetricsCsv
{
    public static string Write(IReadOnlyList<SegmentationImageMetrics> images)
    {
        var csv = new StringBuilder();
        Row(csv, "name", "width", "height", "meanIoU", "pixelAccuracy", "meanAccuracy", "meanDice", "meanBoundaryIoU", "pixelCount", "ignoredPixelCount");
        foreach (SegmentationImageMetrics image in images)
        {
            Row(
                csv, image.Name, image.Width, image.Height, image.MeanIoU, image.PixelAccuracy, image.MeanAccuracy, image.MeanDice,
                image.MeanBoundaryIoU, image.PixelCount, image.IgnoredPixelCount);
        }

        return csv.ToString();
    }

    public static string Write(IReadOnlyList<SaliencyImageMetrics> images)
    {
        var csv = new StringBuilder();
        Row(csv, "name", "width", "height", "mae", "maxF", "meanF", "adaptiveF", "weightedF", "sMeasure", "maxE", "meanE", "adaptiveE");
        foreach (SaliencyImageMetrics image in images)
        {
            Row(
                csv, image.Name, image.Width, image.Height, image.MeanAbsoluteError, image.MaxF, image.MeanF, image.AdaptiveF, image.WeightedF,
                image.SMeasure, image.MaxE, image.MeanE, image.AdaptiveE);
        }

        return csv.ToString();
    }

    private static void Row(StringBuilder csv, params ReadOnlySpan<object> fields)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            csv.Append(i > 0 ? "," : "").Append(Field(fields[i]));
        }

        csv.Append("\r\n");
    }

    private static string Field(object value)
    {
        string text = value is double.NaN ? "" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        text = value is string name && StartsFormula(name) ? "'" + text : text;
        return text.AsSpan().ContainsAny(",\"\r\n\t'") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }

    // Spreadsheets run what begins like this, in their own and in full-width characters; an apostrophe in front makes it text.
    private static bool StartsFormula(string text) =>
        text.AsSpan().TrimStart() is [var first, ..] && (first is '=' or '+' or '-' or '@' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20')
        || text is ['\t' or '\r' or '\n', ..];
}
