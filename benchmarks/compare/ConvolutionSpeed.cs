using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;

namespace Microsoft.ML.Binary.Compare;

/// <summary>
/// Single 3x3 convolutions. Ours is the step of a compiled network that does the convolution and all that follows it: either batch norm and the
/// signs packed for the next convolution, or a whole unit with shortcut, RPReLU and the real values stored too. The rival's is a convolution with
/// a bias, into which a batch norm would be folded.
/// </summary>
internal static class ConvolutionSpeed
{
    /// <summary>Channels, rows and columns of the shapes that are measured.</summary>
    public static IReadOnlyList<(int Channels, int Height, int Width)> Shapes { get; } =
        [(256, 56, 56), (64, 90, 120), (64, 56, 56), (128, 28, 28), (256, 14, 14)];

    public static void Print(TextWriter output, TimeSpan budget)
    {
        Table table = new(
            output, "3x3 convolution", "ours, to signs, ms", "ours, whole unit, ms", "ORT float, ms", "ORT int8, ms", "ours, to signs, GMAC/s", "ORT float, GMAC/s",
            "to signs, faster than float", "than int8", "whole unit, faster than float", "than int8");
        Random random = new(1);
        foreach ((int channels, int height, int width) in Shapes)
        {
            using CompiledNetwork signs = CompiledNetwork.Compile(TwoConvolutions(channels, AppendConvolution));
            using CompiledNetwork unit = CompiledNetwork.Compile(TwoConvolutions(channels, AppendUnit));
            RgbImage image = SampleImages.Procedural(width, height, seed: 1).Image;
            using OnnxModel real = new(Float(channels, height, width, random));
            float[] values = [.. Enumerable.Range(0, channels * height * width).Select(_ => random.NextSingle() - 0.5f)];
            real.Feed(values, 1, channels, height, width);
            using OnnxModel integer = new(Int8(channels, height, width, random));
            byte[] levels = new byte[values.Length];
            random.NextBytes(levels);
            integer.Feed(levels, 1, channels, height, width);

            Alternation.WarmUp(() => OurStep(signs, image));
            Alternation.WarmUp(() => OurStep(unit, image));
            Times[] times = Alternation.Measure(budget, () => OurStep(signs, image), () => OurStep(unit, image), real.Time, integer.Time);
            double macs = 9.0 * channels * channels * height * width / 1e6;
            table.Row(
                $"{channels} to {channels}, {height}x{width}", Table.Pair(times[0]), Table.Pair(times[1]), Table.Pair(times[2]), Table.Pair(times[3]),
                macs / times[0].Minimum, macs / times[2].Minimum, Table.Ratio(times[0], times[2]), Table.Ratio(times[0], times[3]),
                Table.Ratio(times[1], times[2]), Table.Ratio(times[1], times[3]));
        }
    }

    /// <summary>A network with two binary convolutions of the shape; the first has a successor that reads what it puts out.</summary>
    private static DenseGraph TwoConvolutions(int channels, Func<GraphBuilder, int, string, int> append)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int x = builder.Convolution(builder.NormalizedImage([128, 128, 128], [64, 64, 64]), "source", channels, new(Kernel: 1));
        x = append(builder, append(builder, x, "first"), "second");
        return builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.Convolution(x, "classifier", 2, new(Kernel: 1))));
    }

    private static int AppendConvolution(GraphBuilder builder, int input, string name) => builder.Scope(
        name, () => builder.BinaryOrFloatConvolution(input, "convolution", builder.TypeOf(input).Channels, new(Kernel: 3)));

    private static int AppendUnit(GraphBuilder builder, int input, string name) => builder.Scope(
        name, () => builder.RPReLU(builder.Add("merge", AppendConvolution(builder, input, "inner"), input), "activation"));

    private static double OurStep(CompiledNetwork network, RgbImage image) =>
        network.Profile(image, runs: 1).First(step => step.Node.StartsWith("first/", StringComparison.Ordinal) && step.MultiplyAccumulates > 0).Milliseconds;

    private static byte[] Float(int channels, int height, int width, Random random)
    {
        OnnxGraph graph = new();
        OnnxSide[] sides = [1, channels, height, width];
        graph.Inputs.Add(new OnnxValue(graph.Reserve("x"), OnnxType.Float, sides, ""));
        float[] weights = [.. Enumerable.Range(0, 9 * channels * channels).Select(_ => random.NextSingle() - 0.5f)];
        string weight = graph.Constant("weight", weights, channels, channels, 3, 3), bias = graph.Constant("bias", new float[channels], channels);
        graph.Add("y", "Conv", ["x", weight, bias], Geometry());
        graph.Outputs.Add(new OnnxValue("y", OnnxType.Float, sides, ""));
        return OnnxModelWriter.Model(graph, "float", []);
    }

    // Unsigned activations and signed weights within +-64: with larger ones, processors without VNNI saturate.
    private static byte[] Int8(int channels, int height, int width, Random random)
    {
        OnnxGraph graph = new();
        OnnxSide[] sides = [1, channels, height, width];
        graph.Inputs.Add(new OnnxValue(graph.Reserve("x"), OnnxType.UInt8, sides, ""));
        byte[] weights = [.. Enumerable.Range(0, 9 * channels * channels).Select(_ => (byte)(sbyte)random.Next(-64, 65))];
        string zero = graph.Constant("x_zero", OnnxType.UInt8, [128]), weightZero = graph.Constant("weight_zero", OnnxType.Int8, [0]);
        string weight = graph.Constant("weight", OnnxType.Int8, weights, channels, channels, 3, 3);
        string bias = graph.Constant("bias", OnnxType.Int32, new byte[4 * channels], channels);
        string scale = graph.Scalar(0.01f), outputScale = graph.Scalar(1);
        graph.Add("y", "QLinearConv", ["x", scale, zero, weight, scale, weightZero, outputScale, zero, bias], Geometry());
        graph.Outputs.Add(new OnnxValue("y", OnnxType.UInt8, sides, ""));
        return OnnxModelWriter.Model(graph, "int8", []);
    }

    private static OnnxAttribute[] Geometry() => [new("kernel_shape", [3, 3]), new("pads", [1, 1, 1, 1])];
}
