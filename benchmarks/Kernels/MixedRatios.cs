using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>
/// Time of a layer by the width of its channels as a share of one of one bit, in turn in one run: <c>-- mixed</c>. The least of many short runs is what a
/// busy machine leaves alone now and then.
/// </summary>
internal static class MixedRatios
{
    private const int Rounds = 40, Runs = 3;

    private static readonly int[] s_widths = [1, 2, 4, 8];

    public static void Run(TextWriter output)
    {
        foreach (ConvolutionWork shape in (ConvolutionWork[])[new(256, 256, 28, 28), new(256, 256, 56, 56)])
        {
            foreach (KernelPath path in KernelPaths.Supported.Where(path => path is not (KernelPath.Scalar or KernelPath.Portable)))
            {
                double[] times = Measure(shape, path);
                output.WriteLine(FormattableString.Invariant($"{shape} {path,-10} ") + string.Join("  ", s_widths.Select((bits, i) => FormattableString.Invariant($"{bits} bits {times[i]:0.000} ms ({times[i] / times[0]:0.00})"))));
            }
        }
    }

    private static double[] Measure(ConvolutionWork shape, KernelPath path)
    {
        RgbImage image = new(shape.Width, shape.Height);
        new Random(1).NextBytes(image.Pixels);
        CompiledNetwork[] networks = [.. s_widths.Select(bits => CompiledNetwork.Compile(
            MixedConvolutionBenchmarks.Layer(shape, bits), new InferenceOptions { Kernels = KernelSet.For(path), Threads = 1 }))];
        double[] times = [.. s_widths.Select(_ => double.PositiveInfinity)];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < networks.Length; i++)
            {
                times[i] = Math.Min(times[i], networks[i].Profile(image, Runs).Where(step => step.Node == "layer.norm").Sum(step => step.Milliseconds));
            }
        }

        Array.ForEach(networks, network => network.Dispose());
        return times;
    }
}
