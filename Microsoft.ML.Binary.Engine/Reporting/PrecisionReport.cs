using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The parts of a report on networks of mixed precision.</summary>
internal sealed class PrecisionReport(PrecisionFront front, ReportOptions options)
{
    /// <summary>The bits that channels can have, in the order in which points count their channels.</summary>
    public static readonly ImmutableArray<int> Widths = [0, 1, 2, 4, 8];

    public string Title => options.Title ?? "Mixed precision";

    public void Write(HtmlWriter html)
    {
        PrecisionPoint[] found = [.. front.Points.Where(point => !point.IsUniform)];
        IReadOnlyList<PrecisionPoint> compared = found.Length > 0 ? found : front.Points;
        PrecisionPoint best = compared.MaxBy(point => point.Accuracy)!, smallest = compared.MinBy(point => point.Bytes)!;
        ReportPage.Header(html, Title, $"{Plural.Of(found.Length, "network")} found, {Plural.Of(front.Points.Count - found.Length, "network")} of one width beside them");
        FigureCard.WriteAll(
            html,
            new($"Best {front.AccuracyName}", ReportText.Figure(best.Accuracy), $"{best.Name}, {Bytes(best)} bytes, {Time(best)} ms"),
            new("Smallest", $"{Bytes(smallest)} bytes", $"{smallest.Name}, {front.AccuracyName} {ReportText.Figure(smallest.Accuracy)}"));
        ReportPage.Section(
            html, "Accuracy against size and time", "Dots joined by the line are not dominated: nothing else is as accurate and costs less. Time was measured on this machine, one thread.",
            () => Charts(html));
        ReportPage.Section(html, "Networks", null, () => Table(html));
        ReportPage.Section(html, "Widths", "Of each layer the channels of 0, 1, 2, 4 and 8 bits, a column a network.", () => WidthTable(html));
        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, options.Facts));
    }

    private void Charts(HtmlWriter html)
    {
        using (html.Open("div", ("class", "charts")))
        {
            Chart(html, "Size", "thousand bytes", point => point.Bytes / 1000.0, front.IsDominatedInBytes);
            Chart(html, "Time", "ms", point => point.Milliseconds, front.IsDominatedInTime);
        }
    }

    private void Chart(HtmlWriter html, string title, string unit, Func<PrecisionPoint, double> cost, Func<PrecisionPoint, bool> isDominated)
    {
        double highest = front.Points.Max(cost), lowest = front.Points.Min(point => point.Accuracy), top = front.Points.Max(point => point.Accuracy);
        double step = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(highest, 1e-6)))) / 2, right = step * Math.Ceiling(highest * 1.02 / step);
        double low = Math.Max(0, Math.Floor(20 * lowest - 0.2) / 20), high = Math.Max(low + 0.05, Math.Min(1, Math.Ceiling(20 * top + 0.2) / 20));
        PrecisionPoint[] best = [.. front.Points.Where(point => !isDominated(point)).OrderBy(cost)];
        new Chart(
            title, new ChartAxis(unit, 0, right, right < 10 ? "0.0" : "0"), new ChartAxis(front.AccuracyName, low, high, "0.00"),
            [new("Front", [.. best.Select(point => (cost(point), point.Accuracy))], HasDots: true)],
            [.. front.Points.Where(point => point.IsUniform || isDominated(point)).Select(point => new ChartMark(cost(point), point.Accuracy, point.Name))]).Write(html);
    }

    private void Table(HtmlWriter html) => ReportTable.Write(
        html, ["Network", front.AccuracyName, "bytes", "ms", front.CostName, .. Widths.Select(width => $"{width}-bit channels"), "dominated"], front.Points, point =>
        {
            html.Element("th", point.Name);
            foreach (string text in (string[])
                [ReportText.Figure(point.Accuracy), Bytes(point), Time(point), point.Cost.ToString("N0", CultureInfo.InvariantCulture), .. PrecisionFront.Channels(point).Select(count => $"{count}"), Dominated(point)])
            {
                html.Element("td", text, ("class", "figure"));
            }
        });

    // Networks may differ in their layers.
    private void WidthTable(HtmlWriter html) => ReportTable.Write(
        html, ["Layer", .. front.Points.Select(point => point.Name)], front.Points.SelectMany(point => point.Layers).Select(layer => layer.Layer).Distinct(), layer =>
        {
            html.Element("th", layer);
            foreach (PrecisionPoint point in front.Points)
            {
                IReadOnlyList<int> channels = point.Layers.FirstOrDefault(one => one.Layer == layer).Channels ?? [];
                html.Element("td", string.Join(' ', Widths.Zip(channels, (width, count) => $"{width}:{count}")), ("class", "figure"));
            }
        });

    private string Dominated(PrecisionPoint point) => (front.IsDominatedInBytes(point), front.IsDominatedInTime(point)) switch
    {
        (true, true) => "in bytes and time",
        (true, false) => "in bytes",
        (false, true) => "in time",
        _ => "",
    };

    private static string Bytes(PrecisionPoint point) => point.Bytes.ToString("N0", CultureInfo.InvariantCulture);

    private static string Time(PrecisionPoint point) => point.Milliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
