using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>What a worse camera or less light does to an image: blur, then noise.</summary>
internal static class CameraChange
{
    private const int NoiseBits = 12;

    private static readonly float[] Normals = Draw();

    /// <summary>Changes three planes in place; values stay within 0..255.</summary>
    public static void Apply(AugmentationOptions options, ref RandomStream random, Span<float> planes, int width, int height)
    {
        float blur = options.Blur * (float)random.NextDouble(), noise = options.Noise * (float)random.NextDouble();
        if (blur > 0)
        {
            for (int c = 0; c < 3; c++)
            {
                Blur(planes.Slice(c * width * height, width * height), width, height, blur / 3);
            }
        }

        if (noise > 0)
        {
            AddNoise(planes, ref random, noise);
        }
    }

    /// <summary>The separable kernel (side, 1 - 2 side, side); the edge is repeated.</summary>
    private static void Blur(Span<float> plane, int width, int height, float side)
    {
        float middle = 1 - 2 * side;
        float[] above = new float[width];
        for (int y = 0; y < height; y++)
        {
            Span<float> row = plane.Slice(y * width, width);
            float left = row[0];
            for (int x = 0; x < width; x++)
            {
                float value = row[x];
                row[x] = middle * value + side * (left + row[Math.Min(x + 1, width - 1)]);
                left = value;
            }
        }

        plane[..width].CopyTo(above);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = plane.Slice(y * width, width), below = plane.Slice(Math.Min(y + 1, height - 1) * width, width);
            for (int x = 0; x < width; x++)
            {
                float value = row[x];
                row[x] = middle * value + side * (above[x] + below[x]);
                above[x] = value;
            }
        }
    }

    private static void AddNoise(Span<float> planes, ref RandomStream random, float deviation)
    {
        ulong bits = 0;
        for (int i = 0; i < planes.Length; i++)
        {
            bits = i % 5 == 0 ? random.NextBits() : bits >> NoiseBits;
            planes[i] = Math.Clamp(planes[i] + deviation * Normals[bits & ((1 << NoiseBits) - 1)], 0, 255);
        }
    }

    private static float[] Draw()
    {
        RandomStream random = new(seed: 0x401);
        float[] normals = new float[1 << NoiseBits];
        for (int i = 0; i < normals.Length; i++)
        {
            normals[i] = random.NextNormal();
        }

        return normals;
    }
}
