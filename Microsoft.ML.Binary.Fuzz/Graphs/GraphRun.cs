using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Fuzz.Graphs;

/// <summary>Random networks on every kernel path, fused and not, against the interpreter: the same bits.</summary>
internal static class GraphRun
{
    /// <returns>Whether all agreed.</returns>
    public static bool Run(long count, long seed, int threads, TextWriter output) => Run("graphs", graphSeed => GraphGenerator.Build(graphSeed), count, seed, threads, output);

    /// <summary>The same of single convolutions with widths of their own for every channel.</summary>
    public static bool RunLayers(long count, long seed, int threads, TextWriter output) => Run("layers", GraphGenerator.Layer, count, seed, threads, output);

    private static bool Run(string name, Func<long, DenseGraph> build, long count, long seed, int threads, TextWriter output)
    {
        Stopwatch watch = Stopwatch.StartNew();
        KernelPath[] paths = [.. KernelPaths.Supported];
        long faults = 0, runs = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            long graphSeed = seed * 1_000_000_007 + i;
            try
            {
                Interlocked.Add(ref runs, CompareAll(build(graphSeed), graphSeed, paths));
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref faults);
                lock (output)
                {
                    output.WriteLine($"FAULT {name} {graphSeed}: {e.GetType().Name}: {e.Message} {string.Join(' ', e.StackTrace?.Split('\n').Take(3).Select(line => line.Trim()) ?? [])}");
                }
            }
        });
        output.WriteLine($"{name,-12} {count,12:N0} networks, {runs:N0} runs on {string.Join(", ", paths)}: {faults:N0} faults, {watch.Elapsed.TotalSeconds:0} s");
        return faults == 0;
    }

    /// <summary>One network on all paths; how many runs that was.</summary>
    /// <exception cref="InvalidOperationException">A value differs.</exception>
    public static int CompareAll(DenseGraph trainable, long seed, IReadOnlyList<KernelPath> paths)
    {
        DenseGraph graph = Freezing.Freeze(trainable);
        RandomStream random = new(seed, 22);
        int width = 1 + random.NextInt(40), height = 1 + random.NextInt(24);
        FeatureMap[]? expected = null;
        int runs = 0;
        foreach (KernelPath path in paths)
        {
            InferenceOptions options = new() { Kernels = KernelSet.For(path), LargeMapBytes = random.NextInt(2) << 20, BandBytes = random.NextInt(2) * (600 << 10), Threads = 1 + (int)(seed & 1) };
            using CompiledNetwork fused = CompiledNetwork.Compile(graph, options);
            expected = Compare(graph, fused, width, height, seed, expected);
            runs++;
        }

        using CompiledNetwork plain = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(paths[(int)((ulong)seed % (ulong)paths.Count)]), KeepsNodeOutputs = true });
        FeatureMap[] nodes = plain.NodeOutputs(Image(width, height, seed), width, height);
        for (int i = 0; i < nodes.Length; i++)
        {
            AssertSame(expected![i].Values, nodes[i].Values, graph.Nodes[i].Name);
        }

        return runs + 1;
    }

    /// <summary>Compares the logits of one image, twice, since the second run finds what the first left in memory.</summary>
    public static FeatureMap[] Compare(DenseGraph graph, CompiledNetwork network, int width, int height, long seed, FeatureMap[]? expected = null)
    {
        byte[] rgb = Image(width, height, seed);
        expected ??= ReferenceInterpreter.Run(graph, Padded(graph, rgb, width, height));
        FeatureMap logits = expected[graph.Logits];
        float[] cropped = new float[logits.Channels * height * width], actual = new float[cropped.Length];
        for (int i = 0; i < cropped.Length; i++)
        {
            cropped[i] = logits[i / (height * width), i / width % height, i % width];
        }

        for (int run = 0; run < 2; run++)
        {
            Array.Clear(actual);
            network.PredictLogits(rgb, width, height, actual);
            if (graph.IsBinary)
            {
                AssertSame(cropped, actual, $"logits of {width}x{height}, run {run}");
            }
        }

        return expected;
    }

    private static void AssertSame(float[] expected, float[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            // Of a value that is no number the payload may differ.
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]) && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                throw new InvalidOperationException($"{what}: value {i} of {expected.Length} is {actual[i]:R} and should be {expected[i]:R}");
            }
        }
    }

    private static byte[] Image(int width, int height, long seed)
    {
        RandomStream random = new(seed, 23);
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < rgb.Length; i++)
        {
            rgb[i] = (byte)((random.NextInt(256) + 3 * (128 + 100 * Math.Sin(i / 3 % width / 9.0 + i % 3) * Math.Cos(i / 3 / width / 7.0))) / 4);
        }

        return rgb;
    }

    private static FeatureMap Padded(DenseGraph graph, byte[] rgb, int width, int height)
    {
        (int paddedHeight, int paddedWidth) = graph.PaddedSize(height, width);
        FeatureMap image = new(3, paddedHeight, paddedWidth);
        for (int i = 0; i < image.Values.Length; i++)
        {
            int x = i % paddedWidth, y = i / paddedWidth % paddedHeight, c = i / paddedWidth / paddedHeight;
            image.Values[i] = rgb[3 * (Math.Min(y, height - 1) * width + Math.Min(x, width - 1)) + c];
        }

        return image;
    }
}
