using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Compare;

/// <summary>
/// Where a network is under its roof (Williams, Waterman and Patterson, CACM 2009): no kind of step can do more multiply-accumulates a second than its kernel alone
/// in the cache, nor more than memory brings bytes for. Memory is what a copy reaches within as many bytes as the network's maps take.
/// </summary>
internal static class Roofline
{
    private const int Classes = 11;

    public static void Print(TextWriter output, NetworkPreset preset, IEnumerable<(int Width, int Height)> sizes)
    {
        (double signs, double reals) = (Peak(Precision.Binary), Peak(Precision.Float));
        output.WriteLine($"Kernels alone in the cache, 3x3, 256 to 256 channels: {Table.Text(signs)} GMAC/s of one-bit products, {Table.Text(reals)} of real ones.\n");
        using CompiledNetwork network = CompiledNetwork.Compile(SampleNetworks.Initial(preset, Classes, Precision.Binary).Graph);
        foreach ((int width, int height) in sizes)
        {
            double memory = CopyRate((int)network.Prepare(width, height).MapBytes);
            Table table = new(output, $"{preset} {width}x{height}, copies at {Table.Text(memory)} GB/s", "ms", "share, %", "GMAC/s", "GB/s", "products a byte", "of the roof, %");
            IReadOnlyList<StepTiming> steps = network.Profile(SampleImages.Procedural(width, height, seed: 1).Image, runs: 60);
            double total = steps.Sum(step => step.Milliseconds);
            foreach (IGrouping<string, StepTiming> kind in steps.GroupBy(step => step.Operation).OrderByDescending(kind => kind.Sum(step => step.Milliseconds)))
            {
                // The roof of each step by itself: some of a kind are bound by the kernel, others by memory.
                double milliseconds = kind.Sum(step => step.Milliseconds), peak = kind.Key.StartsWith("Binary", StringComparison.Ordinal) ? signs : reals;
                double least = kind.Sum(step => Math.Max(step.MultiplyAccumulates / peak, step.Bytes / memory) / 1e6);
                double macs = kind.Sum(step => (double)step.MultiplyAccumulates), bytes = kind.Sum(step => (double)step.Bytes);
                table.Row(kind.Key, milliseconds, 100 * milliseconds / total, macs / milliseconds / 1e6, bytes / milliseconds / 1e6, macs / bytes, 100 * least / milliseconds);
            }

            output.WriteLine();
        }
    }

    // A convolution whose maps and weights stay in the nearest caches, by the profile of a network of two.
    private static double Peak(Precision precision)
    {
        const int channels = 256, side = 32;
        GraphBuilder builder = new(precision, seed: 1);
        int x = builder.Convolution(builder.NormalizedImage([128, 128, 128], [64, 64, 64]), "source", channels, new(Kernel: 1));
        foreach (string name in (string[])["first", "second"])
        {
            x = builder.Scope(name, () => builder.BinaryOrFloatConvolution(x, "convolution", channels, new(Kernel: 3)));
        }

        using CompiledNetwork network = CompiledNetwork.Compile(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.Convolution(x, "classifier", 2, new(Kernel: 1)))));
        RgbImage image = SampleImages.Procedural(side, side, seed: 1).Image;
        return network.Profile(image, runs: 200).Where(step => step.Node.StartsWith("first/", StringComparison.Ordinal)).Max(step => step.GigaMacsPerSecond);
    }

    private static double CopyRate(int bytes)
    {
        float[] source = new float[bytes / 2 / sizeof(float)], target = new float[source.Length];
        Array.Fill(source, 1);
        double least = Enumerable.Range(0, 200).Min(_ => Alternation.Time(() => source.CopyTo(target, 0)));
        return 2.0 * source.Length * sizeof(float) / least / 1e6;
    }
}
