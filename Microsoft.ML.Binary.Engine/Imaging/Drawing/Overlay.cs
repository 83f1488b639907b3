using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Pictures of masks on top of the images they belong to, for people to look at. The arguments are not changed.</summary>
/// <example>
/// <code>
/// Overlay.Segmentation(image, mask, new() { ClassNames = ["background", "inside", "contour"] }).SavePng("overlay.png");
/// Overlay.Errors(image, truth, mask).SavePng("errors.png");
/// </code>
/// </example>
public static class Overlay
{
    // Pixels of the shorter side for which contours get another pixel of width.
    private const int ContourStep = 480;
    private const float BackgroundLight = 0.32f;
    private const float WarmTint = 0.16f;

    private static readonly RgbColor White = new(255, 255, 255);
    private static readonly RgbColor Black = new(0, 0, 0);
    private static readonly RgbColor Warm = new(255, 158, 44);
    private static readonly RgbColor Wrong = new(255, 45, 70);

    /// <summary>Covers the image with the colours of its classes and draws a line where two classes meet.</summary>
    /// <param name="image">The image.</param>
    /// <param name="mask">A class for each of its pixels; ignored ones stay uncovered.</param>
    /// <param name="options">Colours, opacity, legend; <see cref="OverlayOptions.Default"/> when left out.</param>
    /// <returns>A picture of the image's width; taller by the legend if there is one.</returns>
    /// <exception cref="ArgumentException">Image and mask differ in size, or a label has no colour.</exception>
    public static RgbImage Segmentation(RgbImage image, SegmentationMask mask, OverlayOptions? options = null)
    {
        options ??= OverlayOptions.Default;
        RgbImage picture = Cover(image, mask, options);
        return options.ClassNames is null ? picture : Legend.Below(picture, mask.CountLabels(), options);
    }

    /// <summary>
    /// Dims the background, leaves the salient object in its light with a warm tint, and draws a line around it at
    /// <see cref="SaliencyMask.Threshold"/>.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="mask">Its saliency.</param>
    /// <param name="options">Whether contours are drawn; <see cref="OverlayOptions.Default"/> when left out.</param>
    /// <returns>A picture of the image's size.</returns>
    /// <exception cref="ArgumentException">Image and mask differ in size.</exception>
    public static RgbImage Saliency(RgbImage image, SaliencyMask mask, OverlayOptions? options = null)
    {
        CheckSize(image, mask.Width, mask.Height);
        return Draw(image, (y, row) => SaliencyRow(row, y, mask, options ?? OverlayOptions.Default));
    }

    /// <summary>A row of <see cref="Saliency"/>.</summary>
    /// <param name="row">Red, green, blue of the image, to be drawn on.</param>
    /// <param name="y">Which row.</param>
    /// <param name="mask">The saliency of the image.</param>
    /// <param name="options">Whether contours are drawn.</param>
    internal static void SaliencyRow(Span<byte> row, int y, SaliencyMask mask, OverlayOptions options)
    {
        Span<RgbColor> pixels = MemoryMarshal.Cast<byte, RgbColor>(row);
        for (int x = 0; x < pixels.Length; x++)
        {
            RgbColor color = pixels[x];
            float saliency = mask[x, y] / 255f;
            RgbColor dim = Canvas.Mix(Black, Canvas.Mix(color, Canvas.Desaturate(color), 0.5f), BackgroundLight);
            pixels[x] = Canvas.Mix(dim, Canvas.Mix(color, Warm, WarmTint), saliency);
        }

        if (options.Contours)
        {
            DrawContours(pixels, y, mask.Width, mask.Height, (u, v) => mask[u, v] > SaliencyMask.Threshold ? 1 : 0, Warm, 1f);
        }
    }

    /// <summary>Shows where prediction and truth differ: red on a dark gray image; pixels that the truth ignores are darker still.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true classes.</param>
    /// <param name="prediction">The predicted classes.</param>
    /// <param name="options">The ignore index; <see cref="OverlayOptions.Default"/> when left out.</param>
    /// <returns>A picture of the image's size.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static RgbImage Errors(RgbImage image, SegmentationMask truth, SegmentationMask prediction, OverlayOptions? options = null)
    {
        CheckSize(image, truth.Width, truth.Height);
        CheckSize(image, prediction.Width, prediction.Height);
        byte ignore = (options ?? OverlayOptions.Default).IgnoreIndex;
        return Errors(image, (x, y) => truth[x, y] != ignore && truth[x, y] != prediction[x, y] ? 1 : 0, (x, y) => truth[x, y] == ignore);
    }

