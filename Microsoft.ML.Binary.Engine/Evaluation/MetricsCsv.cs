using System.Collections.Immutable;
using System.Text;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>The CSV form of image rows.</summary>
internal static class MetricsCsv
{
    public static string Write<TMetrics, TImage>(
        IEnumerable<Measure<TMetrics, TImage>> measures, ImmutableArray<TImage> images, ImmutableArray<(string Name, Func<TImage, long> Of)> counts)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics
    {
        Measure<TMetrics, TImage>[] figures = [.. measures.Where(measure => measure.IsOfImages)];
        var csv = new StringBuilder();
        csv.Append(CsvRow.Of(["name", "width", "height", .. figures.Select(figure => figure.JsonName), .. counts.Select(count => MetricsJson.Camel(count.Name))]));
        foreach (TImage image in images)
        {
            csv.Append(CsvRow.Of([image.Name, image.Width, image.Height, .. figures.Select(figure => (object)figure.Of(image)), .. counts.Select(count => (object)count.Of(image))]));
        }

        return csv.ToString();
    }
}
