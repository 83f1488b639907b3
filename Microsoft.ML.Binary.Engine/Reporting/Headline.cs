using System.Globalization;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A figure that a report puts first.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The figure, 0..1.</param>
/// <param name="Interval">Its confidence interval, if it has one.</param>
/// <param name="Note">A word on how to read it.</param>
internal sealed record Headline(string Name, double Value, ConfidenceInterval? Interval = null, string? Note = null)
{
    /// <summary>The figures of an evaluation, but for those that were not asked for.</summary>
    public static IEnumerable<Headline> Of<TMetrics, TImage>(IEnumerable<Measure<TMetrics, TImage>> measures, TMetrics metrics, BootstrapOptions? options) =>
        from measure in measures
        let isKept = measure.IsKept(metrics)
        where isKept || !double.IsNaN(measure.Of(metrics))
        select new Headline(
            measure.Title, measure.Of(metrics), isKept ? measure.IntervalOf(metrics, options) : null, measure.LowerIsBetter ? "lower is better" : null);

    /// <summary>Writes figures as a row of cards, the first one larger.</summary>
    public static void WriteAll(HtmlWriter html, IReadOnlyList<Headline> headlines)
    {
        using (html.Open("div", ("class", "cards")))
        {
            foreach (Headline headline in headlines)
            {
                headline.Write(html);
            }
        }
    }

    private void Write(HtmlWriter html)
    {
        using (html.Open("div", ("class", "card")))
        {
            html.Element("div", Name, ("class", "name"));
            html.Element("div", ReportText.Figure(Value), ("class", "value"));
            using (html.Open("div", ("class", "strip")))
            {
                if (Interval is { } interval)
                {
                    html.Element("i", "", ("class", "band"), ("style", $"left:{ReportText.Length(interval.Lower)};right:{ReportText.Length(1 - interval.Upper)}"));
                }

                html.Element("i", "", ("class", "dot"), ("style", $"left:{ReportText.Length(Value)}"));
            }

            string? range = Interval is { } between
                ? $"{(100 * between.Level).ToString("0.##", CultureInfo.InvariantCulture)}%: {ReportText.Figure(between.Lower)} to {ReportText.Figure(between.Upper)}"
                : null;
            html.Element("div", string.Join(" \u00B7 ", new[] { range, Note }.Where(part => part is not null)), ("class", "range"));
        }
    }
}
