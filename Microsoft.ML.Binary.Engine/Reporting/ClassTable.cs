using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A line for each class: a bar of its most important figure, then the others.</summary>
internal static class ClassTable
{
    // With more lines than these the table scrolls inside its section.
    private const int LinesAtOnce = 40;

    /// <summary>Writes the table.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="classes">The classes and their figures.</param>
    /// <param name="palette">A colour for each class.</param>
    /// <exception cref="ArgumentException">The palette has fewer colours.</exception>
    public static void Write(HtmlWriter html, ClassFigures classes, Palette palette)
    {
        if (palette.Count < classes.Names.Length)
        {
            throw new ArgumentException($"The palette has {palette.Count} colours, and there are {classes.Names.Length} classes; give one per class.");
        }

        using (html.Open("div", ("class", classes.Names.Length > LinesAtOnce ? "scroll tall" : "scroll")))
        using (html.Open("table", ("class", "classes")))
        {
            using (html.Open("thead"))
            using (html.Open("tr"))
            {
                html.Element("th", "Class");
                html.Element("th", classes.Columns[0].Title, ("colspan", "2"));
                foreach (ClassColumn column in classes.Columns.Skip(1))
                {
                    html.Element("th", column.Title, ("class", "figure"));
                }
            }

            using (html.Open("tbody"))
            {
                for (int c = 0; c < classes.Names.Length; c++)
                {
                    Row(html, classes, palette[c], c);
                }
            }
        }
    }

    private static void Row(HtmlWriter html, ClassFigures classes, RgbColor color, int index)
    {
        using (html.Open("tr"))
        {
            using (html.Open("th"))
            {
                html.Element("i", "", ("class", "swatch"), ("style", $"background:{color}"));
                html.Text(classes.Names[index]);
            }

            ClassColumn main = classes.Columns[0];
            using (html.Open("td", ("class", "bar")))
            using (html.Open("div"))
            {
                html.Element("i", "", ("style", $"width:{ReportText.Length(main.Values[index])}"));
            }

            html.Element("td", ReportText.Figure(main.Values[index]), ("class", "figure main"));
            foreach (ClassColumn column in classes.Columns.Skip(1))
            {
                double value = column.Values[index];
                html.Element("td", column.IsShare ? ReportText.Percent(value) : ReportText.Figure(value), ("class", "figure"), ("data-name", column.Title));
            }
        }
    }
}
