using BenchmarkDotNet.Attributes;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>Binary convolutions from packed signs to dot products, on every instruction set of the machine.</summary>
public class BinaryConvolutionBenchmarks
{
    private DenseBinaryConvolution _convolution = null!;
    private byte[] _nibbles = [], _weights = [], _scratch = [];
    private float[] _dots = [];

    /// <summary>The shapes that docs/performance.md compares, and those of the presets at 480x360.</summary>
    public static IEnumerable<ConvolutionWork> Shapes =>
    [
        new(256, 256, 56, 56), new(64, 64, 90, 120), new(64, 64, 56, 56), new(128, 128, 28, 28), new(256, 256, 14, 14),
        new(48, 48, 92, 120), new(96, 96, 46, 60), new(192, 192, 23, 30), new(192, 192, 23, 30, Dilation: 4), new(48, 96, 92, 120, Stride: 2),
        new(192, 192, 23, 30, Kernel: 1),
    ];

    // Planes of six channels are made by plans only.
    public static IEnumerable<string> Paths =>
        KernelPaths.Supported.Where(path => path is not (KernelPath.Scalar or KernelPath.Avx512Vbmi)).Select(path => path.ToString());

    [ParamsSource(nameof(Shapes))]
    public ConvolutionWork Shape { get; set; } = null!;

    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _convolution = new(
            Shape.Inputs, Shape.Outputs, Shape.Height, Shape.Width, Shape.Kernel, Shape.Stride, Shape.Dilation, KernelSet.For(Enum.Parse<KernelPath>(Path)));
        (_nibbles, _weights, _scratch) = (new byte[_convolution.NibbleBytes], new byte[_convolution.WeightBytes], new byte[_convolution.ScratchBytes]);
        _dots = new float[Shape.Outputs * _convolution.OutputHeight * _convolution.OutputWidth];
        SignPacking.PackDense(KernelSet.Best, RandomValues.Make(Shape.Inputs * Shape.Height * Shape.Width), [], Shape.Inputs, _convolution.Layout, _nibbles);
        int taps = Shape.Kernel * Shape.Kernel;
        NibbleWeights.PackLatent(RandomValues.Make(Shape.Outputs * Shape.Inputs * taps), Shape.Outputs, Shape.Inputs, taps, _weights);
    }

    [Benchmark]
    public void Run() => _convolution.Run(_nibbles, _weights, _dots, _scratch);
}
