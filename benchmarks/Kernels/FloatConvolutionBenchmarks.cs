using BenchmarkDotNet.Attributes;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>
/// Real-valued convolutions on padded planes: inference's with products and sums rounded separately (binary networks) or fused (float
/// twins), and the trainer's.
/// </summary>
public unsafe class FloatConvolutionBenchmarks
{
    private PlaneLayout _layout;
    private int[] _offsets = [];
    private float[] _values = [], _weights = [], _tiles = [], _output = [];

    /// <summary>Stem and classifier of the presets at 480x360, and convolutions of the float twins.</summary>
    public static IEnumerable<ConvolutionWork> Shapes =>
        [new(3, 24, 184, 240), new(24, 48, 92, 120, Kernel: 1), new(48, 11, 92, 120, Kernel: 1), new(48, 48, 92, 120), new(192, 192, 23, 30)];

    [ParamsSource(nameof(Shapes))]
    public ConvolutionWork Shape { get; set; } = null!;

    [GlobalSetup]
    public void Setup()
    {
        _layout = new PlaneLayout(Shape.Height, Shape.Width, 1);
        Tap[] taps = WindowTaps.Of(Shape.Kernel, 1, 1);
        _offsets = [.. Enumerable.Range(0, Shape.Inputs * taps.Length).Select(s => s / taps.Length * _layout.Length + _layout.Offset(taps[s % taps.Length].Row, taps[s % taps.Length].Column))];
        _values = RandomValues.Make(Shape.Inputs * _layout.Length);
        float[] weights = RandomValues.Make(Shape.Outputs * _offsets.Length);
        _weights = FloatWeights.Pack(weights, Shape.Outputs);
        _tiles = new float[TapProduct.PackedLength(Shape.Outputs, _offsets.Length)];
        for (int block = 0; block < TapProduct.Blocks(Shape.Outputs); block++)
        {
            TapProduct.Pack(weights, Shape.Outputs, _offsets.Length, block, _tiles);
        }

        _output = new float[TapProduct.PaddedOutputs(Shape.Outputs) * _layout.Extent + TapProduct.Slack];
    }

    [Benchmark]
    public void Separate() => Inference(exact: true);

    [Benchmark]
    public void Fused() => Inference(exact: false);

    [Benchmark]
    public void Training()
    {
        fixed (float* tiles = _tiles, values = _values, output = _output)
        {
            fixed (int* offsets = _offsets)
            {
                int last = (Shape.Height - 1) * _layout.Pitch + Shape.Width;
                KernelSet.Best.TapProduct(Shape.Outputs, _offsets.Length, tiles, offsets, values, output, _layout.Extent, last);
            }
        }
    }

    // In strips, as in a compiled network, so that the strip of the inputs stays in the nearest cache.
    private void Inference(bool exact)
    {
        const int strip = 2 * PlaneLayout.Tile;
        ReadOnlySpan<float> bias = stackalloc float[FloatConvolution.Outputs];
        int steps = _offsets.Length;
        for (int first = 0; first < _layout.Extent; first += strip)
        {
            int pixels = Math.Min(strip, _layout.Extent - first);
            for (int group = 0; group < _weights.Length / (FloatConvolution.Outputs * steps); group++)
            {
                ReadOnlySpan<float> weights = _weights.AsSpan(FloatConvolution.Outputs * steps * group, FloatConvolution.Outputs * steps);
                KernelSet.Best.Convolve(_values.AsSpan(first), _offsets, weights, bias, _output.AsSpan(0, FloatConvolution.Outputs * pixels), exact);
            }
        }
    }
}
