using BenchmarkDotNet.Attributes;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>
/// The look-up of sign mismatches alone, as plans run it: 24 output channels and 384 pixels of a 3x3 window at a time.
/// </summary>
public class CountBenchmarks
{
    private const int Outputs = 24, Strip = 384, Taps = 9;

    private readonly ushort[] _counts = new ushort[Outputs * Strip];
    private byte[] _activations = [], _weights = [];
    private ushort[] _weightsOfSix = [];
    private int[] _offsets = [];
    private KernelSet _kernels = KernelSet.Best;

    public static IEnumerable<ConvolutionWork> Shapes => [new(48, Outputs, 90, 128), new(96, Outputs, 45, 64), new(192, Outputs, 23, 32), new(256, Outputs, 56, 64)];

    public static IEnumerable<string> Paths => KernelPaths.Supported.Where(path => path != KernelPath.Scalar).Select(path => path.ToString());

    [ParamsSource(nameof(Shapes))]
    public ConvolutionWork Shape { get; set; } = null!;

    [ParamsSource(nameof(Paths))]
    public string Path { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _kernels = KernelSet.For(Enum.Parse<KernelPath>(Path));
        int depth = _kernels.HasPlanesOfSix ? VbmiWeights.Channels : 4, planes = SignPacking.Planes(Shape.Inputs, depth);
        PlaneLayout layout = new(Shape.Height, Shape.Width, 1);
        _offsets = [.. Enumerable.Range(0, planes * Taps).Select(s => s / Taps * layout.Length + layout.Offset(s / 3 % 3 - 1, s % 3 - 1))];
        _activations = new byte[(planes + 1) * layout.Length];
        Random random = new(1);
        random.NextBytes(_activations);
        for (int i = 0; i < _activations.Length; i++)
        {
            _activations[i] &= (byte)((1 << depth) - 1);
        }

        byte[] bits = new byte[Outputs * Shape.Inputs * Taps / 8];
        random.NextBytes(bits);
        _weights = new byte[NibbleWeights.Length(Outputs, Shape.Inputs, Taps)];
        _weightsOfSix = new ushort[VbmiWeights.Length(Outputs, Shape.Inputs, Taps)];
        NibbleWeights.PackBits(bits, Outputs, Shape.Inputs, Taps, _weights);
        VbmiWeights.PackBits(bits, Outputs, Shape.Inputs, Taps, _weightsOfSix);
    }

    [Benchmark]
    public void Run()
    {
        for (int start = 0; start < Shape.Height * Shape.Width; start += Strip)
        {
            if (_kernels.HasPlanesOfSix)
            {
                _kernels.CountMismatchesOfSix(_activations.AsSpan(start), _offsets, _weightsOfSix, _counts);
            }
            else
            {
                _kernels.CountMismatches(_activations.AsSpan(start), _offsets, _weights, _counts);
            }
        }
    }
}
