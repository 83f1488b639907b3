namespace Microsoft.ML.Binary.Reporting;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Coordinates on the axes.</param>
/// <param name="HasDots">Whether each point is shown.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points, bool HasDots = false);

/// <summary>What runs along a side of a chart.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Low">Value at the origin.</param>
/// <param name="High">Value at the other end.</param>
/// <param name="Format">How the numbers of ticks are written.</param>
internal sealed record ChartAxis(string Name, double Low = 0, double High = 1, string Format = "0.0")
{
    /// <summary>An axis of 0..1.</summary>
    public static implicit operator ChartAxis(string name) => new(name);

    public double Share(double value) => (value - Low) / (High - Low);
}

/// <summary>A point to mark and what it is.</summary>
internal readonly record struct ChartMark(double X, double Y, string Name);

/// <summary>A chart of lines, drawn as SVG in the colours of the page.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="XAxis">What runs to the right.</param>
/// <param name="YAxis">What runs upwards.</param>
/// <param name="Lines">The lines, four at most.</param>
/// <param name="Marks">Points to mark.</param>
internal sealed record Chart(string Title, ChartAxis XAxis, ChartAxis YAxis, IReadOnlyList<ChartLine> Lines, params IReadOnlyList<ChartMark> Marks)
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
                        .Select(point => $"{ReportText.Coordinate(X(XAxis.Share(point.X)))},{ReportText.Coordinate(Y(YAxis.Share(point.Y)))}");
                    html.Empty("polyline", ("class", $"line{i}"), ("points", string.Join(' ', points)));
                    foreach ((double x, double y) in Lines[i].HasDots ? Lines[i].Points : [])
                    {
                        Circle(html, x, y, "3", "dot");
                    }
                }

                foreach (ChartMark mark in Marks)
                {
                    DrawMark(html, mark);
                }
            }
        }
    }

    private void Grid(HtmlWriter html)
    {
        for (int i = 0; i <= Ticks; i++)
        {
            double value = i / (double)Ticks;
            Line(html, X(0), Y(value), X(1), Y(value));
            Line(html, X(value), Y(0), X(value), Y(1));
            Text(html, X(0) - 6, Y(value) + 4, Tick(YAxis, value), "end");
            Text(html, X(value), Y(0) + 16, Tick(XAxis, value), "middle");
        }

        Text(html, X(0.5), Height - 6, XAxis.Name, "middle", "axis");
        html.Element(
            "text", YAxis.Name,
            ("class", "axis"), ("text-anchor", "middle"), ("transform", $"translate(12 {ReportText.Coordinate(Y(0.5))}) rotate(-90)"));
    }

    private void DrawMark(HtmlWriter html, ChartMark mark)
    {
        if (double.IsNaN(mark.X) || double.IsNaN(mark.Y))
        {
            return;
        }

        (double x, double y) = (XAxis.Share(mark.X), YAxis.Share(mark.Y));
        Circle(html, mark.X, mark.Y, "4.5", "spot");
        bool toTheLeft = x > 0.5;
        Text(html, X(x) + (toTheLeft ? -9 : 9), Y(y) + (y > 0.5 ? 18 : -10), mark.Name, toTheLeft ? "end" : "start", "mark");
    }

    private void Circle(HtmlWriter html, double x, double y, string radius, string kind) => html.Empty(
        "circle", ("class", kind), ("cx", ReportText.Coordinate(X(XAxis.Share(x)))), ("cy", ReportText.Coordinate(Y(YAxis.Share(y)))), ("r", radius));

    private static string Tick(ChartAxis axis, double share) =>
        (axis.Low + share * (axis.High - axis.Low)).ToString(axis.Format, System.Globalization.CultureInfo.InvariantCulture);

    private static double X(double value) => Left + value * (Width - Left - Right);

    private static double Y(double value) => Height - Bottom - value * (Height - Top - Bottom);

    private static void Line(HtmlWriter html, double x1, double y1, double x2, double y2) => html.Empty(
        "line",
        ("x1", ReportText.Coordinate(x1)), ("y1", ReportText.Coordinate(y1)), ("x2", ReportText.Coordinate(x2)), ("y2", ReportText.Coordinate(y2)));

    private static void Text(HtmlWriter html, double x, double y, string text, string anchor, string kind = "tick") => html.Element(
        "text", text,
        ("class", kind), ("x", ReportText.Coordinate(x)), ("y", ReportText.Coordinate(y)), ("text-anchor", anchor));
}
