using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A line for each class: a bar of its IoU, then the other figures.</summary>
internal static class ClassTable
{
    // With more lines than these the table scrolls inside its section.
    private const int LinesAtOnce = 40;

    public static void Write(HtmlWriter html, SegmentationMetrics metrics, Palette palette)
    {
        List<(string Name, Func<int, string> Of)> columns =
        [
            ("Recall", c => ReportText.Figure(metrics.PerClassRecall[c])),
            ("Precision", c => ReportText.Figure(metrics.PerClassPrecision[c])),
            ("Dice", c => ReportText.Figure(metrics.PerClassDice[c])),
        ];
        if (!metrics.PerClassBoundaryIoU.IsEmpty)
        {
            columns.Add(("Boundary", c => ReportText.Figure(metrics.PerClassBoundaryIoU[c])));
        }

        columns.Add(("Pixels", c => ReportText.Percent(Share(metrics, c))));
        using (html.Open("div", ("class", metrics.NumberOfClasses > LinesAtOnce ? "scroll tall" : "scroll")))
        using (html.Open("table", ("class", "classes")))
        {
            using (html.Open("thead"))
            using (html.Open("tr"))
            {
                html.Element("th", "Class");
                html.Element("th", "IoU", ("colspan", "2"));
                foreach ((string name, _) in columns)
                {
                    html.Element("th", name, ("class", "figure"));
                }
            }

            using (html.Open("tbody"))
            {
                for (int c = 0; c < metrics.NumberOfClasses; c++)
                {
                    Row(html, metrics, palette[c], c, columns);
                }
            }
        }
    }

    private static void Row(HtmlWriter html, SegmentationMetrics metrics, RgbColor color, int index, List<(string Name, Func<int, string> Of)> columns)
    {
        double iou = metrics.PerClassIoU[index];
        using (html.Open("tr"))
        {
            using (html.Open("th"))
            {
                html.Element("i", "", ("class", "swatch"), ("style", $"background:{color}"));
                html.Text(metrics.ClassNames[index]);
            }

            using (html.Open("td", ("class", "bar")))
            using (html.Open("div"))
            {
                html.Element("i", "", ("style", $"width:{ReportText.Length(iou)}"));
            }

            html.Element("td", ReportText.Figure(iou), ("class", "figure main"));
            foreach ((string name, Func<int, string> of) in columns)
            {
                html.Element("td", of(index), ("class", "figure"), ("data-name", name));
            }
        }
    }

    private static double Share(SegmentationMetrics metrics, int index)
    {
        long pixels = 0;
        foreach (long count in metrics.ConfusionMatrix.Row(index))
        {
            pixels += count;
        }

        return pixels / (double)metrics.PixelCount;
    }
}
