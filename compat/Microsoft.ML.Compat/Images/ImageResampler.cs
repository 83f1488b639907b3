namespace Microsoft.ML.Transforms.Image;

/// <summary>Resamples 4-channel pixels with a triangle filter that widens when the image shrinks, one axis after the other.</summary>
internal static class ImageResampler
{
    private const int Channels = 4;

    /// <summary>The target holds the source where <paramref name="placement"/> says, in the target's coordinates, and 0 around it.</summary>
    public static byte[] Resample(ReadOnlySpan<byte> pixels, int width, int height, int targetWidth, int targetHeight, Placement placement)
    {
        (int First, float[] Weights)[] columns = Taps(width, targetWidth, placement.X, placement.Width);
        (int First, float[] Weights)[] rows = Taps(height, targetHeight, placement.Y, placement.Height);
        var wide = new float[height * targetWidth * Channels];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < targetWidth; column++)
            {
                (int first, float[] weights) = columns[column];
                Span<float> sum = wide.AsSpan(((row * targetWidth) + column) * Channels, Channels);
                for (int tap = 0; tap < weights.Length; tap++)
                {
                    ReadOnlySpan<byte> pixel = pixels.Slice(((row * width) + first + tap) * Channels, Channels);
                    for (int c = 0; c < Channels; c++)
                    {
                        sum[c] += weights[tap] * pixel[c];
                    }
                }
            }
        }

        var target = new byte[targetWidth * targetHeight * Channels];
        for (int row = 0; row < targetHeight; row++)
        {
            (int first, float[] weights) = rows[row];
            for (int i = 0; i < targetWidth * Channels; i++)
            {
                float sum = 0;
                for (int tap = 0; tap < weights.Length; tap++)
                {
                    sum += weights[tap] * wide[((first + tap) * targetWidth * Channels) + i];
                }

                target[(row * targetWidth * Channels) + i] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        }

        return target;
    }

    internal readonly record struct Placement(double X, double Y, double Width, double Height);

    private static (int First, float[] Weights)[] Taps(int size, int targetSize, double offset, double placedSize)
    {
        var taps = new (int First, float[] Weights)[targetSize];
        double step = size / placedSize;
        double support = Math.Max(1, step);
        for (int i = 0; i < targetSize; i++)
        {
            double center = (i + 0.5 - offset) * step;
            if (center < 0 || center > size)
            {
                taps[i] = (0, []);
                continue;
            }

            int first = Math.Max(0, (int)Math.Floor(center - support));
            int last = Math.Min(size - 1, (int)Math.Ceiling(center + support));
            double[] weights = [.. Enumerable.Range(first, last - first + 1).Select(at => Math.Max(0, 1 - (Math.Abs(at + 0.5 - center) / support)))];
            double sum = weights.Sum();
            taps[i] = (first, Array.ConvertAll(weights, weight => (float)(weight / sum)));
        }

        return taps;
    }
}
