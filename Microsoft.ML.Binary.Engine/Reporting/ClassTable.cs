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

        ReportTable.Write(
            html, ["Class", .. classes.Columns.Select(column => column.Title)], Enumerable.Range(0, classes.Names.Length), index =>
            {
                using (html.Open("th"))
                {
                    HtmlLegend.Swatch(html, $"background:{palette[index]}");
                    html.Text(classes.Names[index]);
                }

                double main = classes.Columns[0].Values[index];
                ReportTable.Bar(html, main, ReportText.Figure(main));
                foreach (ClassColumn column in classes.Columns.Skip(1))
                {
                    double value = column.Values[index];
                    ReportTable.Figure(html, column.Title, column.IsShare ? ReportText.Percent(value) : ReportText.Figure(value));
                }
            },
            hasBar: true, isTall: classes.Names.Length > LinesAtOnce);
    }
}
