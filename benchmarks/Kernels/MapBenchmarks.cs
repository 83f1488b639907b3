using BenchmarkDotNet.Attributes;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>Passes over real-valued maps, which memory bandwidth bounds once a map is larger than the cache.</summary>
public class MapBenchmarks
{
    private float[] _values = [], _shortcut = [], _output = [], _scratch = [];
    private byte[] _nibbles = [];
    private PlaneLayout _layout;

    /// <summary>Maps of Small at 480x360 and 2048x1024; a float read, a float written.</summary>
    public static IEnumerable<MapWork> Shapes => [new(48, 92, 120, 8), new(192, 23, 30, 8), new(48, 256, 512, 8)];

    [ParamsSource(nameof(Shapes))]
    public MapWork Shape { get; set; } = null!;

    [GlobalSetup]
    public void Setup()
    {
        _layout = new PlaneLayout(Shape.Height, Shape.Width, 1);
        (_values, _shortcut) = (RandomValues.Make(Shape.Values + Shape.Width + 64), RandomValues.Make(Shape.Values));
        (_output, _nibbles) = (new float[4 * Shape.Values], new byte[SignPacking.Length(Shape.Channels, _layout)]);
        _scratch = new float[BilinearRow.Scratch(Shape.Width)];
    }

    /// <summary>Reads floats, writes bits.</summary>
    [Benchmark]
    public void PackSigns() => SignPacking.PackDense(KernelSet.Best, _values.AsSpan(0, Shape.Values), [], Shape.Channels, _layout, _nibbles);

    /// <summary>Affine map, shortcut and RPReLU: reads one more map than is counted.</summary>
    [Benchmark]
    public unsafe void AffineShortcutActivation()
    {
        int pixels = Shape.Height * Shape.Width;
        for (int c = 0; c < Shape.Channels; c++)
        {
            EpilogueRow epilogue = default;
            (epilogue.HasAffine, epilogue.Scale, epilogue.Offset) = (true, 0.5f, 0.25f);
            (epilogue.HasActivation, epilogue.Shift, epilogue.Slope, epilogue.Bias) = (true, 0.1f, 0.25f, -0.1f);
            fixed (float* shortcut = _shortcut.AsSpan(c * pixels, pixels))
            {
                epilogue.First = shortcut;
                KernelSet.Best.Finish(epilogue, _values.AsSpan(c * pixels, pixels), _output.AsSpan(c * pixels, pixels));
            }
        }
    }

    /// <summary>Writes four times as many values as are counted.</summary>
    [Benchmark]
    public void EnlargeBilinearly()
    {
        int padded = BilinearRow.Padded(Shape.Width);
        for (int row = 0; row < 2 * Shape.Channels * Shape.Height; row++)
        {
            int source = row / 2, next = Math.Min(source + 1, Shape.Channels * Shape.Height - 1);
            KernelSet.Best.EnlargeBilinear(
                _values.AsSpan(source * Shape.Width, padded), _values.AsSpan(next * Shape.Width, padded), 0.25f, 2,
                _output.AsSpan(row * 2 * Shape.Width, 2 * Shape.Width), _scratch);
        }
    }
}
