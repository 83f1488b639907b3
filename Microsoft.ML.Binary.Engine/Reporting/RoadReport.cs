using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The parts of a report on a road or another two-class score.</summary>
internal sealed class RoadReport(RoadMetrics metrics, ReportOptions options)
{
    public string Title => options.Title ?? "Evaluation";

    public void Write(HtmlWriter html)
    {
        Summary(html);
        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, [.. options.Facts, .. Facts()]));
    }

    /// <summary>The figures and the curve: what a notebook shows.</summary>
    public void Summary(HtmlWriter html)
    {
        ReportPage.Header(
            html, Title,
            $"Road, in the image plane \u00B7 {Plural.Of(metrics.ImageCount, "image")} \u00B7 {Plural.Of(metrics.RoadPixelCount + metrics.OtherPixelCount, "pixel")}");
        HeadlineCards.Write(html,
        [
            .. RoadMeasure.All.Select(measure => measure == RoadMeasure.MaxF
                ? Headline.Of(measure, metrics) with { Note = $"at threshold {ReportText.Figure(metrics.Threshold)}" }
                : Headline.Of(measure, metrics)),
        ]);
        ReportPage.Section(html, "Curve", "All thresholds from 0 to 1, over all pixels.", () =>
        {
            using (html.Open("div", ("class", "charts")))
            {
                new Chart(
                    "Precision and recall", "Recall", "Precision",
                    [new("Precision", [.. metrics.RecallCurve.Zip(metrics.PrecisionCurve)])],
                    new ChartMark(metrics.Recall, metrics.Precision, "max F")).Write(html);
            }
        });
    }

    private IEnumerable<ReportFact> Facts()
    {
        const string group = "Evaluation";
        yield return new(group, "Images", ReportText.Count(metrics.ImageCount));
        yield return new(group, "Road pixels", ReportText.Count(metrics.RoadPixelCount));
        yield return new(group, "Other pixels", ReportText.Count(metrics.OtherPixelCount));
        yield return new(group, "Pixels ignored", ReportText.Count(metrics.IgnoredPixelCount));
        yield return new(group, "Plane", "Image plane, not the bird's-eye view of the KITTI leaderboard");
    }
}
