using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;

namespace Microsoft.ML.Binary.Compare;

/// <summary>
/// Whole networks: ours against ONNX Runtime on the float twin, on that in 8 bits and on the binary graph. Weights are initial: times do not depend on them.
/// </summary>
internal static class NetworkSpeed
{
    private const int Classes = 11;

    public static void Print(TextWriter output, IEnumerable<NetworkPreset> presets, IReadOnlyList<(int Width, int Height)> sizes, TimeSpan budget)
    {
        Table table = new(
            output, "network", "ours, ms", "ORT float twin, ms", "ORT int8 twin, ms", "ORT binary graph, ms", "ours faster than the twin", "than int8", "than the binary graph",
            "ours, ns a pixel", "attention, %", "bytes allocated a run", "arena, MB");
        foreach (NetworkPreset preset in presets)
        {
            DenseNetwork binary = SampleNetworks.Initial(preset, Classes, Precision.Binary), twin = SampleNetworks.Initial(preset, Classes, Precision.Float);
            using CompiledNetwork network = CompiledNetwork.Compile(binary.Graph);
            foreach ((int width, int height) in sizes)
            {
                RgbImage image = SampleImages.Procedural(width, height, seed: 1).Image;
                using OnnxModel floatRival = Rival(OnnxExporter.ToBytes(twin, new() { Size = (width, height) }), image);
                using OnnxModel integerRival = Rival(QuantizedTwin.Make(twin, (width, height), [image]), image);
                using OnnxModel binaryRival = Rival(OnnxExporter.ToBytes(binary, new() { Size = (width, height) }), image);
                float[] logits = new float[Classes * width * height];
                Action ours = () => network.PredictLogits(image, logits);
                Alternation.WarmUp(ours);
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                ours();
                allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
                Times[] times = Alternation.Measure(budget, () => Alternation.Time(ours), floatRival.Time, integerRival.Time, binaryRival.Time);
                table.Row(
                    $"{preset} {width}x{height}", Table.Pair(times[0]), Table.Pair(times[1]), Table.Pair(times[2]), Table.Pair(times[3]),
                    Table.Ratio(times[0], times[1]), Table.Ratio(times[0], times[2]), Table.Ratio(times[0], times[3]), times[0].Minimum * 1e6 / (width * height),
                    AttentionPercent(network.Profile(image)), allocated, network.Prepare(width, height).MapBytes / 1e6);
            }
        }
    }

    /// <summary>Ours against another network, given as an ONNX file for one image size whose input is planes of red, green, blue.</summary>
    public static void PrintRival(TextWriter output, NetworkPreset preset, string name, string path, int width, int height, TimeSpan budget)
    {
        Table table = new(output, $"networks, {width}x{height}", $"ours ({preset}), ms", $"{name} in ORT, ms", "faster");
        using CompiledNetwork network = CompiledNetwork.Compile(SampleNetworks.Initial(preset, Classes, Precision.Binary).Graph);
        RgbImage image = SampleImages.Procedural(width, height, seed: 1).Image;
        using OnnxModel rival = Rival(File.ReadAllBytes(path), image);
        float[] logits = new float[Classes * width * height];
        Action ours = () => network.PredictLogits(image, logits);
        Alternation.WarmUp(ours);
        Times[] times = Alternation.Measure(budget, () => Alternation.Time(ours), rival.Time);
        table.Row($"{preset} and {name}", Table.Pair(times[0]), Table.Pair(times[1]), Table.Ratio(times[0], times[1]));
    }

    private static OnnxModel Rival(byte[] file, RgbImage image)
    {
        OnnxModel rival = new(file);
        rival.Feed(SampleImages.Planes(image), 1, 3, image.Height, image.Width);
        return rival;
    }

    private static double AttentionPercent(IReadOnlyList<StepTiming> steps) =>
        100 * steps.Where(step => step.Operation.StartsWith("Attention", StringComparison.Ordinal)).Sum(step => step.Milliseconds) / steps.Sum(step => step.Milliseconds);

    /// <summary>One thread against two, both ours.</summary>
    public static void PrintThreads(TextWriter output, NetworkPreset preset, IEnumerable<(int Width, int Height)> sizes, TimeSpan budget)
    {
        Table table = new(output, "network", "1 thread, ms", "2 threads, ms", "faster");
        DenseGraph graph = SampleNetworks.Initial(preset, Classes, Precision.Binary).Graph;
        using CompiledNetwork one = CompiledNetwork.Compile(graph), two = CompiledNetwork.Compile(graph, new() { Threads = 2 });
        foreach ((int width, int height) in sizes)
        {
            RgbImage image = SampleImages.Procedural(width, height, seed: 1).Image;
            byte[] labels = new byte[width * height];
            Action[] runs = [() => one.PredictLabels(image, labels), () => two.PredictLabels(image, labels)];
            Array.ForEach(runs, Alternation.WarmUp);
            Times[] times = Alternation.Measure(budget, () => Alternation.Time(runs[0]), () => Alternation.Time(runs[1]));
            table.Row($"{preset} {width}x{height}", Table.Pair(times[0]), Table.Pair(times[1]), Table.Ratio(times[1], times[0]));
        }
    }
}
