using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The parts of a report on a segmentation.</summary>
internal sealed class SegmentationReport(SegmentationMetrics metrics, ReportOptions options)
{
    private const int LargestLegend = 30;

    public string Title => options.Title ?? "Evaluation";

    public void Write(HtmlWriter html)
    {
        Summary(html);
        ImageSections<SegmentationImageMetrics> images = new(
            "Each image on its own: mean IoU over the classes that occur in it.", "Images by mean IoU", image => image.MeanIoU,
            image => $"mean IoU {ReportText.Figure(image.MeanIoU)} \u00B7 accuracy {ReportText.Figure(image.PixelAccuracy)}")
        {
            Legend = WriteLegend,
        };
        images.Write(html, metrics.WorstImages(metrics.Images.Length), options);
        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, [.. options.Facts, .. Facts()]));
    }

    /// <summary>The figures, the classes and their confusions: what a notebook shows.</summary>
    public void Summary(HtmlWriter html)
    {
        ReportPage.Header(
            html, Title,
            $"Semantic segmentation \u00B7 {Plural.Of(metrics.ImageCount, "image")} \u00B7 {ReportText.Count(metrics.NumberOfClasses)} classes \u00B7 {Plural.Of(metrics.PixelCount, "pixel")}");
        HeadlineCards.Write(html, [.. Headline.Of(SegmentationMeasure.All, metrics, options.Bootstrap)]);
        ReportPage.Section(html, "Classes", null, () => ClassTable.Write(html, metrics.Classes, options.Palette));
        ReportPage.Section(
            html, "Confusions", "Of all pixels of a class, the percentage predicted as each class; a row adds up to 100.",
            () => ConfusionSection.Write(html, metrics));
    }

    private void WriteLegend(HtmlWriter html)
    {
        if (options.Examples is not null && metrics.NumberOfClasses <= LargestLegend)
        {
            HtmlLegend.Write(html, metrics.ClassNames.Select((name, c) => (name, options.Palette[c].ToString())));
        }
    }

    private IEnumerable<ReportFact> Facts()
    {
        const string group = "Evaluation";
        yield return new(group, "Images", ReportText.Count(metrics.ImageCount));
        yield return new(group, "Pixels evaluated", ReportText.Count(metrics.PixelCount));
        yield return new(group, "Pixels ignored", ReportText.Count(metrics.IgnoredPixelCount));
        yield return new(group, "Averaging", "One confusion matrix over all pixels; means over the classes that occur in labels or predictions");
        if (!metrics.Images.IsEmpty)
        {
            yield return new(group, "Intervals", IntervalNote.Of(options.Bootstrap));
        }
    }
}
