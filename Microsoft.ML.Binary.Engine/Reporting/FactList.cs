namespace Microsoft.ML.Binary.Reporting;

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
