namespace Microsoft.ML.Binary.Imaging;

/// <summary>The few drawing operations that overlays, legends and panels need; all clip to the image.</summary>
internal static class Canvas
{
    /// <summary>Pixels of the shorter side for which text gets another step of size (<see cref="ScaleFor"/>).</summary>
    public const int TextStep = 300;

    /// <summary>The background of legends and panels.</summary>
    public static readonly RgbColor Paper = new(24, 26, 31);

    /// <summary>The colour of their text.</summary>
    public static readonly RgbColor Ink = new(232, 234, 238);

    public static void Fill(RgbImage image, int x, int y, int width, int height, RgbColor color)
    {
        int left = Math.Max(0, x);
        int right = Math.Min(image.Width, x + width);
        for (int row = Math.Max(0, y); row < Math.Min(image.Height, y + height); row++)
        {
            for (int column = left; column < right; column++)
            {
                image[column, row] = color;
            }
        }
    }

    /// <summary>Copies a whole image; it must fit at the place it is put.</summary>
    public static void Put(RgbImage target, RgbImage source, int x, int y)
    {
        for (int row = 0; row < source.Height; row++)
        {
            source.Pixels.AsSpan(3 * row * source.Width, 3 * source.Width).CopyTo(target.Pixels.AsSpan(3 * (((y + row) * target.Width) + x)));
        }
    }

    /// <summary>The colour at <paramref name="amount"/> (0 to 1) of the way from one to the other.</summary>
    public static RgbColor Mix(RgbColor from, RgbColor to, float amount)
        => new(Mix(from.R, to.R, amount), Mix(from.G, to.G, amount), Mix(from.B, to.B, amount));

    /// <summary>The gray of the same luma.</summary>
    public static RgbColor Desaturate(RgbColor color)
    {
        byte gray = (byte)((0.299f * color.R) + (0.587f * color.G) + (0.114f * color.B) + 0.5f);
        return new RgbColor(gray, gray, gray);
    }

    /// <summary>A whole factor by which text and lines grow with the image, so that they stay legible when it is shown smaller.</summary>
    public static int ScaleFor(int width, int height, int pixelsPerStep)
        => Math.Max(1, (int)Math.Round(Math.Min(width, height) / (double)pixelsPerStep));

    private static byte Mix(byte from, byte to, float amount) => (byte)(from + ((to - from) * amount) + 0.5f);
}
