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
