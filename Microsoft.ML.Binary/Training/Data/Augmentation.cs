using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// Cuts a random window out of an image and its mask: scaled, mirrored, placed and re-coloured at random. Outside of the image the edge
/// is repeated, and the mask says "ignore" where there is such a label.
/// </summary>
internal sealed class Augmentation(AugmentationOptions options, int height, int width)
{
    /// <summary>Fills one image of a batch: three planes 0..255 and the mask.</summary>
    /// <param name="sample">Where to cut.</param>
    /// <param name="random">Its own stream for every sample of every step.</param>
    /// <param name="planes">Red, green, blue, each height * width.</param>
    /// <param name="mask">height * width.</param>
    /// <param name="outside">The mask value outside of the image; null repeats the edge.</param>
    public void Apply(TrainingSample sample, RandomStream random, Span<float> planes, Span<byte> mask, byte? outside)
    {
        RgbImage image = sample.Image;
        float scale = random.NextSingle(options.MinScale, options.MaxScale);
        bool flip = random.NextDouble() < 0.5 && options.Flip;
        float spanX = width / scale, spanY = height / scale;
        float left = Place(image.Width, spanX, ref random), top = Place(image.Height, spanY, ref random);
        Sample[] columns = new Sample[width], rows = new Sample[height];
        for (int x = 0; x < width; x++)
        {
            columns[x] = Sample.At(left + ((flip ? width - 1 - x : x) + 0.5f) / scale, image.Width);
        }

        for (int y = 0; y < height; y++)
        {
            rows[y] = Sample.At(top + (y + 0.5f) / scale, image.Height);
        }

        ReadOnlySpan<byte> pixels = image.Pixels;
        int plane = height * width;
        for (int y = 0; y < height; y++)
        {
            Sample row = rows[y];
            ReadOnlySpan<byte> upper = pixels.Slice(row.First * image.Width * 3, image.Width * 3);
            ReadOnlySpan<byte> lower = pixels.Slice(row.Second * image.Width * 3, image.Width * 3);
            for (int x = 0; x < width; x++)
            {
                Sample column = columns[x];
                int at = y * width + x;
                for (int c = 0; c < 3; c++)
                {
                    float a = Lerp(upper[column.First * 3 + c], upper[column.Second * 3 + c], column.Weight);
                    float b = Lerp(lower[column.First * 3 + c], lower[column.Second * 3 + c], column.Weight);
                    planes[c * plane + at] = Lerp(a, b, row.Weight);
                }

                mask[at] = outside is { } value && (row.IsOutside || column.IsOutside)
                    ? value
                    : sample.Mask[row.Nearest * image.Width + column.Nearest];
            }
        }

        new PhotometricChange(options, ref random).Apply(planes, plane);
    }

    // A window that fits is placed anywhere inside; one that does not is centred. Whole pixels keep an unscaled one sharp.
    private float Place(int side, float span, ref RandomStream random)
    {
        double position = random.NextDouble();
        bool anywhere = options != AugmentationOptions.None;
        return span <= side && anywhere ? (float)(position * (side - span)) : MathF.Floor((side - span) / 2);
    }

    private static float Lerp(float a, float b, float weight) => a + weight * (b - a);

    /// <summary>Where an output pixel lies between two input pixels along one axis.</summary>
    private readonly record struct Sample(int First, int Second, float Weight, int Nearest, bool IsOutside)
    {
        public static Sample At(float position, int size)
        {
            float pixel = position - 0.5f;
            int first = (int)MathF.Floor(pixel), nearest = (int)MathF.Floor(position);
            return new(
                Math.Clamp(first, 0, size - 1), Math.Clamp(first + 1, 0, size - 1), pixel - first, Math.Clamp(nearest, 0, size - 1),
                nearest < 0 || nearest >= size);
        }
    }
}
