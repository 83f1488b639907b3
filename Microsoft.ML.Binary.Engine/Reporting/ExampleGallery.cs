using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>An image and what is said of it.</summary>
internal sealed record ExampleRow(string Name, string Caption);

/// <summary>The images of an evaluation: how their figure is spread, then the worst and the best of them.</summary>
/// <param name="Note">What the figure is, in words.</param>
/// <param name="Histogram">Heading of the histogram.</param>
/// <param name="Figure">The figure of an image.</param>
/// <param name="Caption">What is said of an image.</param>
internal sealed record ImageSections<TImage>(string Note, string Histogram, Func<TImage, double> Figure, Func<TImage, string> Caption)
    where TImage : ImageMetrics
{
    /// <summary>What stands above the pictures.</summary>
    public Action<HtmlWriter> Legend { get; init; } = _ => { };

    /// <summary>Writes the sections; none where there are no images, and no image is among the worst and the best.</summary>
    public void Write(HtmlWriter html, IReadOnlyList<TImage> worstFirst, ReportOptions options)
    {
        if (worstFirst.Count == 0)
        {
            return;
        }

        ReportPage.Section(html, "Images", Note, () => ImageHistogram.Write(html, Histogram, worstFirst.Select(Figure)));
        int worst = Math.Min(options.ExampleCount, (worstFirst.Count + 1) / 2), best = Math.Min(options.ExampleCount, worstFirst.Count / 2);
        Examples("Worst images", worstFirst.Take(worst));
        Examples("Best images", worstFirst.Reverse().Take(best));

        void Examples(string heading, IEnumerable<TImage> images)
        {
            ExampleRow[] rows = [.. images.Select(image => new ExampleRow(image.Name, Caption(image)))];
            if (rows.Length > 0)
            {
                ReportPage.Section(html, heading, null, () =>
                {
                    Legend(html);
                    new ExampleGallery(options).Write(html, rows);
                });
            }
        }
    }
}

/// <summary>Images one after the other: their pictures where there are any, else their names and figures.</summary>
internal sealed class ExampleGallery(ReportOptions options)
{
    /// <summary>The longest side of a picture, where nothing else is asked for.</summary>
    public const int Side = 320;

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

            if (example is not null)
            {
                Tiles(
                    html, row.Name, options.ExampleSide ?? Side,
                    [("Image", example.Input), ("Truth", example.Truth), ("Prediction", example.Prediction), ("Errors", example.Errors)]);
            }
        }
    }

    /// <summary>Pictures of one image side by side, but for those that there are none of.</summary>
    public static void Tiles(HtmlWriter html, string name, int side, IEnumerable<(string Title, RgbImage? Picture)> tiles)
    {
        using HtmlWriter.Scope row = html.Open("div", ("class", "tiles"));
        foreach ((string title, RgbImage? picture) in tiles)
        {
            if (picture is not null)
            {
                using HtmlWriter.Scope figure = html.Open("figure");
                html.Empty("img", ("alt", $"{title} of {name}"), ("loading", "lazy"), ("src", Thumbnail.DataUri(picture, side)));
                html.Element("figcaption", title);
            }
        }
    }
}
