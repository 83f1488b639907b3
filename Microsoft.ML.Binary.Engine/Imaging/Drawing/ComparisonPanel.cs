namespace Microsoft.ML.Binary.Imaging;

/// <summary>Pictures side by side under their titles: image, truth, prediction, error.</summary>
/// <example>
/// <code>
/// ComparisonPanel.Create(image, truth, mask, new() { Palette = Palette.Parse("#1B1B22, #F0A030, #E4572E") }).SavePng("panel.png");
/// </code>
/// </example>
public static class ComparisonPanel
{
    /// <summary>Image, true classes, predicted classes and <see cref="Overlay.Errors(RgbImage, SegmentationMask, SegmentationMask, OverlayOptions?)"/>.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true classes.</param>
    /// <param name="prediction">The predicted classes.</param>
    /// <param name="options">Colours, opacity, legend; <see cref="OverlayOptions.Default"/> when left out.</param>
    /// <exception cref="ArgumentException">The sizes differ, or a label has no colour.</exception>
    public static RgbImage Create(RgbImage image, SegmentationMask truth, SegmentationMask prediction, OverlayOptions? options = null)
    {
        options ??= OverlayOptions.Default;
        RgbImage panel = SideBySide(
            ("image", image),
            ("truth", Overlay.Cover(image, truth, options)),
            ("prediction", Overlay.Cover(image, prediction, options)),
            ("error", Overlay.Errors(image, truth, prediction, options)));
        long[] counts = [.. truth.CountLabels().Zip(prediction.CountLabels(), (t, p) => t + p)];
        return options.ClassNames is null ? panel : Legend.Below(panel, counts, options);
    }

    /// <summary>Image, true saliency, predicted saliency and <see cref="Overlay.Errors(RgbImage, SaliencyMask, SaliencyMask)"/>.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true saliency.</param>
    /// <param name="prediction">The predicted saliency.</param>
    /// <param name="options">Whether contours are drawn; <see cref="OverlayOptions.Default"/> when left out.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static RgbImage Create(RgbImage image, SaliencyMask truth, SaliencyMask prediction, OverlayOptions? options = null)
        => SideBySide(
            ("image", image),
            ("truth", Overlay.Saliency(image, truth, options)),
            ("prediction", Overlay.Saliency(image, prediction, options)),
            ("error", Overlay.Errors(image, truth, prediction)));

    /// <summary>Puts pictures beside each other, each under its title, top edges aligned.</summary>
    /// <param name="pictures">At least one title (ASCII; shortened if too long) and picture.</param>
    /// <exception cref="ArgumentException">There is no picture.</exception>
    public static RgbImage SideBySide(params ReadOnlySpan<(string Title, RgbImage Picture)> pictures)
    {
        if (pictures.IsEmpty)
        {
            throw new ArgumentException("A panel needs at least one picture.", nameof(pictures));
        }

        int height = 0;
        int width = 0;
        foreach ((_, RgbImage picture) in pictures)
        {
            height = Math.Max(height, picture.Height);
            width += picture.Width;
        }

        int scale = Canvas.ScaleFor(pictures[0].Picture.Width, height, Canvas.TextStep);
        int line = BitmapFont.LineHeight * scale;
        int gap = line / 2;
        var panel = new RgbImage(width + (gap * (pictures.Length + 1)), height + line + (3 * gap));
        Canvas.Fill(panel, 0, 0, panel.Width, panel.Height, Canvas.Paper);
        int x = gap;
        foreach ((string title, RgbImage picture) in pictures)
        {
            BitmapFont.Draw(panel, x, gap, BitmapFont.Fit(title, picture.Width, scale), scale, Canvas.Ink);
            Canvas.Put(panel, picture, x, line + (2 * gap));
            x += picture.Width + gap;
        }

        return panel;
    }
}
