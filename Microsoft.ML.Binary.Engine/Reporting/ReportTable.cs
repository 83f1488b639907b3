namespace Microsoft.ML.Binary.Reporting;

/// <summary>A table with a line for each thing: what it is, then its figures, the first perhaps with a bar.</summary>
internal static class ReportTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="heads">The heads of the columns; none for a table without.</param>
    /// <param name="rows">The things.</param>
    /// <param name="cells">Writes the cells of a line.</param>
    /// <param name="hasBar">Whether the second column has a bar in front of its figure.</param>
    /// <param name="isTall">Whether the table scrolls inside its section.</param>
    public static void Write<T>(HtmlWriter html, IReadOnlyList<string> heads, IEnumerable<T> rows, Action<T> cells, bool hasBar = false, bool isTall = false)
    {
        using (html.Open("div", ("class", isTall ? "scroll tall" : "scroll")))
        using (html.Open("table", ("class", "classes")))
        {
            if (heads.Count > 0)
            {
                using (html.Open("thead"))
                using (html.Open("tr"))
                {
                    foreach ((int column, string head) in heads.Index())
                    {
                        html.Element("th", head, column == 0 ? [] : column == 1 && hasBar ? [("colspan", "2")] : [("class", "figure")]);
                    }
                }
            }

            using (html.Open("tbody"))
            {
                foreach (T row in rows)
                {
                    using (html.Open("tr"))
                    {
                        cells(row);
                    }
                }
            }
        }
    }

    /// <summary>The bar of a share, and its figure.</summary>
    public static void Bar(HtmlWriter html, double share, string text)
    {
        using (html.Open("td", ("class", "bar")))
        using (html.Open("div"))
        {
            html.Element("i", "", ("style", $"width:{ReportText.Length(share)}"));
        }

        html.Element("td", text, ("class", "figure main"));
    }

    /// <summary>A figure, with the name of its column for narrow pages.</summary>
    public static void Figure(HtmlWriter html, string name, string text) => html.Element("td", text, ("class", "figure"), ("data-name", name));
}
