using Microsoft.ML.Binary.Imaging;
using SkiaSharp;

namespace Images;

/// <summary>A picture with about as much detail as a photo: shapes of several sizes, soft shades and a little noise.</summary>
internal static class SamplePhoto
{
    public static RgbImage Make(int width, int height)
    {
        RgbImage image = new(width, height);
        Random random = new(1);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double shade = 128 + (60 * Math.Sin(x * 0.011) * Math.Cos(y * 0.007)) + (25 * Math.Sin((x + y) * 0.13)) + (((x / 97) + (y / 61)) % 2 * 30);
                for (int channel = 0; channel < 3; channel++)
                {
                    image.Pixels[(3 * ((y * width) + x)) + channel] = (byte)Math.Clamp(shade + (channel * 9) + random.Next(-6, 7), 0, 255);
                }
            }
        }

        return image;
    }

    public static unsafe void WriteJpeg(string path, int width, int height)
    {
        byte[] bgra = new byte[4 * width * height];
        Make(width, height).CopyToBgra(bgra);
        fixed (byte* pixels = bgra)
        {
            using SKPixmap pixmap = new(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque), (nint)pixels, 4 * width);
            using SKData data = pixmap.Encode(SKEncodedImageFormat.Jpeg, 90);
            File.WriteAllBytes(path, data.ToArray());
        }
    }

    /// <summary>Images again as JPEGs of quality 90, over and over until there are enough.</summary>
    public static NamedFile[] WriteJpegs(string[] images, string folder, int count)
    {
        Directory.CreateDirectory(folder);
        NamedFile[] photos = [.. Enumerable.Range(0, count).Select(i => new NamedFile($"{i:000}", Path.Combine(folder, $"{i:000}.jpg")))];
        for (int i = 0; i < count; i++)
        {
            using SKBitmap bitmap = SKBitmap.Decode(images[i % images.Length]);
            using FileStream file = File.Create(photos[i].Path);
            bitmap.Encode(file, SKEncodedImageFormat.Jpeg, 90);
        }

        return photos;
    }

    /// <summary>The same file with an Exif segment that says it is to be turned.</summary>
    public static void WriteTurned(string photo, string turned)
    {
        byte[] jpeg = File.ReadAllBytes(photo);
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(turned, [.. jpeg[..2], .. exif, .. jpeg[2..]]);
    }
}
