using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Binary;

/// <summary>The CSV form of image rows.</summary>
internal static class MetricsCsv
{
    public static string Write<TMetrics, TImage>(IEnumerable<Measure<TMetrics, TImage>> measures, ImmutableArray<TImage> images)
        where TImage : IImageMetrics<TImage>
    {
        Measure<TMetrics, TImage>[] figures = [.. measures.Where(measure => measure.IsOfImages)];
        var csv = new StringBuilder();
        Row(csv, ["name", "width", "height", .. figures.Select(figure => figure.JsonName), .. TImage.Counts.Select(count => MetricsJson.Camel(count.Name))]);
        foreach (TImage image in images)
        {
            Row(csv, [image.Name, image.Width, image.Height, .. figures.Select(figure => (object)figure.Of(image)), .. TImage.Counts.Select(count => (object)count.Of(image))]);
        }

        return csv.ToString();
    }

    private static void Row(StringBuilder csv, object[] fields)
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
