using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>Copies pixels between ML.NET's images and those of this package.</summary>
public static class MLImageConversion
{
    /// <summary>
    /// Copies the pixels of an ML.NET image. Its colours are multiplied by their alpha, which is how ML.NET loads images; what is transparent
    /// becomes white, as <see cref="ImageReader"/> does it. An image in which every alpha is 0 but not every colour (frames of a camera, say)
    /// has no alpha, and its colours are taken as they are. The image is neither changed nor disposed.
    /// </summary>
    /// <exception cref="ArgumentException">Its pixel format is not <c>Bgra32</c> or <c>Rgba32</c>.</exception>
    /// <example><code>RgbImage rgb = MLImage.CreateFromFile("photo.png").ToRgbImage();</code></example>
    public static RgbImage ToRgbImage(this MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        RgbImage? rgb = null;
        image.CopyTo(ref rgb);
        return rgb;
    }

    /// <summary>Copies the pixels into a new ML.NET image (<c>Bgra32</c>, opaque), which belongs to the caller.</summary>
    /// <exception cref="ArgumentException">The image has more pixels than an array of four bytes each holds.</exception>
    /// <exception cref="InvalidOperationException">ML.NET's image package lacks its native library; the message says what to install.</exception>
    /// <example><code>using MLImage image = RgbImage.Load("street.png").ToMLImage();</code></example>
    public static MLImage ToMLImage(this RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] bgra = new byte[LengthOf(image.Width, image.Height, 4)];
        image.CopyToBgra(bgra);
        return FromBgra(image.Width, image.Height, bgra);
    }

    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="bgra">Blue, green, red multiplied by alpha, and alpha of each pixel, row-major.</param>
    internal static MLImage FromBgra(int width, int height, ReadOnlySpan<byte> bgra)
    {
        try
        {
            return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, bgra);
        }
        catch (Exception exception) when (ErrorText.MissingLibrary(exception) is not null)
        {
            throw new InvalidOperationException(ErrorText.Of(exception), exception);
        }
    }

    /// <summary>How many values there are of the pixels of an image.</summary>
    /// <exception cref="ArgumentException">They are more than an array holds.</exception>
    internal static int LengthOf(int width, int height, int channels) => (long)width * height <= Array.MaxLength / channels
        ? width * height * channels
        : throw new ArgumentException($"The image has {width}x{height} pixels; with {channels} values each there may be at most {Array.MaxLength / channels}.");

    /// <summary>Copies into <paramref name="rgb"/> if that has the right size, else into a new image.</summary>
    internal static void CopyTo(this MLImage image, [System.Diagnostics.CodeAnalysis.NotNull] ref RgbImage? rgb)
    {
        if (rgb?.Width != image.Width || rgb.Height != image.Height)
        {
            rgb = new RgbImage(image.Width, image.Height);
        }

        switch (image.PixelFormat)
        {
            case MLPixelFormat.Bgra32:
                rgb.CopyFromMLImage(image.Pixels);
                break;
            case MLPixelFormat.Rgba32:
                rgb.CopyFromRgba(image.Pixels, premultiplied: !IsWithoutAlpha(image.Pixels));
                break;
            default:
                throw new ArgumentException($"The image has the pixel format {image.PixelFormat}; it must be Bgra32 or Rgba32.", nameof(image));
        }

        // The span points at memory that the image's finaliser frees.
        GC.KeepAlive(image);
    }

    /// <summary>Copies what <see cref="ExtractArgb"/> gives of an image, as <see cref="CopyTo"/> copies the image.</summary>
    internal static void CopyFromArgb(this RgbImage rgb, ReadOnlySpan<byte> argb)
    {
        byte[] bgra = new byte[argb.Length];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(argb), MemoryMarshal.Cast<byte, uint>(bgra.AsSpan()));
        rgb.CopyFromMLImage(bgra);
    }

    /// <summary>A stage that makes a vector of bytes of an image of known size: alpha, red, green, blue of each pixel, row-major, as they are in it.</summary>
    internal static IEstimator<ITransformer> ExtractArgb(this MLContext context, string outputColumnName, string imageColumnName) => context.Transforms.ExtractPixels(
        outputColumnName, imageColumnName, ImagePixelExtractingEstimator.ColorBits.All, ImagePixelExtractingEstimator.ColorsOrder.ARGB,
        interleavePixelColors: true, outputAsFloatArray: false);

    private static void CopyFromMLImage(this RgbImage rgb, ReadOnlySpan<byte> bgra) => rgb.CopyFromBgra(bgra, premultiplied: !IsWithoutAlpha(bgra));

    private static bool IsWithoutAlpha(ReadOnlySpan<byte> pixels)
    {
        const uint color = 0x00FFFFFF;
        uint colors = 0;
        foreach (uint pixel in MemoryMarshal.Cast<byte, uint>(pixels))
        {
            if (pixel > color)
            {
                return false;
            }

            colors |= pixel;
        }

        return colors != 0;
    }
}
