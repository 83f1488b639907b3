using System.Globalization;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A card with a figure of any kind: its name above, a word on it below.</summary>
internal sealed record FigureCard(string Name, string Value, string Note)
{
    /// <summary>Writes cards in a row, the first one larger.</summary>
    public static void WriteAll(HtmlWriter html, params ReadOnlySpan<FigureCard> cards)
    {
        using (html.Open("div", ("class", "cards")))
        {
            foreach (FigureCard card in cards)
            {
                using (html.Open("div", ("class", "card")))
                {
                    html.Element("div", card.Name, ("class", "name"));
                    html.Element("div", card.Value, ("class", "value"));
                    html.Element("div", card.Note, ("class", "range"));
                }
            }
        }
    }
}

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

/// <summary>Two models side by side: a card for each, and one for the difference.</summary>
internal static class ComparisonCards
{
    public static void Write(HtmlWriter html, PairedComparison comparison)
    {
        ConfidenceInterval difference = comparison.Difference;
        FigureCard.WriteAll(
            html,
            new("First model", ReportText.Figure(comparison.First), ReportText.Count(comparison.ImageCount, "image")),
            new("Second model", ReportText.Figure(comparison.Second), "the same images"),
            new(
                "Difference", Signed(difference.Estimate),
                $"{(100 * difference.Level).ToString("0.##", CultureInfo.InvariantCulture)}%: {Signed(difference.Lower)} to {Signed(difference.Upper)} \u00B7 p = {comparison.PValue.ToString("0.####", CultureInfo.InvariantCulture)}"));
    }

    private static string Signed(double value) => double.IsNaN(value) ? "\u2013" : value.ToString("+0.000;\u22120.000;0.000", CultureInfo.InvariantCulture);
}
