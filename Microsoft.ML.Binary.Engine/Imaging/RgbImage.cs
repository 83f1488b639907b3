using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Imaging.Resampling;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>An 8-bit RGB image in memory: the form in which networks take their input.</summary>
[TypeFormatterSource]
public sealed class RgbImage
{
    /// <summary>Makes a black image.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The size is empty, or of more pixels than an array holds.</exception>
    public RgbImage(int width, int height)
        : this(width, height, new byte[ImageSize.LengthOf(width, height, 3)])
    {
    }

    /// <summary>Makes an image over existing pixels.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">Red, green, blue of each pixel, row-major; kept, not copied.</param>
    /// <exception cref="ArgumentException">The size is empty, or the number of bytes differs from it.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ImageSize.Check(width, height, 3, pixels, nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Red, green, blue of each pixel, row-major: pixel (x, y) starts at <c>3 * (y * Width + x)</c>.</summary>
    public byte[] Pixels { get; }

    /// <summary>The colour of a pixel.</summary>
    public RgbColor this[int x, int y]
    {
        get
        {
            int at = 3 * ImageSize.Index(x, y, Width, Height);
            return new RgbColor(Pixels[at], Pixels[at + 1], Pixels[at + 2]);
        }

        set
        {
            int at = 3 * ImageSize.Index(x, y, Width, Height);
            (Pixels[at], Pixels[at + 1], Pixels[at + 2]) = (value.R, value.G, value.B);
        }
    }

    /// <summary>The image brought to a mean of its values, brighter or darker; itself where it has that (<see cref="ExposureCurve"/>).</summary>
    /// <param name="mean">1 to 254; 0 for the image as it is.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public RgbImage WithMean(int mean) => With(ExposureCurve.For(this, mean));

    /// <summary>The image as a curve makes it; itself without one.</summary>
    internal RgbImage With(ExposureCurve? curve)
    {
        if (curve is null)
        {
            return this;
        }

        byte[] pixels = [.. Pixels];
        curve.Apply(pixels);
        return new(Width, Height, pixels);
    }

    /// <summary>Reads an image file by the rules of <see cref="ImageReader"/>, at full size.</summary>
    /// <exception cref="InvalidDataException">The file is no image of a known format, truncated, damaged or too large; the message names it.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static RgbImage Load(string path) => ImageReader.Load(path, FullSize).Image;

    /// <summary>Reads an encoded image from a stream, as <see cref="Load(string)"/> does.</summary>
    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="name">What error messages call the stream.</param>
    /// <exception cref="InvalidDataException">The data are no image of a known format, truncated, damaged or too large; the message names the stream.</exception>
    public static RgbImage Load(Stream stream, string name) => ImageReader.Load(stream, name, FullSize).Image;

    /// <summary>Takes over pixels of blue, green, red, alpha.</summary>
    /// <param name="bgra">4 bytes per pixel, row-major.</param>
    /// <param name="premultiplied">
    /// Whether colours are multiplied by their alpha, as in ML.NET's images; what is transparent becomes white then. Otherwise alpha is left out.
    /// </param>
    /// <exception cref="ArgumentException">The length is not 4 times the number of pixels.</exception>
    public void CopyFromBgra(ReadOnlySpan<byte> bgra, bool premultiplied = false) => CopyFrom(bgra, isBgra: true, premultiplied, nameof(bgra));

    /// <summary>Takes over pixels of red, green, blue, alpha.</summary>
    /// <param name="rgba">4 bytes per pixel, row-major.</param>
    /// <param name="premultiplied">As in <see cref="CopyFromBgra"/>.</param>
    /// <exception cref="ArgumentException">The length is not 4 times the number of pixels.</exception>
    public void CopyFromRgba(ReadOnlySpan<byte> rgba, bool premultiplied = false) => CopyFrom(rgba, isBgra: false, premultiplied, nameof(rgba));

    /// <summary>
    /// The image brought to another size: an axis that gets shorter is averaged over the area that each pixel covers, one that gets longer is
    /// interpolated bilinearly; the exact mean is rounded once, halves up. This is how networks bring images to the size that they work at.
    /// </summary>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Rows of the result, at least 1.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The size is empty or of more pixels than an array holds, or a side is longer than 4,194,304.</exception>
    /// <example><code>RgbImage thumbnail = RgbImage.Load("photo.png").Resize(160, 120);</code></example>
    public RgbImage Resize(int width, int height)
    {
        RgbImage result = new(width, height);
        ImageResampler resampler = new(Width, Height, width, height);
        resampler.Run(Pixels, result.Pixels, 0, height, new int[resampler.Scratch]);
        return result;
    }

    /// <summary>Writes the pixels as blue, green, red, alpha = 255.</summary>
    /// <param name="bgra">Gets 4 bytes per pixel.</param>
    /// <exception cref="ArgumentException">The length is not 4 times the number of pixels.</exception>
    public void CopyToBgra(Span<byte> bgra)
    {
        ImageSize.CheckLength(Width, Height, 4, bgra.Length, nameof(bgra));
        PixelConversion.RgbToBgra(Pixels, bgra);
    }

    /// <summary>Writes an 8-bit RGB PNG. The file appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SavePng(string path) => AtomicFile.Write(path, SavePng);

    /// <summary>Writes an 8-bit RGB PNG to a stream.</summary>
    public void SavePng(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PngWriter.Write(stream, Width, Height, ColorModel.Rgb, Pixels);
    }

    private void CopyFrom(ReadOnlySpan<byte> four, bool isBgra, bool premultiplied, string argument)
    {
        ImageSize.CheckLength(Width, Height, 4, four.Length, argument);
        PixelConversion.ToRgb(four, Pixels, isBgra, premultiplied);
    }

    private static ImageReadOptions FullSize => ImageReadOptions.Default with { NeededLongestSide = 0 };
}
