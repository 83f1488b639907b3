using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Cuts the salient object out of its image: an RGBA PNG whose alpha channel is the saliency.</summary>
/// <example>
/// <code>
/// CutOut.SavePng("object.png", image, saliency);                          // saliency as alpha
/// </code>
/// </example>
public static class CutOut
{
    /// <summary>Writes the cut-out to a file, which appears whole or not at all.</summary>
    /// <param name="path">The PNG file, replaced if it exists.</param>
    /// <param name="image">The image.</param>
    /// <param name="mask">Its saliency.</param>
    /// <exception cref="ArgumentException">Image and mask differ in size.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SavePng(string path, RgbImage image, SaliencyMask mask)
        => AtomicFile.Write(path, stream => SavePng(stream, image, mask));

    /// <summary>Writes the cut-out to a stream.</summary>
    /// <param name="stream">Gets the PNG file.</param>
    /// <param name="image">The image.</param>
    /// <param name="mask">Its saliency.</param>
    /// <exception cref="ArgumentException">Image and mask differ in size.</exception>
    public static void SavePng(Stream stream, RgbImage image, SaliencyMask mask)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PngWriter.Write(stream, image.Width, image.Height, ColorModel.Rgba, ToRgba(image, mask));
    }

    /// <summary>The cut-out: red, green, blue (not multiplied by alpha), alpha of each pixel, row-major. What is fully transparent is black.</summary>
    /// <param name="image">The image.</param>
    /// <param name="mask">Its saliency.</param>
    /// <exception cref="ArgumentException">Image and mask differ in size, or have more pixels than an array of four bytes each holds.</exception>
    public static byte[] ToRgba(RgbImage image, SaliencyMask mask)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(mask);
        ImageSize.CheckSame(image.Width, image.Height, mask.Width, mask.Height, "image and mask");
        byte[] rgba = new byte[ImageSize.LengthOf(image.Width, image.Height, 4)];
        for (int i = 0; i < mask.Values.Length; i++)
        {
            // Colour under full transparency cannot be seen but would have to be stored.
            if (mask.Values[i] > 0)
            {
                image.Pixels.AsSpan(3 * i, 3).CopyTo(rgba.AsSpan(4 * i));
                rgba[(4 * i) + 3] = mask.Values[i];
            }
        }

        return rgba;
    }
}
