using System.Globalization;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A card with a figure of any kind: its name above, a word on it below.</summary>
internal sealed record FigureCard(string Name, string Value, string Note)
{
    /// <summary>What is drawn between the figure and the word.</summary>
    public Action<HtmlWriter>? Strip { get; init; }

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
                    card.Strip?.Invoke(html);
                    html.Element("div", card.Note, ("class", "range"));
                }
            }
        }
    }
}

/// <summary>Figures of 0..1, each as a card with its place between the ends and its interval.</summary>
internal static class HeadlineCards
{
    /// <summary>Writes figures as a row of cards, the first one larger.</summary>
    public static void Write(HtmlWriter html, IReadOnlyList<Headline> headlines) => FigureCard.WriteAll(html, [.. headlines.Select(Card)]);

    private static FigureCard Card(Headline headline)
    {
        string? range = headline.Interval is { } between
            ? $"{(100 * between.Level).ToString("0.##", CultureInfo.InvariantCulture)}%: {ReportText.Figure(between.Lower)} to {ReportText.Figure(between.Upper)}"
            : null;
        return new(headline.Name, ReportText.Figure(headline.Value), string.Join(" \u00B7 ", new[] { range, headline.Note }.Where(part => part is not null)))
        {
            Strip = html => Strip(html, headline),
        };
    }

    private static void Strip(HtmlWriter html, Headline headline)
    {
        using HtmlWriter.Scope strip = html.Open("div", ("class", "strip"));
        if (headline.Interval is { } interval)
        {
            html.Element("i", "", ("class", "band"), ("style", $"left:{ReportText.Length(interval.Lower)};right:{ReportText.Length(1 - interval.Upper)}"));
        }

        html.Element("i", "", ("class", "dot"), ("style", $"left:{ReportText.Length(headline.Value)}"));
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
            new("First model", ReportText.Figure(comparison.First), Plural.Of(comparison.ImageCount, "image")),
            new("Second model", ReportText.Figure(comparison.Second), "the same images"),
            new(
                "Difference", Signed(difference.Estimate),
                $"{(100 * difference.Level).ToString("0.##", CultureInfo.InvariantCulture)}%: {Signed(difference.Lower)} to {Signed(difference.Upper)} \u00B7 p = {comparison.PValue.ToString("0.####", CultureInfo.InvariantCulture)}"));
    }

    private static string Signed(double value) => double.IsNaN(value) ? "\u2013" : value.ToString("+0.000;\u22120.000;0.000", CultureInfo.InvariantCulture);
}
