using System.Globalization;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The parts of a report on a search over bit widths.</summary>
internal sealed class WidthReport(WidthSearchResult result, ReportOptions options)
{
    private readonly IReadOnlyList<MeasuredPoint> _points = [.. result.Front, .. result.Others];

    // Costs are shown as shares of the uniform configuration that costs most, which is the one with the largest width.
    private readonly double _most = result.Others.Where(point => !point.Widths.IsEmpty).Concat(result.Front).Max(point => point.Mapping.Total(result.Metric));

    public string Title => options.Title ?? "Bit widths";

    public void Write(HtmlWriter html)
    {
        MeasuredPoint cheapest = result.Front[0], best = result.Front.MaxBy(point => point.Measured)!;
        ReportPage.Header(
            html, Title,
            $"Bit widths of {Plural.Of(result.Layers.Length, "layer")} on {cheapest.Mapping.Accelerator.Name} \u00B7 {Plural.Of(result.Evaluations, "configuration")} looked at");
        FigureCard.WriteAll(
            html,
            new($"Best {result.MeasuredBy} of the front", ReportText.Figure(best.Measured), $"{best.Name}, {ReportText.Percent(Share(best))} of the cost"),
            new("Cheapest of the front", ReportText.Percent(Share(cheapest)), $"of the cost, {result.MeasuredBy} {ReportText.Figure(cheapest.Measured)}"));
        ReportPage.Section(
            html, "Accuracy and cost",
            $"Cost is {Cost()}, as a share of that of the largest width everywhere. Accuracy was measured on all images; the search went by {result.PredictedBy}.",
            () => Front(html));
        ReportPage.Section(html, "Configurations", null, () => Table(html));
        ReportPage.Section(
            html, "Widths", "Bits of maps / of weights, a column a configuration of the front, the cheapest first.", () => Widths(html));
        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, [.. options.Facts, .. cheapest.Mapping.Notes.Select((note, i) => new ReportFact("Counting", $"{i + 1}", note))]));
    }

    private void Front(HtmlWriter html)
    {
        double right = Math.Ceiling(10 * _points.Max(Share)) / 10;
        double top = Math.Min(1, Math.Ceiling(20 * _points.Max(point => point.Measured) + 0.2) / 20);
        using (html.Open("div", ("class", "charts")))
        {
            new Chart(
                "Front", new ChartAxis($"{Cost()}, share", 0, right, "0.00"), new ChartAxis(result.MeasuredBy, 0, top, "0.00"),
                [new("Front", [.. result.Front.Select(point => (Share(point), point.Measured))], HasDots: true)],
                [.. result.Others.Select(point => new ChartMark(Share(point), point.Measured, point.Name))]).Write(html);
        }
    }

    private void Table(HtmlWriter html) => ReportTable.Write(
        html, ["Configuration", "Cost", result.MeasuredBy, "predicted", "energy", "in memories", "cycles"], _points, point =>
        {
            html.Element("th", point.Name);
            ReportTable.Bar(html, Share(point), ReportText.Percent(Share(point)));
            ReportTable.Figure(html, result.MeasuredBy, ReportText.Figure(point.Measured));
            ReportTable.Figure(html, "predicted", ReportText.Figure(point.Predicted ?? double.NaN));
            ReportTable.Figure(html, "energy", MappingReport.Energy(point.Mapping.Energy));
            ReportTable.Figure(html, "in memories", MappingReport.Energy(point.Mapping.MemoryEnergy));
            ReportTable.Figure(html, "cycles", MappingReport.Short(point.Mapping.Cycles));
        },
        hasBar: true);

    private void Widths(HtmlWriter html) => ReportTable.Write(html, heads: [], Enumerable.Range(0, result.Layers.Length), layer =>
    {
        html.Element("th", result.Layers[layer]);
        foreach (MeasuredPoint point in result.Front)
        {
            html.Element("td", point.Widths[layer].ToString(), ("class", "figure"), ("title", point.Name));
        }
    });

    private double Share(MeasuredPoint point) => point.Mapping.Total(result.Metric) / _most;

    private string Cost() => result.Metric switch
    {
        MappingMetric.Edp => "EDP",
        MappingMetric.Accesses => "DRAM words",
        MappingMetric metric => metric.ToString().ToLower(CultureInfo.InvariantCulture),
    };
}