    /// <summary>Shows how far predicted and true saliency lie apart: the redder, the farther, on a dark gray image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">True saliency; values above <see cref="SaliencyMask.Threshold"/> count as 255, others as 0.</param>
    /// <param name="prediction">Predicted saliency.</param>
    /// <returns>A picture of the image's size.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static RgbImage Errors(RgbImage image, SaliencyMask truth, SaliencyMask prediction)
    {
        CheckSize(image, truth.Width, truth.Height);
        CheckSize(image, prediction.Width, prediction.Height);
        return Errors(
            image, (x, y) => Math.Abs((truth[x, y] > SaliencyMask.Threshold ? 255 : 0) - prediction[x, y]) / 255f, (_, _) => false);
    }

    /// <summary>The covered image without a legend.</summary>
    internal static RgbImage Cover(RgbImage image, SegmentationMask mask, OverlayOptions options)
    {
        CheckSize(image, mask.Width, mask.Height);
        return Draw(image, (y, row) => CoverRow(row, y, mask, options));
    }

    /// <summary>A row of <see cref="Cover"/>.</summary>
    /// <param name="row">Red, green, blue of the image, to be drawn on.</param>
    /// <param name="y">Which row.</param>
    /// <param name="mask">The classes of the image.</param>
    /// <param name="options">Colours, opacity, contours.</param>
    internal static void CoverRow(Span<byte> row, int y, SegmentationMask mask, OverlayOptions options)
    {
        Span<RgbColor> pixels = MemoryMarshal.Cast<byte, RgbColor>(row);
        for (int x = 0; x < pixels.Length; x++)
        {
            byte label = mask[x, y];
            if (label != options.IgnoreIndex)
            {
                pixels[x] = Canvas.Mix(pixels[x], options.Palette[label], options.Opacity);
            }
        }

        if (options.Contours)
        {
            DrawContours(pixels, y, mask.Width, mask.Height, (u, v) => mask[u, v], White, 0.65f);
        }
    }

    private static RgbImage Draw(RgbImage image, DrawRow draw)
    {
        RgbImage picture = new(image.Width, image.Height, [.. image.Pixels]);
        for (int y = 0; y < picture.Height; y++)
        {
            draw(y, picture.Pixels.AsSpan(3 * y * picture.Width, 3 * picture.Width));
        }

        return picture;
    }

    private static RgbImage Errors(RgbImage image, Func<int, int, float> error, Func<int, int, bool> ignored)
    {
        var picture = new RgbImage(image.Width, image.Height);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                RgbColor gray = Canvas.Mix(Black, Canvas.Desaturate(image[x, y]), ignored(x, y) ? 0.2f : 0.55f);
                picture[x, y] = Canvas.Mix(gray, Wrong, 0.85f * error(x, y));
            }
        }

        return picture;
    }

    private static void DrawContours(Span<RgbColor> pixels, int y, int maskWidth, int maskHeight, Func<int, int, int> labelAt, RgbColor ink, float strength)
    {
        // A pixel whose neighbour `width` to the right or below has another label belongs to a line of that width.
        int width = Canvas.ScaleFor(maskWidth, maskHeight, ContourStep);
        for (int x = 0; x < pixels.Length; x++)
        {
            int label = labelAt(x, y);
            if (labelAt(Math.Min(x + width, maskWidth - 1), y) != label || labelAt(x, Math.Min(y + width, maskHeight - 1)) != label)
            {
                pixels[x] = Canvas.Mix(pixels[x], ink, strength);
            }
        }
    }

    /// <summary>Draws on a row of red, green, blue of the image.</summary>
    internal delegate void DrawRow(int y, Span<byte> row);

    private static void CheckSize(RgbImage image, int width, int height)
        => ImageSize.CheckSame(image.Width, image.Height, width, height, "image and mask");
}
