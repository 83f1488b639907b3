using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using static System.FormattableString;

namespace MultiTask;

/// <summary>Size and processor time of a network of two tasks against two networks, Small at 480x360 on one thread; nothing is trained.</summary>
internal static class Cost
{
    private const int Width = 480, Height = 360;

    private static readonly TaskHead Classes = new("classes", DenseTask.Segmentation, [.. Enumerable.Range(0, 11).Select(i => $"{i}")]);

    private static readonly TaskHead Edges = new("edges", DenseTask.Edges);

    public static void Write(int runs)
    {
        Measured classes = new("classes", [Classes], TaskDecoders.Light), edges = new("edges", [Edges], TaskDecoders.Light);
        Measured light = new("both, light decoders", [Classes, Edges], TaskDecoders.Light), full = new("both, full decoders", [Classes, Edges], TaskDecoders.Full);
        Measured[] all = [classes, edges, light, full];
        for (int run = 0; run < runs; run++)
        {
            foreach (Measured network in all)
            {
                network.Run();
            }
        }

        double bytes = classes.Bytes + edges.Bytes, milliseconds = classes.Shortest + edges.Shortest;
        Console.WriteLine("| network | bytes | of two networks | ms | of two networks |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (Measured network in all)
        {
            Console.WriteLine(Invariant($"| {network.Name} | {network.Bytes:N0} | {network.Bytes / bytes:F2} | {network.Shortest:F2} | {network.Shortest / milliseconds:F2} |"));
        }
    }

    private sealed class Measured
    {
        private readonly CompiledNetwork _compiled;
        private readonly TaskOutput[] _outputs;
        private readonly RgbImage _image = new(Width, Height, [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i * 31 / 7 + i / 97))]);

        public Measured(string name, ImmutableArray<TaskHead> heads, TaskDecoders decoders)
        {
            DenseNetwork network = MultiTaskNetwork.Build(NetworkConfiguration.For(NetworkPreset.Small, 1), heads, decoders).Freeze();
            (Name, Bytes) = (name, network.ToBytes().Length);
            _compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
            _outputs = [.. heads.Select(head => head.Task.HasClasses
                ? TaskOutput.Labels(head.Name, new byte[Width * Height])
                : TaskOutput.Gray(head.Name, new byte[Width * Height]))];
        }

        public string Name { get; }

        public int Bytes { get; }

        public double Shortest { get; private set; } = double.PositiveInfinity;

        public void Run()
        {
            // Of the processor, not of the clock: other programs may run.
            TimeSpan start = Environment.CpuUsage.TotalTime;
            _compiled.PredictTasks(_image, _outputs);
            Shortest = Math.Min(Shortest, (Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
        }
    }
}
