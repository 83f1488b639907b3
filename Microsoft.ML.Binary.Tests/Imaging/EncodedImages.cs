using System.Buffers.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using SkiaSharp;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Files of formats that the product does not write: by Skia where it can, else byte by byte.</summary>
internal static class EncodedImages
{
    /// <summary>A picture without symmetry: smooth, so that JPEG keeps it nearly, and different in each corner.</summary>
    public static RgbImage Picture(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                image[x, y] = new RgbColor((byte)(20 + (200 * x / width)), (byte)(20 + (200 * y / height)), (byte)(x * 4 < width ? 200 : 40));
            }
        }

        return image;
    }

    public static byte[] Jpeg(RgbImage image, int quality = 95) =>
        Encode(image.Width, image.Height, Rgba(image), pixmap => pixmap.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore)));

    /// <summary>Lossless; alpha is straight.</summary>
    public static byte[] WebP(int width, int height, byte[] rgba) =>
        Encode(width, height, rgba, pixmap => pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 100)));

    public static byte[] WebP(RgbImage image) => WebP(image.Width, image.Height, Rgba(image));

    public static byte[] Png(int width, int height, byte[] rgba) => TestPng.Encode(width, height, ColorModel.Rgba, 8, rgba);

    public static byte[] Png(RgbImage image, params byte[][] chunks) =>
        TestPng.Encode(image.Width, image.Height, ColorModel.Rgb, 8, image.Pixels, false, -1, chunks);

    /// <summary>32 bits with a mask for alpha (BITMAPV4HEADER).</summary>
    public static byte[] Bmp(int width, int height, byte[] rgba, bool topDown = false)
    {
        const int headers = 14 + 108;
        byte[] file = new byte[headers + rgba.Length];
        "BM"u8.CopyTo(file);
        Put(10, headers);
        Put(14, 108);
        Put(18, width);
        Put(22, topDown ? -height : height);
        file[26] = 1;
        file[28] = 32;
        Put(30, 3);
        foreach ((int at, uint mask) in new[] { (54, 0xFF0000u), (58, 0xFF00u), (62, 0xFFu), (66, 0xFF000000u) })
        {
            Put(at, (int)mask);
        }

        for (int y = 0; y < height; y++)
        {
            int row = headers + (4 * width * (topDown ? y : height - 1 - y));
            for (int x = 0; x < width; x++)
            {
                ReadOnlySpan<byte> p = rgba.AsSpan(4 * ((y * width) + x), 4);
                new[] { p[2], p[1], p[0], p[3] }.CopyTo(file, row + (4 * x));
            }
        }

        return file;

        void Put(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
    }

    public static byte[] Bmp(RgbImage image) => Bmp(image.Width, image.Height, Rgba(image));

    /// <summary>A GIF of up to 128 colours whose pixels are 7-bit codes: it tells the decoder to forget its table before that grows.</summary>
    public static byte[] Gif(int width, int height, byte[] palette, byte[] indices, int transparent = -1)
    {
        List<byte> file = [.. "GIF89a"u8, .. UInt16(width), .. UInt16(height), 0x80 | 6, 0, 0, .. palette, .. new byte[(3 * 128) - palette.Length]];
        if (transparent >= 0)
        {
            file.AddRange([0x21, 0xF9, 4, 1, 0, 0, (byte)transparent, 0]);
        }

        file.AddRange([0x2C, 0, 0, 0, 0, .. UInt16(width), .. UInt16(height), 0, 7]);
        for (int start = 0; start < indices.Length; start += 100)
        {
            byte[] codes = [128, .. indices.Skip(start).Take(100)];
            file.AddRange([(byte)codes.Length, .. codes]);
        }

        file.AddRange([1, 129, 0, 0x3B]);
        return [.. file];
    }

    /// <summary>Exif data that hold nothing but an orientation.</summary>
    public static byte[] Exif(ImageOrientation orientation, bool littleEndian = false) => littleEndian
        ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0]
        : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    public static byte[] JpegWithExif(byte[] jpeg, byte[] exif) =>
        [.. jpeg[..2], 0xFF, 0xE1, (byte)((exif.Length + 8) >> 8), (byte)(exif.Length + 8), .. "Exif\0\0"u8, .. exif, .. jpeg[2..]];

    /// <summary>A simple WebP file made an extended one with an Exif chunk at its end.</summary>
    public static byte[] WebPWithExif(byte[] webP, int width, int height, byte[] exif)
    {
        byte[] extended = [.. "VP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, (byte)(width - 1), (byte)((width - 1) >> 8), 0, (byte)(height - 1), (byte)((height - 1) >> 8), 0];
        byte[] chunk = [.. "EXIF"u8, (byte)exif.Length, 0, 0, 0, .. exif, .. new byte[exif.Length % 2]];
        byte[] body = [.. "WEBP"u8, .. extended, .. webP[12..], .. chunk];
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        return [.. "RIFF"u8, .. length, .. body];
    }

    /// <summary>Finds the place of the pixel that a viewer shows at (x, y) among the stored ones, straight from the definition of the tag.</summary>
    public static (int X, int Y) StoredPlace(ImageOrientation orientation, int x, int y, int storedWidth, int storedHeight) => (int)orientation switch
    {
        1 => (x, y),
        2 => (storedWidth - 1 - x, y),
        3 => (storedWidth - 1 - x, storedHeight - 1 - y),
        4 => (x, storedHeight - 1 - y),
        5 => (y, x),
        6 => (y, storedHeight - 1 - x),
        7 => (storedWidth - 1 - y, storedHeight - 1 - x),
        _ => (storedWidth - 1 - y, x),
    };

    private static byte[] Rgba(RgbImage image) => [.. Enumerable.Range(0, image.Width * image.Height)
        .SelectMany(i => new[] { image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2], byte.MaxValue })];

    private static unsafe byte[] Encode(int width, int height, byte[] rgba, Func<SKPixmap, SKData> encode)
    {
        fixed (byte* pixels = rgba)
        {
            using SKPixmap pixmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (nint)pixels, 4 * width);
            using SKData data = encode(pixmap);
            return data.ToArray();
        }
    }

    private static byte[] UInt16(int value) => [(byte)value, (byte)(value >> 8)];
}
