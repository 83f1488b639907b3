using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
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
        RgbImage image = Image(1 + random.NextInt(40), 1 + random.NextInt(24), seed);
        FeatureMap[]? expected = null;
        int runs = 0;
        foreach (KernelPath path in paths)
        {
            InferenceOptions options = new() { LargeMapBytes = random.NextInt(2) << 20, BandBytes = random.NextInt(2) * (600 << 10), Threads = 1 + random.NextInt(3) };
            expected = Compare(graph, image, path, options, expected);
            runs++;
        }

        KernelPath one = paths[(int)((ulong)seed % (ulong)paths.Count)];
        using CompiledNetwork plain = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(one), KeepsNodeOutputs = true });
        FeatureMap[] nodes = plain.NodeOutputs(image);
        for (int i = 0; i < nodes.Length; i++)
        {
            AssertSame(expected![i].Values, nodes[i].Values, $"{graph.Nodes[i].Name}, {one}");
        }

        return runs + 1;
    }

    /// <summary>Compares the logits of one image on one path, twice, since the second run finds what the first left in memory.</summary>
    /// <returns>What the interpreter made of every node, for the next comparison.</returns>
    /// <exception cref="InvalidOperationException">A value differs.</exception>
    public static FeatureMap[] Compare(DenseGraph graph, RgbImage image, KernelPath path, InferenceOptions options, FeatureMap[]? expected = null)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(graph, options with { Kernels = KernelSet.For(path) });
        expected ??= ReferenceInterpreter.Run(graph, ReferenceViews.Padded(graph, image));
        float[] logits = ReferenceViews.Cropped(expected[graph.Logits], image).Values, actual = new float[logits.Length];
        for (int run = 0; run < 2; run++)
        {
            Array.Clear(actual);
            network.PredictLogits(image, actual);
            if (graph.IsBinary)
            {
                AssertSame(logits, actual, $"logits of {image.Width}x{image.Height}, {path}, {options.ThreadCount} threads, run {run}");
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

    public static RgbImage Image(int width, int height, long seed)
    {
        RandomStream random = new(seed, 23);
        RgbImage image = new(width, height);
        byte[] rgb = image.Pixels;
        for (int i = 0; i < rgb.Length; i++)
        {
            rgb[i] = (byte)((random.NextInt(256) + 3 * (128 + 100 * Math.Sin(i / 3 % width / 9.0 + i % 3) * Math.Cos(i / 3 / width / 7.0))) / 4);
        }

        return image;
    }
}
