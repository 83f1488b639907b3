using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Onnx;

namespace Microsoft.ML.Binary.Compare;

/// <summary>
/// A float network with its convolutions in 8 bits, as static quantization makes it: inputs and results of every convolution are unsigned bytes with a scale
/// and a zero point from the range that calibration images gave, weights signed bytes with a scale for each output channel, biases integers of 32 bits. It is
/// written as QuantizeLinear and DequantizeLinear around each convolution (QDQ), of which ONNX Runtime makes integer convolutions.
/// </summary>
internal static class QuantizedTwin
{
    /// <summary>The ONNX file.</summary>
    /// <param name="twin">The float network.</param>
    /// <param name="size">The image size that it is for.</param>
    /// <param name="calibration">Images of that size whose ranges count.</param>
    public static byte[] Make(DenseNetwork twin, (int Width, int Height) size, IEnumerable<RgbImage> calibration)
    {
        DenseGraph frozen = Freezing.Freeze(twin.Graph);
        Dictionary<string, (float Low, float High)> ranges = Ranges(frozen, size, calibration);
        OnnxGraph graph = new GraphExport(frozen, new() { Size = size }).Run();
        Dictionary<string, OnnxTensor> constants = graph.Constants.ToDictionary(constant => constant.Name);
        Dictionary<string, string> inBytes = [];
        OnnxNode[] nodes = [.. graph.Nodes];
        graph.Nodes.Clear();
        foreach (OnnxNode node in nodes)
        {
            if (node.Operator != "Conv")
            {
                graph.Nodes.Add(node);
                continue;
            }

            string x = node.Inputs[0], y = node.Outputs[0];
            if (!inBytes.TryGetValue(x, out string? input))
            {
                inBytes[x] = input = Rounded(graph, graph.Reserve(x + "/real"), x, ranges[x]);
            }

            float scale = Step(ranges[x]).Scale;
            string[] inputs = [input, .. Weights(graph, constants, node, scale)];
            string raw = graph.Add(y + "/raw", "Conv", inputs, node.Attributes);
            Rounded(graph, y, raw, ranges[y]);
        }

        graph.Constants.RemoveAll(constant => !graph.Nodes.Any(node => node.Inputs.Contains(constant.Name)));
        return OnnxModelWriter.Model(graph, "int8", []);
    }

    // The smallest and the largest value of what convolutions read and write.
    private static Dictionary<string, (float Low, float High)> Ranges(DenseGraph frozen, (int Width, int Height) size, IEnumerable<RgbImage> images)
    {
        OnnxGraph graph = new GraphExport(frozen, new() { Size = size }).Run();
        foreach (string name in graph.Nodes.Where(node => node.Operator == "Conv").SelectMany(node => new[] { node.Inputs[0], node.Outputs[0] }).Distinct())
        {
            if (!graph.Outputs.Any(output => output.Name == name))
            {
                graph.Outputs.Add(new OnnxValue(name, OnnxType.Float, [1, new(null), new(null), new(null)], ""));
            }
        }

        Dictionary<string, (float Low, float High)> ranges = [];
        using OnnxModel model = new(OnnxModelWriter.Model(graph, "ranges", []));
        foreach (RgbImage image in images)
        {
            model.Feed(SampleImages.Planes(image), 1, 3, image.Height, image.Width);
            foreach ((string name, float[] values) in model.Run())
            {
                (float low, float high) = ranges.GetValueOrDefault(name);
                ranges[name] = (Math.Min(low, values.Min()), Math.Max(high, values.Max()));
            }
        }

        return ranges;
    }

    // Zero is a level of its own, since convolutions pad with it.
    private static (float Scale, byte Zero) Step((float Low, float High) range)
    {
        float scale = Math.Max((range.High - range.Low) / byte.MaxValue, 1e-12f);
        return (scale, (byte)Math.Clamp(MathF.Round(-range.Low / scale), 0, byte.MaxValue));
    }

    private static string Rounded(OnnxGraph graph, string result, string x, (float Low, float High) range)
    {
        (float scale, byte zero) = Step(range);
        string step = graph.Constant(result + ".scale", [scale]), point = graph.Constant(result + ".zero", OnnxType.UInt8, [zero]);
        return graph.AddAs(result, "DequantizeLinear", [graph.Add(result + "/bytes", "QuantizeLinear", [x, step, point]), step, point]);
    }

    // Weights and bias, as the integers that they become, dequantized.
    private static IEnumerable<string> Weights(OnnxGraph graph, Dictionary<string, OnnxTensor> constants, OnnxNode node, float inputScale)
    {
        OnnxTensor weight = constants[node.Inputs[1]];
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(weight.Data);
        int outputs = (int)weight.Sides[0], length = values.Length / outputs;
        float[] scales = new float[outputs];
        sbyte[] levels = new sbyte[values.Length];
        for (int o = 0; o < outputs; o++)
        {
            ReadOnlySpan<float> channel = values.Slice(o * length, length);
            scales[o] = Math.Max(1e-12f, channel.ToArray().Max(Math.Abs) / sbyte.MaxValue);
            for (int i = 0; i < length; i++)
            {
                levels[o * length + i] = (sbyte)Math.Clamp(MathF.Round(channel[i] / scales[o]), -sbyte.MaxValue, sbyte.MaxValue);
            }
        }

        List<string> inputs = [Dequantized(graph, weight.Name, OnnxType.Int8, MemoryMarshal.AsBytes(levels), weight.Sides, scales, new byte[outputs])];
        if (node.Inputs.Length > 2)
        {
            OnnxTensor bias = constants[node.Inputs[2]];
            float[] steps = [.. scales.Select(scale => scale * inputScale)];
            int[] sums = [.. MemoryMarshal.Cast<byte, float>(bias.Data).ToArray().Select((value, o) => (int)Math.Clamp(Math.Round((double)value / steps[o]), int.MinValue, int.MaxValue))];
            inputs.Add(Dequantized(graph, bias.Name, OnnxType.Int32, MemoryMarshal.AsBytes(sums), bias.Sides, steps, new byte[outputs * sizeof(int)]));
        }

        return inputs;
    }

    private static string Dequantized(OnnxGraph graph, string name, OnnxType type, ReadOnlySpan<byte> levels, long[] sides, float[] scales, byte[] zeros) => graph.Add(
        name + "/real", "DequantizeLinear",
        [
            graph.Constant(name + ".levels", type, levels.ToArray(), sides), graph.Constant(name + ".scales", scales, scales.Length),
            graph.Constant(name + ".zeros", type, zeros, scales.Length),
        ],
        new OnnxAttribute("axis", 0));
}
