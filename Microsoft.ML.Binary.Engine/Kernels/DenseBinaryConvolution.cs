using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// A binary convolution over one image with dense float planes in and out, for callers that keep their maps as [channels, height, width]:
/// pack the signs of the input, pack the weights, run. Padding is +1; a window that moves by two pixels starts at the first one.
/// An instance holds no data and may be shared by threads.
/// </summary>
internal sealed class DenseBinaryConvolution
{
    private readonly int[] _offsets;
    private readonly KernelSet _kernels;
    private readonly PlaneLayout _window;
    private readonly int _inputs, _outputs, _taps, _stride;

    /// <summary>Prepares a convolution.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="height">Rows of the input.</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="kernel">Rows and columns of the window: 1 or 3.</param>
    /// <param name="stride">1 or 2; 2 halves rows and columns, rounding up.</param>
    /// <param name="dilation">Distance between taps.</param>
    /// <param name="kernels">The instruction set; none for the best.</param>
    public DenseBinaryConvolution(
        int inputs, int outputs, int height, int width, int kernel, int stride = 1, int dilation = 1, KernelSet? kernels = null)
    {
        (_inputs, _outputs, _taps, _stride) = (inputs, outputs, kernel * kernel, stride);
        if ((long)inputs * _taps > NibbleDot.MaxProducts)
        {
            throw new ArgumentException($"{inputs} channels times {_taps} taps are more than {NibbleDot.MaxProducts} products.", nameof(inputs));
        }

        int border = dilation * (kernel - 1) / 2;
        (OutputHeight, OutputWidth) = ((height + stride - 1) / stride, (width + stride - 1) / stride);
        Layout = new PlaneLayout(height, width, border);
        _window = stride == 1 ? Layout : new PlaneLayout(OutputHeight, OutputWidth, border);
        _kernels = kernels ?? KernelSet.Best;

        Tap[] taps = WindowTaps.Of(kernel, stride, dilation);
        _offsets = new int[NibbleWeights.Steps(inputs, _taps)];
        for (int s = 0; s < _offsets.Length; s++)
        {
            Tap tap = taps[s % _taps];
            _offsets[s] = (s / _taps * stride * stride + tap.Phase) * _window.Length + _window.Offset(tap.Row, tap.Column);
        }
    }

    /// <summary>Rows of the output.</summary>
    public int OutputHeight { get; }

    /// <summary>Columns of the output.</summary>
    public int OutputWidth { get; }

    /// <summary>Layout of the packed input; see <see cref="SignPacking.PackDense"/>.</summary>
    public PlaneLayout Layout { get; }

    /// <summary>Bytes of the packed input.</summary>
    public int NibbleBytes => SignPacking.Length(_inputs, Layout);

    /// <summary>Bytes of the packed weights; see <see cref="NibbleWeights"/>.</summary>
    public int WeightBytes => NibbleWeights.Length(_outputs, _inputs, _taps);

    /// <summary>Bytes of scratch for a run.</summary>
    public int ScratchBytes => (_stride == 1 ? 0 : 4 * NibbleWeights.Groups(_inputs) * _window.Length) + 2 * 4 * _window.Extent;

    /// <summary>Computes the whole-number dot products.</summary>
    /// <param name="nibbles">The packed input.</param>
    /// <param name="weights">The packed weights.</param>
    /// <param name="dots">Receives [outputs, output height, output width].</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/> bytes, of any content.</param>
    public void Run(ReadOnlySpan<byte> nibbles, ReadOnlySpan<byte> weights, Span<float> dots, Span<byte> scratch)
    {
        Span<ushort> counts = MemoryMarshal.Cast<byte, ushort>(scratch)[..(4 * _window.Extent)];
        if (_stride == 2)
        {
            Span<byte> phases = scratch[(8 * _window.Extent)..];
            for (int i = 0; i < 4 * NibbleWeights.Groups(_inputs); i++)
            {
                PhaseSplit.Run(
                    _kernels, nibbles.Slice(i / 4 * Layout.Length, Layout.Length), Layout, i % 4, phases.Slice(i * _window.Length, _window.Length), _window);
            }

            nibbles = phases;
        }

        int products = _inputs * _taps, pixels = OutputHeight * OutputWidth;
        for (int o = 0; o < _outputs; o++)
        {
            if (o % 4 == 0)
            {
                _kernels.CountMismatches(nibbles, _offsets, NibbleWeights.OfGroup(weights, o / 4, _offsets.Length), counts);
            }

            ReadOnlySpan<ushort> plane = counts.Slice(o % 4 * _window.Extent, _window.Extent);
            for (int row = 0; row < OutputHeight; row++)
            {
                _kernels.ToDots(
                    plane.Slice(row * _window.Pitch, OutputWidth), products, dots.Slice(o * pixels + row * OutputWidth, OutputWidth));
            }
        }
    }
}
