using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Networks whose parameters are all away from their initial values, images, and what the interpreter makes of them.</summary>
internal static class RandomNetworks
{
    public static DenseGraph Preset(NetworkPreset preset, int outputs, Precision precision, int seed = 5) =>
        Shake(DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, outputs, precision, seed)), seed);

    /// <summary>Gives batch norms, shifts, slopes and gates random values, in place.</summary>
    public static DenseGraph Shake(DenseGraph graph, int seed)
    {
        RandomStream random = new(seed, 77);
        foreach (Parameter parameter in graph.Parameters)
        {
            float[] values = parameter.Values;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (parameter.Role, parameter.Name) switch
                {
                    (ParameterRole.Weight, var name) when name.EndsWith(".excite", StringComparison.Ordinal) => random.NextSingle(-0.6f, 0.6f),
                    (ParameterRole.Weight or ParameterRole.LatentSign or ParameterRole.Constant, _) => values[i],
                    (ParameterRole.Statistic, var name) when name.EndsWith("variance", StringComparison.Ordinal) => values[i] * random.NextSingle(0.5f, 40),
                    (ParameterRole.Statistic, _) => random.NextSingle(-2, 2),
                    (_, var name) when name.EndsWith("temperature", StringComparison.Ordinal) => values[i] * random.NextSingle(0.5f, 2),
                    (_, var name) when name.EndsWith("gamma", StringComparison.Ordinal) => random.NextSingle(-1.5f, 1.5f),
                    _ => values[i] + random.NextSingle(-0.5f, 0.5f),
                };
            }
        }

        return graph;
    }

    public static byte[] Image(int width, int height, int seed = 1)
    {
        byte[] rgb = new byte[3 * width * height];
        new Random(seed).NextBytes(rgb);
        for (int i = 0; i < rgb.Length; i++)
        {
            // Smooth with some noise, as pictures are.
            rgb[i] = (byte)((rgb[i] + 3 * (128 + 100 * Math.Sin(i / 3 % width / 9.0 + i % 3) * Math.Cos(i / 3 / width / 7.0))) / 4);
        }

        return rgb;
    }

    /// <summary>Planes of the image, padded by repeating the last row and column.</summary>
    public static FeatureMap Padded(DenseGraph graph, byte[] rgb, int width, int height)
    {
        (int paddedHeight, int paddedWidth) = graph.PaddedSize(height, width);
        FeatureMap image = new(3, paddedHeight, paddedWidth);
        for (int c = 0; c < 3; c++)
        {
            for (int y = 0; y < paddedHeight; y++)
            {
                for (int x = 0; x < paddedWidth; x++)
                {
                    image[c, y, x] = rgb[3 * (Math.Min(y, height - 1) * width + Math.Min(x, width - 1)) + c];
                }
            }
        }

        return image;
    }

    /// <summary>The interpreter's logits, cropped to the image.</summary>
    public static float[] Logits(DenseGraph graph, byte[] rgb, int width, int height)
    {
        FeatureMap logits = ReferenceInterpreter.Run(graph, Padded(graph, rgb, width, height))[graph.Logits];
        float[] cropped = new float[logits.Channels * height * width];
        for (int i = 0; i < cropped.Length; i++)
        {
            cropped[i] = logits[i / (height * width), i / width % height, i % width];
        }

        return cropped;
    }
}
