using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>An image and what is said of it.</summary>
internal sealed record ExampleRow(string Name, string Caption);

/// <summary>The best and the worst images: their pictures where there are any, else their names and figures.</summary>
internal sealed class ExampleGallery(ReportOptions options)
{
    private static readonly (string Title, Func<ReportExample, RgbImage?> Of)[] Tiles =
        [("Image", example => example.Input), ("Truth", example => example.Truth), ("Prediction", example => example.Prediction), ("Errors", example => example.Errors)];

    /// <summary>Splits images, which come worst first, into the worst and the best; none is in both.</summary>
    public (IReadOnlyList<T> Worst, IReadOnlyList<T> Best) Choose<T>(IReadOnlyList<T> worstFirst)
    {
        int worst = Math.Min(options.ExampleCount, (worstFirst.Count + 1) / 2), best = Math.Min(options.ExampleCount, worstFirst.Count / 2);
        return ([.. worstFirst.Take(worst)], [.. worstFirst.Reverse().Take(best)]);
    }

    public void Write(HtmlWriter html, IReadOnlyList<ExampleRow> rows)
    {
        using (html.Open("div", ("class", "gallery")))
        {
            foreach (ExampleRow row in rows)
            {
                Write(html, row, options.Examples?.Invoke(row.Name));
            }
        }
    }

    private void Write(HtmlWriter html, ExampleRow row, ReportExample? example)
    {
        using (html.Open("article"))
        {
            using (html.Open("header"))
            {
                html.Element("b", row.Name);
                html.Element("span", row.Caption);
            }

            if (example is null)
            {
                return;
            }

            using (html.Open("div", ("class", "tiles")))
            {
                foreach ((string title, Func<ReportExample, RgbImage?> of) in Tiles)
                {
                    if (of(example) is { } picture)
                    {
                        using HtmlWriter.Scope figure = html.Open("figure");
                        html.Empty("img", ("alt", $"{title} of {row.Name}"), ("loading", "lazy"), ("src", Thumbnail.DataUri(picture, options.ExampleSide)));
                        html.Element("figcaption", title);
                    }
                }
            }
        }
    }
}
