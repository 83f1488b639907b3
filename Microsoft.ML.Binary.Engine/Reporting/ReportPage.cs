namespace Microsoft.ML.Binary.Reporting;

/// <summary>The frame of a report: a document of its own, or a part of somebody else's page.</summary>
internal static class ReportPage
{
    private const string StylesheetResource = "Microsoft.ML.Binary.Reporting.report.css";

    private static readonly Lazy<string> Stylesheet = new(() =>
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream(StylesheetResource)!);
        return reader.ReadToEnd();
    });

    /// <summary>A whole document.</summary>
    public static string Document(string title, Action<HtmlWriter> content)
    {
        HtmlWriter html = new();
        html.DocumentType();
        using (html.Open("html", ("lang", "en")))
        {
            using (html.Open("head"))
            {
                html.Empty("meta", ("charset", "utf-8"));
                html.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
                html.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
                html.Element("title", title);
                html.Style(Stylesheet.Value);
            }

            using (html.Open("body", ("class", "mlb")))
            using (html.Open("main", ("class", "mlb-page")))
            {
                content(html);
            }
        }

        return html.ToString();
    }

    /// <summary>A part of a page, with its own style sheet, all of whose rules begin with the class <c>mlb</c>.</summary>
    public static string Fragment(Action<HtmlWriter> content)
    {
        HtmlWriter html = new();
        using (html.Open("div", ("class", "mlb mlb-fragment")))
        {
            html.Style(Stylesheet.Value);
            using (html.Open("div", ("class", "mlb-page")))
            {
                content(html);
            }
        }

        return html.ToString();
    }

    /// <summary>The title, and a line below it.</summary>
    public static void Header(HtmlWriter html, string title, string subtitle)
    {
        using (html.Open("header"))
        {
            html.Element("h1", title);
            html.Element("p", subtitle);
        }
    }

    /// <summary>A part of the report under its own heading.</summary>
    public static void Section(HtmlWriter html, string heading, string? note, Action content)
    {
        using (html.Open("section"))
        {
            html.Element("h2", heading);
            if (note is not null)
            {
                html.Element("p", note, ("class", "note"));
            }

            content();
        }
    }
}

/// <summary>Facts, a block for each group.</summary>
internal static class FactList
{
    public static void Write(HtmlWriter html, IEnumerable<ReportFact> facts)
    {
        using (html.Open("div", ("class", "facts")))
        {
            foreach (IGrouping<string, ReportFact> group in facts.GroupBy(fact => fact.Group))
            {
                using (html.Open("div", ("class", "block")))
                {
                    html.Element("h3", group.Key);
                    using (html.Open("dl"))
                    {
                        foreach (ReportFact fact in group)
                        {
                            html.Element("dt", fact.Name);
                            html.Element("dd", fact.Value);
                        }
                    }
                }
            }
        }
    }
}
