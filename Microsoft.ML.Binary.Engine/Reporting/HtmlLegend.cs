namespace Microsoft.ML.Binary.Reporting;

/// <summary>What colours mean.</summary>
internal static class HtmlLegend
{
    /// <summary>Writes names beside their colours.</summary>
    public static void Write(HtmlWriter html, IEnumerable<(string Name, string Color)> entries) =>
        Write(html, entries.Select(entry => (entry.Name, "", $"background:{entry.Color}")));

    /// <summary>Writes names beside their colours, which a class of the style sheet and a style give.</summary>
    public static void Write(HtmlWriter html, IEnumerable<(string Name, string Hue, string Style)> entries)
    {
        using HtmlWriter.Scope legend = html.Open("div", ("class", "legend"));
        foreach ((string name, string hue, string style) in entries)
        {
            using HtmlWriter.Scope entry = html.Open("span");
            Swatch(html, style, hue);
            html.Text(name);
        }
    }

    /// <summary>A colour.</summary>
    public static void Swatch(HtmlWriter html, string style, string hue = "") => html.Element("i", "", ("class", hue.Length > 0 ? $"swatch {hue}" : "swatch"), ("style", style));
}
