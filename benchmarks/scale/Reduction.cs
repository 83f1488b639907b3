using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Scale;

/// <summary>Time of the processor by reduction of attention, on one thread: on a busy machine it says more than the clock.</summary>
internal static class Reduction
{
    public static void Print(NetworkPreset preset, int side, int runs, int[] factors)
    {
        DenseNetwork network = new DenseNetwork(
            DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, outputs: 11)), DenseTask.Segmentation, [.. Enumerable.Range(0, 11).Select(i => $"{i}")]).Freeze();
        RgbImage image = new(side, side);
        new Random(1).NextBytes(image.Pixels);
        byte[] labels = new byte[side * side];
        CompiledNetwork[] compiled = [.. factors.Select(factor => CompiledNetwork.Compile(
            network, new() { Threads = 1, Views = ViewOptions.AsIs with { AttentionReduction = AttentionReduction.Fixed(factor) } }))];
        double[] least = [.. factors.Select(_ => double.MaxValue)];
        for (int run = -1; run < runs; run++)
        {
            for (int i = 0; i < factors.Length; i++)
            {
                TimeSpan start = Environment.CpuUsage.TotalTime;
                compiled[i].PredictLabels(image, labels);
                least[i] = run < 0 ? least[i] : Math.Min(least[i], (Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
            }
        }

        Console.WriteLine($"{preset} {side}x{side}, ms of the processor, least of {runs} in turn: "
            + string.Join(", ", factors.Zip(least, (factor, time) => $"f = {factor} {time:0.0}")) + string.Concat(least.Skip(1).Select((time, i) => $"{(i == 0 ? ";" : ",")} {least[0] / time:0.00}")));
        Array.ForEach(compiled, one => one.Dispose());
    }
}
