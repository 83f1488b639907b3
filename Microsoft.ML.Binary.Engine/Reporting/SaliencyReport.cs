using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The parts of a report on salient-object detection.</summary>
internal sealed class SaliencyReport(SaliencyMetrics metrics, ReportOptions options)
{
    public string Title => options.Title ?? "Evaluation";

    public void Write(HtmlWriter html)
    {
        Summary(html);
        ImageSections<SaliencyImageMetrics> images = new(
            "Each image on its own; lower is better.", "Images by mean absolute error", image => image.MeanAbsoluteError,
            image => $"error {ReportText.Figure(image.MeanAbsoluteError)} \u00B7 max F {ReportText.Figure(image.MaxF)}{(double.IsNaN(image.SMeasure) ? "" : $" \u00B7 S {ReportText.Figure(image.SMeasure)}")}");
        images.Write(html, metrics.WorstImages(metrics.Images.Length), options);
        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, [.. options.Facts, .. Facts()]));
    }

    /// <summary>The figures and the curves: what a notebook shows.</summary>
    public void Summary(HtmlWriter html)
    {
        ReportPage.Header(
            html, Title,
            $"Salient-object detection \u00B7 {Plural.Of(metrics.ImageCount, "image")} \u00B7 {Plural.Of(metrics.PixelCount, "pixel")}");
        HeadlineCards.Write(
            html,
            [.. Headline.Of(SaliencyMeasure.Cards, metrics, options.Bootstrap)]);
        ReportPage.Section(
            html, "Curves",
            $"Averaged over the images, for thresholds from 0 to 1. The best point of the averaged precision-recall curve has F {ReportText.Figure(metrics.MaxFOfMeanCurve)}: max F of older papers.", () => Curves(html));
    }

    private void Curves(HtmlWriter html)
    {
        int best = metrics.FCurve.IndexOf(metrics.MaxF);
        using (html.Open("div", ("class", "charts")))
        {
            Chart precisionRecall = new(
                "Precision and recall", "Recall", "Precision",
                [new("Precision", [.. metrics.RecallCurve.Zip(metrics.PrecisionCurve)])],
                new ChartMark(metrics.RecallCurve[best], metrics.PrecisionCurve[best], $"max F at {ReportText.Figure(best / 255.0)}"));
            precisionRecall.Write(html);

            List<ChartLine> lines = [new("F-measure", OverThresholds(metrics.FCurve))];
            if (!metrics.ECurve.IsEmpty)
            {
                lines.Add(new("E-measure", OverThresholds(metrics.ECurve)));
            }

            new Chart("Measures by threshold", "Threshold", "Measure", lines).Write(html);
        }
    }

    private static IReadOnlyList<(double X, double Y)> OverThresholds(IEnumerable<double> curve) => [.. curve.Select((value, t) => (t / 255.0, value))];

    private IEnumerable<ReportFact> Facts()
    {
        const string group = "Evaluation";
        yield return new(group, "Images", ReportText.Count(metrics.ImageCount));
        yield return new(group, "Pixels", ReportText.Count(metrics.PixelCount));
        yield return new(group, "Averaging", "Means over images; curves are averaged before their maximum and mean over thresholds");
        if (!metrics.Images.IsEmpty)
        {
            yield return new(group, "Intervals", IntervalNote.Of(options.Bootstrap));
        }
    }
}
