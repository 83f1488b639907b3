using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>Small pictures for pages.</summary>
internal static class Thumbnail
{
    // Photographs take half the bytes as PNG without the two lowest bits, and at this size nobody sees the difference.
    private const int KeptBits = 0xFC;

    /// <summary>The picture, shrunk so that no side is longer than <paramref name="side"/>, as the address of an image.</summary>
    public static string DataUri(RgbImage picture, int side)
    {
        RgbImage small = Shrink(picture, side);
        for (int i = 0; i < small.Pixels.Length; i++)
        {
            small.Pixels[i] = (byte)(small.Pixels[i] & KeptBits);
        }

        return DataUri(small);
    }

    /// <summary>The picture as it is, as the address of an image.</summary>
    public static string DataUri(RgbImage picture)
    {
        using MemoryStream png = new();
        picture.SavePng(png);
        return "data:image/png;base64," + Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length);
    }

    /// <summary>A smaller copy: each pixel is the mean of those that fall into it. A picture that fits is copied as it is.</summary>
    public static RgbImage Shrink(RgbImage picture, int side)
    {
        int longer = Math.Max(picture.Width, picture.Height);
        if (longer <= side)
        {
            return new(picture.Width, picture.Height, [.. picture.Pixels]);
        }

        int width = Math.Max(1, Part(side, longer, picture.Width)), height = Math.Max(1, Part(side, longer, picture.Height));
        RgbImage small = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                small[x, y] = Mean(
                    picture,
                    Part(x, width, picture.Width), Part(x + 1, width, picture.Width),
                    Part(y, height, picture.Height), Part(y + 1, height, picture.Height));
            }
        }

        return small;
    }

    private static int Part(int index, int parts, int length) => (int)((long)index * length / parts);

    private static RgbColor Mean(RgbImage picture, int left, int right, int top, int bottom)
    {
        int count = (right - left) * (bottom - top);
        long red = 0, green = 0, blue = 0;
        for (int y = top; y < bottom; y++)
        {
            ReadOnlySpan<byte> row = picture.Pixels.AsSpan(3 * (y * picture.Width + left), 3 * (right - left));
            for (int i = 0; i < row.Length; i += 3)
            {
                (red, green, blue) = (red + row[i], green + row[i + 1], blue + row[i + 2]);
            }
        }

        return new((byte)(red / count), (byte)(green / count), (byte)(blue / count));
    }
}
