using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>How a figure is spread over the images: bars of how many images fall into each twentieth of 0..1.</summary>
internal static class ImageHistogram
{
    private const int Bins = 20;

    public static void Write(HtmlWriter html, string title, IEnumerable<double> values)
    {
        int[] counts = Count(values);
        int most = Math.Max(1, counts.Max());
        using (html.Open("figure", ("class", "histogram")))
        {
            using (html.Open("figcaption"))
            {
                html.Element("b", title);
            }

            using (html.Open("div", ("class", "columns")))
            {
                for (int i = 0; i < Bins; i++)
                {
                    html.Element(
                        "i", "",
                        ("style", $"height:{ReportText.Length(counts[i] / (double)most)}"),
                        ("title", $"{ReportText.Figure(i / (double)Bins)} to {ReportText.Figure((i + 1) / (double)Bins)}: {Plural.Of(counts[i], "image")}"));
                }
            }

            using (html.Open("div", ("class", "scale")))
            {
                foreach (string tick in (string[])["0", "0.25", "0.5", "0.75", "1"])
                {
                    html.Element("span", tick);
                }
            }
        }
    }

    /// <summary>Images in each bin; the last holds 1 too. Undefined values are left out.</summary>
    public static int[] Count(IEnumerable<double> values)
    {
        int[] counts = new int[Bins];
        foreach (double value in values.Where(value => !double.IsNaN(value)))
        {
            counts[Math.Clamp((int)(value * Bins), 0, Bins - 1)]++;
        }

        return counts;
    }
}
