using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Compare;

/// <summary>Images with masks to compare results on: real ones where there are any, else made up.</summary>
internal static class SampleImages
{
    private const int Classes = 11;

    /// <summary>Up to <paramref name="count"/> pairs, spread evenly over the folder in the order of their names.</summary>
    public static TrainingSample[] Read(string images, string masks, int count)
    {
        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(images, masks);
        count = Math.Min(count, pairs.Count);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            ImagePair pair = pairs[(int)((long)i * pairs.Count / count)];
            return new TrainingSample(pair.Name, RgbImage.Load(pair.ImagePath), MaskReader.ReadClassIndices(pair.MaskPath).Labels);
        })];
    }

    /// <summary>Noisy rectangles; their colour tells the class.</summary>
    public static TrainingSample Procedural(int width, int height, int seed)
    {
        Random random = new(seed);
        RgbImage image = new(width, height);
        byte[] mask = new byte[width * height];
        for (int i = 0; i < 40; i++)
        {
            int x0 = random.Next(width), y0 = random.Next(height), label = i == 0 ? 0 : random.Next(Classes);
            (int x1, int y1) = (Math.Min(width, x0 + random.Next(8, 9 + width / 3)), Math.Min(height, y0 + random.Next(8, 9 + height / 3)));
            if (i == 0)
            {
                (x0, y0, x1, y1) = (0, 0, width, height);
            }

            for (int y = y0; y < y1; y++)
            {
                for (int x = x0; x < x1; x++)
                {
                    int noise = random.Next(-24, 25), at = y * width + x;
                    mask[at] = (byte)label;
                    for (int c = 0; c < 3; c++)
                    {
                        image.Pixels[3 * at + c] = (byte)Math.Clamp(40 + label * (c == 0 ? 17 : c == 1 ? 53 : 97) % 180 + noise, 0, 255);
                    }
                }
            }
        }

        return new TrainingSample($"made up, seed {seed}", image, mask);
    }

    /// <summary>The input of an exported network: planes of red, green, blue, 0..255.</summary>
    public static float[] Planes(RgbImage image)
    {
        int pixels = image.Width * image.Height;
        float[] planes = new float[3 * pixels];
        for (int i = 0; i < planes.Length; i++)
        {
            planes[i] = image.Pixels[3 * (i % pixels) + i / pixels];
        }

        return planes;
    }
}
