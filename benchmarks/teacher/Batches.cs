using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Teacher;

/// <summary>Pictures and their masks, squeezed to squares.</summary>
internal static class Batches
{
    /// <summary>Pixels of a side of the squares.</summary>
    public const int Side = 256;

    private const double LeastPart = 0.7;

    /// <summary>The planes of a picture.</summary>
    /// <returns>[blue green red, row, column] from 0 to 255.</returns>
    public static float[] Planes(RgbImage image)
    {
        RgbImage square = image.Resize(Side, Side);
        float[] planes = new float[3 * Side * Side];
        for (int i = 0; i < Side * Side; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                planes[c * Side * Side + i] = square.Pixels[3 * i + 2 - c];
            }
        }

        return planes;
    }

    /// <summary>A random part, at least 0.7 of each side, of random pictures, each second of them mirrored.</summary>
    /// <param name="pairs">Pictures and masks.</param>
    /// <param name="count">How many.</param>
    /// <param name="random">Chooses.</param>
    /// <returns>Inputs and masks of 0 and 1, [image, channel, row, column].</returns>
    public static (float[] Images, float[] Masks) Draw(IReadOnlyList<ImagePair> pairs, int count, Random random)
    {
        float[] images = new float[count * 3 * Side * Side], masks = new float[count * Side * Side];
        for (int i = 0; i < count; i++)
        {
            ImagePair pair = pairs[random.Next(pairs.Count)];
            RgbImage image = RgbImage.Load(pair.ImagePath), mask = MaskReader.ReadGray(pair.MaskPath).ToImage();
            int width = (int)(image.Width * (LeastPart + (1 - LeastPart) * random.NextDouble()));
            int height = (int)(image.Height * (LeastPart + (1 - LeastPart) * random.NextDouble()));
            (int left, int top, bool mirrored) = (random.Next(image.Width - width + 1), random.Next(image.Height - height + 1), random.Next(2) == 1);
            Planes(Part(image, left, top, width, height, mirrored)).CopyTo(images, i * 3 * Side * Side);
            float[] gray = Planes(Part(mask, left, top, width, height, mirrored));
            for (int pixel = 0; pixel < Side * Side; pixel++)
            {
                masks[i * Side * Side + pixel] = gray[pixel] > SaliencyMask.Threshold ? 1 : 0;
            }
        }

        return (images, masks);
    }

    private static RgbImage Part(RgbImage image, int left, int top, int width, int height, bool mirrored)
    {
        RgbImage part = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int from = (top + y) * image.Width + left + (mirrored ? width - 1 - x : x);
                image.Pixels.AsSpan(3 * from, 3).CopyTo(part.Pixels.AsSpan(3 * (y * width + x)));
            }
        }

        return part;
    }
}
