namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Order of the 8-bit channels of a pixel in memory.</summary>
internal enum PixelLayout
{
    Rgb,
    Rgba,
    Bgra,
}

/// <summary>
/// Colours and gray values of a <see cref="Raster"/>. Samples are scaled linearly to 0..255 and rounded; colour profiles and gamma chunks
/// are not applied, so that a pixel has the value that its file stores.
/// </summary>
internal static class RasterConversion
{
    /// <summary>Interleaved 8-bit pixels. Alpha is straight (not premultiplied); the RGB layout leaves it out.</summary>
    /// <exception cref="InvalidDataException">A pixel's index lies outside the palette.</exception>
    public static byte[] ToPixels(this Raster raster, PixelLayout layout)
    {
        if (layout == PixelLayout.Rgb && raster is { Color: ColorModel.Rgb, MaxValue: byte.MaxValue })
        {
            return raster.Samples.AsSpan().ToArray();
        }

        int size = layout == PixelLayout.Rgb ? 3 : 4;
        int red = layout == PixelLayout.Bgra ? 2 : 0;
        byte[] pixels = new byte[raster.PixelCount * size];
        for (int pixel = 0, at = 0; pixel < raster.PixelCount; pixel++, at += size)
        {
            (byte r, byte g, byte b, byte a) = ColorAt(raster, pixel);
            pixels[at + red] = r;
            pixels[at + 1] = g;
            pixels[at + 2 - red] = b;
            if (size == 4)
            {
                pixels[at + 3] = a;
            }
        }

        return pixels;
    }

    /// <summary>
    /// One gray value 0..255 a pixel. Colours become luma with the weights of ITU-R BT.601 in 16-bit fixed point, which keeps r = g = b
    /// exactly; alpha is left out.
    /// </summary>
    /// <exception cref="InvalidDataException">A pixel's index lies outside the palette.</exception>
    public static byte[] ToGray(this Raster raster)
    {
        if (raster is { Color: ColorModel.Gray, MaxValue: byte.MaxValue })
        {
            return raster.Samples.AsSpan().ToArray();
        }

        byte[] gray = new byte[raster.PixelCount];
        for (int pixel = 0; pixel < gray.Length; pixel++)
        {
            (byte r, byte g, byte b, _) = ColorAt(raster, pixel);
            gray[pixel] = (byte)(((19595 * r) + (38470 * g) + (7471 * b) + 32768) >> 16);
        }

        return gray;
    }

    private static (byte R, byte G, byte B, byte A) ColorAt(Raster raster, int pixel)
    {
        int first = raster.Sample(pixel, 0);
        if (raster.Color == ColorModel.Palette)
        {
            if (3 * first >= raster.PaletteRgb.Length)
            {
                throw raster.Error(pixel, $"palette index {first}, but the palette has {raster.PaletteRgb.Length / 3} colours.");
            }

            ReadOnlySpan<byte> entry = raster.PaletteRgb.AsSpan(3 * first, 3);
            return (entry[0], entry[1], entry[2], first < raster.PaletteAlpha.Length ? raster.PaletteAlpha[first] : byte.MaxValue);
        }

        ReadOnlySpan<ushort> transparent = raster.TransparentColor;
        byte gray = Scale(first, raster.MaxValue);
        if (raster.Color is ColorModel.Gray or ColorModel.GrayAlpha)
        {
            byte alpha = raster.Color == ColorModel.GrayAlpha ? Scale(raster.Sample(pixel, 1), raster.MaxValue)
                : transparent.Length == 1 && transparent[0] == first ? byte.MinValue : byte.MaxValue;
            return (gray, gray, gray, alpha);
        }

        int green = raster.Sample(pixel, 1);
        int blue = raster.Sample(pixel, 2);
        byte opacity = raster.Color == ColorModel.Rgba ? Scale(raster.Sample(pixel, 3), raster.MaxValue)
            : transparent.Length == 3 && transparent[0] == first && transparent[1] == green && transparent[2] == blue ? byte.MinValue
            : byte.MaxValue;
        return (gray, Scale(green, raster.MaxValue), Scale(blue, raster.MaxValue), opacity);
    }

    private static byte Scale(int sample, int maxValue)
        => maxValue == byte.MaxValue ? (byte)sample : (byte)(((sample * byte.MaxValue) + (maxValue / 2)) / maxValue);
}
