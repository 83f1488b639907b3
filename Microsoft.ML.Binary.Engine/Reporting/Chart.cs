namespace Microsoft.ML.Binary.Reporting;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Coordinates of 0..1.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A chart of lines over the unit square, drawn as SVG in the colours of the page.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="XName">What runs to the right.</param>
/// <param name="YName">What runs upwards.</param>
/// <param name="Lines">The lines, four at most.</param>
/// <param name="Mark">A point to mark and what it is.</param>
internal sealed record Chart(string Title, string XName, string YName, IReadOnlyList<ChartLine> Lines, (double X, double Y, string Name)? Mark = null)
{
    private const double Width = 420, Height = 300, Left = 44, Right = 14, Top = 12, Bottom = 40;
    private const int Ticks = 5;

    public void Write(HtmlWriter html)
    {
        using (html.Open("figure", ("class", "chart")))
        {
            using (html.Open("figcaption"))
            {
                html.Element("b", Title);
                for (int i = 0; i < Lines.Count && Lines.Count > 1; i++)
                {
                    html.Element("span", Lines[i].Name, ("class", $"key line{i}"));
                }
            }

            using (html.Open("svg", ("viewBox", FormattableString.Invariant($"0 0 {Width} {Height}")), ("role", "img"), ("aria-label", Title)))
            {
                Grid(html);
                for (int i = 0; i < Lines.Count; i++)
                {
                    IEnumerable<string> points = Lines[i].Points
                        .Where(point => !double.IsNaN(point.X) && !double.IsNaN(point.Y))
                        .Select(point => $"{ReportText.Coordinate(X(point.X))},{ReportText.Coordinate(Y(point.Y))}");
                    html.Empty("polyline", ("class", $"line{i}"), ("points", string.Join(' ', points)));
                }

                DrawMark(html);
            }
        }
    }

    private void Grid(HtmlWriter html)
    {
        for (int i = 0; i <= Ticks; i++)
        {
            double value = i / (double)Ticks;
            string text = value.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
            Line(html, X(0), Y(value), X(1), Y(value));
            Line(html, X(value), Y(0), X(value), Y(1));
            Text(html, X(0) - 6, Y(value) + 4, text, "end");
            Text(html, X(value), Y(0) + 16, text, "middle");
        }

        Text(html, X(0.5), Height - 6, XName, "middle", "axis");
        html.Element(
            "text", YName,
            ("class", "axis"), ("text-anchor", "middle"), ("transform", $"translate(12 {ReportText.Coordinate(Y(0.5))}) rotate(-90)"));
    }

    private void DrawMark(HtmlWriter html)
    {
        if (Mark is not { } mark || double.IsNaN(mark.X) || double.IsNaN(mark.Y))
        {
            return;
        }

        html.Empty("circle", ("cx", ReportText.Coordinate(X(mark.X))), ("cy", ReportText.Coordinate(Y(mark.Y))), ("r", "4.5"));
        bool toTheLeft = mark.X > 0.5;
        Text(html, X(mark.X) + (toTheLeft ? -9 : 9), Y(mark.Y) + (mark.Y > 0.5 ? 18 : -10), mark.Name, toTheLeft ? "end" : "start", "mark");
    }

    private static double X(double value) => Left + value * (Width - Left - Right);

    private static double Y(double value) => Height - Bottom - value * (Height - Top - Bottom);

    private static void Line(HtmlWriter html, double x1, double y1, double x2, double y2) => html.Empty(
        "line",
        ("x1", ReportText.Coordinate(x1)), ("y1", ReportText.Coordinate(y1)), ("x2", ReportText.Coordinate(x2)), ("y2", ReportText.Coordinate(y2)));

    private static void Text(HtmlWriter html, double x, double y, string text, string anchor, string kind = "tick") => html.Element(
        "text", text,
        ("class", kind), ("x", ReportText.Coordinate(x)), ("y", ReportText.Coordinate(y)), ("text-anchor", anchor));
}
