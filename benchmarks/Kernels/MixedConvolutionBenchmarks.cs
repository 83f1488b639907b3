using BenchmarkDotNet.Attributes;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>Convolutions of signs as plans run them, with all channels of one width, on every instruction set of the machine.</summary>
public class MixedConvolutionBenchmarks
{
    private readonly RgbImage _image = new(Side, Side);
    private float[] _logits = [];
    private CompiledNetwork _network = null!;

    private const int Side = 56;

    public static IEnumerable<ConvolutionWork> Shapes => [new(256, 256, Side, Side)];

    public static IEnumerable<string> Paths => KernelPaths.Supported.Where(path => path != KernelPath.Scalar).Select(path => path.ToString());

    [ParamsSource(nameof(Shapes))]
    public ConvolutionWork Shape { get; set; } = null!;

    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    /// <summary>The width of every channel.</summary>
    [Params(0, 1, 2, 4, 8)]
    public int Bits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        new Random(1).NextBytes(_image.Pixels);
        _network = CompiledNetwork.Compile(Layer(Shape, Bits), new InferenceOptions { Kernels = KernelSet.For(Enum.Parse<KernelPath>(Path)), Threads = 1 });
        _logits = new float[2 * Side * Side];
    }

    [GlobalCleanup]
    public void Cleanup() => _network.Dispose();

    /// <summary>The layer with a few cheap ones around it: those of no bits are what these take.</summary>
    [Benchmark]
    public void Run() => _network.PredictLogits(_image, _logits);

    internal static DenseGraph Layer(ConvolutionWork shape, int bits)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int node = builder.Convolution(builder.NormalizedImage([120, 120, 120], [60, 60, 60]), "first", shape.Inputs, new(1));
        node = builder.MixedConvolution(node, "layer", [.. Enumerable.Repeat((byte)bits, shape.Outputs)], new(shape.Kernel));
        return Freezing.Freeze(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.Convolution(node, "classifier", 2, new(1), bias: true))));
    }
}
