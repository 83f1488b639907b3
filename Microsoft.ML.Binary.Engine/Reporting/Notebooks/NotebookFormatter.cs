using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting.Notebooks;

/// <summary>Writes metrics, networks and pictures as HTML; called by .NET Interactive, which knows the members by their names.</summary>
internal sealed class NotebookFormatter
{
    // Pictures become part of the notebook's file.
    private const int LargestSide = 960;

    public string MimeType => "text/html";

    /// <summary>Writes a value.</summary>
    /// <returns>Whether it is of a type that this formatter knows.</returns>
    public bool Format(object instance, TextWriter writer)
    {
        string? html = instance switch
        {
            SegmentationMetrics metrics => ReportPage.Fragment(new SegmentationReport(metrics, new()).Summary),
            SaliencyMetrics metrics => ReportPage.Fragment(new SaliencyReport(metrics, new()).Summary),
            RoadMetrics metrics => ReportPage.Fragment(new RoadReport(metrics, new()).Summary),
            PairedComparison comparison => ReportPage.Fragment(html => ComparisonCards.Write(html, comparison)),
            DenseNetwork network => ReportPage.Fragment(html => NetworkSummary.Write(html, network)),
            RgbImage image => Picture(image),
            SegmentationMask mask => Picture(mask.ToImage()),
            SaliencyMask mask => Picture(mask.ToImage()),
            _ => null,
        };
        writer.Write(html);
        return html is not null;
    }

    private static string Picture(RgbImage image)
    {
        HtmlWriter html = new();
        html.Empty(
            "img",
            ("alt", $"Image of {image.Width}x{image.Height} pixels"),
            ("style", "max-width:100%"),
            ("src", Thumbnail.DataUri(Thumbnail.Shrink(image, LargestSide))));
        return html.ToString();
    }
}

/// <summary>Lists the formatters of this library's types; created and called by .NET Interactive, which knows the member by its name.</summary>
internal sealed class NotebookFormatters
{
    public IEnumerable<object> CreateTypeFormatters() => [new NotebookFormatter()];
}
