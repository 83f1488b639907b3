using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Networks whose parameters are all away from their initial values, images, and whether plans give what the interpreter does.</summary>
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

    public static RgbImage Image(int width, int height, int seed = 1)
    {
        RgbImage image = new(width, height);
        byte[] rgb = image.Pixels;
        new Random(seed).NextBytes(rgb);
        for (int i = 0; i < rgb.Length; i++)
        {
            // Smooth with some noise, as pictures are.
            rgb[i] = (byte)((rgb[i] + 3 * (128 + 100 * Math.Sin(i / 3 % width / 9.0 + i % 3) * Math.Cos(i / 3 / width / 7.0))) / 4);
        }

        return image;
    }

    /// <summary>On every kernel path, and with each of the options, the logits are the interpreter's to the last bit.</summary>
    public static void AssertMatches(DenseGraph graph, RgbImage image, params IEnumerable<InferenceOptions> options)
    {
        Assert.IsTrue(graph.IsBinary, "The logits of a real-valued network are not compared bit by bit.");
        FeatureMap[]? expected = null;
        foreach (KernelPath path in KernelPaths.Supported)
        {
            foreach (InferenceOptions each in options.DefaultIfEmpty(new()))
            {
                expected = GraphRun.Compare(graph, image, path, each, expected);
            }
        }
    }

    /// <summary>Labels, saliency and scores of every pixel, those that are given, are what follows from its logits.</summary>
    public static void AssertFollow(float[] logits, int classes, byte[]? labels = null, float[]? saliency = null, float[]? scores = null)
    {
        int pixels = logits.Length / classes;
        Assert.IsTrue((labels?.Length ?? pixels, saliency?.Length ?? pixels, scores?.Length ?? logits.Length) == (pixels, pixels, logits.Length), "a result has another size");
        for (int p = 0; p < pixels; p++)
        {
            float[] pixel = [.. Enumerable.Range(0, classes).Select(c => logits[c * pixels + p])];
            float[] powers = [.. pixel.Select(x => Exponential.Exp(x - pixel.Max()))];
            float sum = powers.Aggregate(0f, (a, b) => a + b);
            Assert.IsTrue(labels is null || labels[p] == Array.IndexOf(pixel, pixel.Max()), $"label of pixel {p}");
            Assert.IsTrue(saliency is null || saliency[p] == Exponential.Sigmoid(pixel[0]), $"saliency of pixel {p}");
            Assert.IsTrue(scores is null || scores.AsSpan(p * classes, classes).SequenceEqual([.. powers.Select(e => e / sum)]), $"scores of pixel {p}");
        }
    }

    public static void AssertSameBits(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{what}: value {i} of {expected.Length} is {actual[i]:R} and should be {expected[i]:R}");
            }
        }
    }
}
