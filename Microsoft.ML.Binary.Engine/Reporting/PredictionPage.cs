using System.Text;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>One image of a <see cref="PredictionPage"/>.</summary>
/// <param name="Name">What stands above it.</param>
/// <param name="Caption">What is said of it, its classes' shares of the pixels for instance; may be empty.</param>
/// <param name="Image">The image.</param>
/// <param name="Mask">The mask in colours.</param>
/// <param name="Overlay">The mask on the image; of the same proportions as the image.</param>
/// <example>
/// <code>
/// IEnumerable&lt;PredictionView> Views()
/// {
///     using SegmentationPredictor nuclei = new(PretrainedNetworks.Load(PretrainedModel.Nuclei));
///     foreach (NamedFile file in ImageFolder.NamedImages("photos"))
///     {
///         RgbImage photo = RgbImage.Load(file.Path);
///         SegmentationMask cells = nuclei.Predict(photo);
///         yield return new PredictionView(
///             file.Name, $"{cells.ClassShares(numberOfClasses: 3)[1]:P0} inside", photo,
///             Mask: Overlay.Segmentation(photo, cells, new() { Opacity = 1 }), Overlay: Overlay.Segmentation(photo, cells));
///     }
/// }
///
/// PredictionPage.Save("page.html", Views());                              // one image at a time is in memory
/// </code>
/// </example>
public sealed record PredictionView(string Name, string Caption, RgbImage Image, RgbImage Mask, RgbImage Overlay);

/// <summary>
/// Predictions as a page to look through: each image with its overlay under a slider, and its mask. One file that needs nothing else; the slider is the
/// only script in it, and without scripts the overlay shows.
/// </summary>
/// <example>
/// <code>
/// PredictionView view = new("a.png", "inside 12 %", image, mask.Width == image.Width ? Overlay.Segmentation(new(mask.Width, mask.Height), mask) : image, Overlay.Segmentation(image, mask));
/// PredictionPage.Save("page.html", [view], new() { Title = "Predictions" });
/// </code>
/// </example>
public static class PredictionPage
{
    private const int Side = 640;

    private const string Script =
        "document.querySelectorAll('.compare').forEach(function (box) { box.querySelector('input').addEventListener('input', function (event) {"
        + " box.style.setProperty('--at', event.target.value + '%'); }); });";

    /// <summary>The page. Pictures are read one after the other and made smaller, so memory holds the page and one image.</summary>
    /// <param name="views">The images.</param>
    /// <param name="options">Title, colours and the longest side of the pictures (<see cref="ReportOptions.ExampleSide"/>).</param>
    /// <param name="classNames">Names for the legend; none for saliency.</param>
    public static string ToHtml(IEnumerable<PredictionView> views, ReportOptions? options = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(views);
        ReportOptions shown = options ?? new();
        string title = shown.Title ?? "Predictions";
        return ReportPage.Document(title, html =>
        {
            ReportPage.Header(html, title, "Drag the slider: the mask on its left, the image as it is on its right.");
            HtmlLegend.Write(html, (classNames ?? []).Select((name, i) => (name, shown.Palette.ColorOf((byte)i).ToString())));
            using (html.Open("div", ("class", "views")))
            {
                foreach (PredictionView view in views)
                {
                    Write(html, view, shown.ExampleSide ?? Side);
                }
            }

            html.Script(Script);
        });
    }

    /// <summary>Writes the page to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IEnumerable<PredictionView> views, ReportOptions? options = null, IReadOnlyList<string>? classNames = null) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToHtml(views, options, classNames)));

    private static void Write(HtmlWriter html, PredictionView view, int side)
    {
        using HtmlWriter.Scope article = html.Open("article");
        using (html.Open("header"))
        {
            html.Element("b", view.Name);
            html.Element("span", view.Caption);
        }

        using (html.Open("div", ("class", "pair")))
        {
            using (html.Open("div", ("class", "compare")))
            {
                html.Empty("img", ("alt", $"Image {view.Name}"), ("loading", "lazy"), ("src", Thumbnail.DataUri(view.Image, side)));
                html.Empty("img", ("class", "over"), ("alt", $"Mask on {view.Name}"), ("loading", "lazy"), ("src", Thumbnail.DataUri(view.Overlay, side)));
                html.Empty("input", ("type", "range"), ("min", "0"), ("max", "100"), ("value", "50"), ("aria-label", $"How much of the mask of {view.Name} to show"));
            }

            html.Empty("img", ("class", "mask"), ("alt", $"Mask of {view.Name}"), ("loading", "lazy"), ("src", Thumbnail.DataUri(view.Mask, side)));
        }
    }
}
