using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Compilation;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// The stem from the image's bytes to its result, a band of rows at a time: the maps at half the image's size, the largest of the whole
/// network, are never stored, and what is made of a band stays in the second-level cache. Rows that two bands need are made twice.
/// </summary>
internal sealed class StemStep : PlanStep
{
    private const int PhasePlanes = 12, Block = FloatConvolution.Outputs, StripPixels = 4 * PlaneLayout.Tile;

    private readonly Epilogue _epilogue;
    private readonly PlanBuffer? _store;
    private readonly float[] _scales, _offsets, _firstActivation, _depthwiseActivation, _pointwiseActivation;
    private readonly RealKernel _firstWeights, _depthwiseWeights, _pointwiseWeights;
    private readonly int[] _firstOffsets, _pointwiseOffsets;
    private readonly int _rows, _channels, _width, _pitch, _halfWidth, _halfPitch, _imagePlane, _halfPlane, _plane;
    private readonly bool _exact;
    private readonly long _macs;

    /// <summary>Prepares the step.</summary>
    /// <param name="name">The node that it ends with.</param>
    /// <param name="epilogue">Packs the signs of the result.</param>
    /// <param name="activation">What follows the pointwise convolution, if anything does.</param>
    /// <param name="store">Where the real values go, if anyone reads them.</param>
    /// <param name="stem">The convolutions.</param>
    /// <param name="exact">Whether products and sums are rounded separately; otherwise they may be fused.</param>
    /// <param name="bandBytes">What a band may take, unless a single row takes more.</param>
    public StemStep(string name, Epilogue epilogue, RPReLU? activation, PlanBuffer? store, Stem stem, bool exact, int bandBytes)
        : base(name)
    {
        (_epilogue, _store, _exact) = (epilogue, store, exact);
        (_firstWeights, _depthwiseWeights, _pointwiseWeights) = (stem.First.Convolution.Kernel!, stem.Depthwise.Convolution.Kernel!, stem.Pointwise.Kernel!);
        PlaneLayout layout = epilogue.Layout;
        _channels = stem.First.Convolution.Node.Weight.Shape[0];
        (_width, _pitch, _halfWidth, _halfPitch) = (layout.Width, layout.Pitch, 2 * layout.Width, 2 * layout.Width + 1);
        for (int bands = 1; ; bands++)
        {
            _rows = (layout.Height + bands - 1) / bands;

            // One row more on top in the map at half size, and another in the phases of the image; borders to the left of the first rows.
            _halfPlane = PlaneLayout.WholeTiles((2 * _rows + 1) * _halfPitch + 1);
            _imagePlane = PlaneLayout.WholeTiles(_halfPlane + _halfPitch + 2);
            _plane = PlaneLayout.WholeTiles(_rows * _pitch + StripPixels);
            if (_rows == 1 || sizeof(float) * BandElements <= bandBytes)
            {
                break;
            }
        }

        (_scales, _offsets) = (OfChannels(stem.Normalize.Scale), OfChannels(stem.Normalize.Offset));
        (_firstActivation, _pointwiseActivation) = (Pack(stem.First.Activation), Pack(activation));
        _depthwiseActivation = stem.Depthwise.Activation is { } last
            ? [.. last.Shift.Values.Zip(last.Slope.Values, last.Offset.Values).SelectMany(values => new[] { values.First, values.Second, values.Third })]
            : [];
        PlaneLayout window = new(2 * _rows + 1, _halfWidth, 1);
        Tap[] taps = WindowTaps.Of(kernel: 3, stride: 2, dilation: 1);
        _firstOffsets = [.. Enumerable.Range(0, 3 * taps.Length).Select(i =>
        {
            Tap tap = taps[i % taps.Length];
            return (i / taps.Length * 4 + tap.Phase) * _imagePlane + window.Offset(tap.Row, tap.Column) - window.Offset(-1, -1);
        })];
        _pointwiseOffsets = [.. Enumerable.Range(0, _channels).Select(c => c * _plane)];
        long pixels = (long)layout.Height * layout.Width;
        _macs = pixels * (4L * _firstOffsets.Length * _channels + 9L * _channels + (long)_channels * epilogue.Channels);
    }

    public override int Items => (_epilogue.Layout.Height + _rows - 1) / _rows;

    private int StartOf(int band) => (int)((long)_epilogue.Layout.Height * band / Items);

    public override long ScratchBytes => sizeof(float) * (BandElements + Strips.Channels * StripPixels);

    private long BandElements => (long)PhasePlanes * _imagePlane + (long)Block * _halfPlane + (long)_channels * _plane;

    public override long Macs => _macs;

    public override void Run(RunState state, int thread, int first, int last)
    {
        Span<float> scratch = state.ScratchFloats(thread), image = scratch[..(PhasePlanes * _imagePlane)];
        Span<float> half = scratch.Slice(image.Length, Block * _halfPlane), planes = scratch.Slice(image.Length + half.Length, _channels * _plane);
        Span<float> block = scratch[(image.Length + half.Length + planes.Length)..];
        for (int item = first; item < last; item++)
        {
            int row = StartOf(item), rows = StartOf(item + 1) - row;
            FillImage(state, row, rows, image);
            for (int channel = 0; channel < _channels; channel += Block)
            {
                int channels = Math.Min(Block, _channels - channel);
                ConvolveImage(state, channel, channels, row, rows, image, half);
                ConvolveDepthwise(state, channel, channels, rows, half, planes);
            }

            ConvolvePointwise(state, row, rows, planes, block);
        }
    }

    // Phase planes of 2 rows + 2 rows, from the one above the first that the map at half size needs on; zeros in front of rows and above the image.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillImage(RunState state, int row, int rows, Span<float> image)
    {
        int above = row == 0 ? 2 : 0;
        for (int c = 0; c < PhasePlanes; c++)
        {
            image.Slice(c * _imagePlane, 2 + above * _halfPitch).Clear();
        }

        for (int y = above; y < 2 * rows + 2; y++)
        {
            for (int phase = 0; phase < 2; phase++)
            {
                FillRow(state, 2 * (2 * row - 2 + y) + phase, image[(2 * phase * _imagePlane + 1 + y * _halfPitch)..]);
            }
        }
    }

    // A zero and both column phases of a row of the image, whose last row and column repeat up to the padded size.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private unsafe void FillRow(RunState state, int y, Span<float> target)
    {
        int width = state.ImageWidth, inside = Math.Min(width / 2, _halfWidth), left = state.ImageHeight - Math.Min(y, state.ImageHeight - 1);
        byte* bytes = state.Image + 3L * width * (state.ImageHeight - left);
        state.Kernels.ReadPhases(new(bytes, (int)Math.Min(3L * width * left, 3L * width + 128)), _scales, _offsets, target[1..], _imagePlane, inside);
        for (int c = 0; c < 3; c++)
        {
            float last = bytes[3L * (width - 1) + c] * _scales[c] + _offsets[c];
            for (int phase = 0; phase < 2; phase++)
            {
                Span<float> values = target.Slice((4 * c + phase) * _imagePlane, 1 + _halfWidth);
                values[0] = 0;
                values[(1 + inside)..].Fill(last);
            }
        }
    }

    // Rows 2 row - 1 to 2 (row + rows) - 1 of the map at half size, from element 1 of the planes on: element 0 is the border.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConvolveImage(RunState state, int channel, int channels, int row, int rows, Span<float> image, Span<float> half)
    {
        int steps = _firstOffsets.Length;
        state.Kernels.Convolve(
            image, _firstOffsets, _firstWeights.Weights.AsSpan(steps * channel, steps * Block), _firstWeights.Bias.AsSpan(channel, Block),
            GroupOf(_firstActivation, channel), half, _halfPlane, (2 * rows + 1) * _halfPitch + 1, _exact);
        for (int c = 0; c < channels; c++)
        {
            Span<float> plane = half.Slice(c * _halfPlane, _halfPlane);
            for (int at = 0; at <= (2 * rows + 1) * _halfPitch; at += _halfPitch)
            {
                plane[at] = 0;
            }

            if (row == 0)
            {
                plane[.._halfPitch].Clear();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConvolveDepthwise(RunState state, int channel, int channels, int rows, Span<float> half, Span<float> planes)
    {
        for (int c = 0; c < channels; c++)
        {
            Span<float> plane = planes.Slice((channel + c) * _plane, _plane);
            state.Kernels.ConvolveStrided(
                half.Slice(c * _halfPlane, _halfPlane), _halfPitch, _depthwiseWeights.Weights.AsSpan(9 * (channel + c), 9), _depthwiseWeights.Bias[channel + c],
                _depthwiseActivation.AsSpan(Math.Min(3 * (channel + c), _depthwiseActivation.Length)), plane, _pitch, _width, rows);
            for (int y = 0; y < rows; y++)
            {
                plane.Slice(y * _pitch + _width, _pitch - _width).Clear();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConvolvePointwise(RunState state, int row, int rows, Span<float> planes, Span<float> block)
    {
        PlaneLayout layout = _epilogue.Layout;
        int end = row + rows == layout.Height ? layout.Extent - row * layout.Pitch : rows * layout.Pitch;
        for (int at = 0; at < rows * layout.Pitch; at += StripPixels)
        {
            int pixels = Math.Min(StripPixels, rows * layout.Pitch - at), start = row * layout.Pitch + at;
            int last = at + pixels == rows * layout.Pitch ? row * layout.Pitch + end : start + pixels;
            for (int channel = 0; channel < _epilogue.Channels; channel += Strips.Channels)
            {
                int channels = Math.Min(Strips.Channels, _epilogue.Channels - channel);
                for (int c = 0; c < channels; c += Block)
                {
                    ConvolveGroup(state, channel + c, Math.Min(Block, channels - c), start, pixels, planes[at..], block.Slice(c * pixels, Block * pixels));
                }

                _epilogue.Finish(state, channel, channels, start, pixels, last, block);
            }
        }
    }

    // To where the real values go, or to the block where only signs are wanted.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void ConvolveGroup(RunState state, int channel, int channels, int start, int pixels, Span<float> planes, Span<float> block)
    {
        int steps = _channels, pitch = pixels;
        Span<float> rows = block;
        if (_store is not null && channels == Block)
        {
            rows = StoredRows(state, channel, start);
            pitch = _epilogue.Layout.Length;
        }

        state.Kernels.Convolve(
            planes, _pointwiseOffsets, _pointwiseWeights.Weights.AsSpan(steps * channel, steps * Block), _pointwiseWeights.Bias.AsSpan(channel, Block),
            GroupOf(_pointwiseActivation, channel), rows, pitch, pixels, _exact);
        for (int c = 0; c < channels && _store is not null && channels < Block; c++)
        {
            block.Slice(c * pixels, pixels).CopyTo(StoredRows(state, channel + c, start));
        }
    }

    private Span<float> StoredRows(RunState state, int channel, int start) =>
        state.Floats(_store!.PlaneOffset(channel) + (_epilogue.Layout.Origin + start) * sizeof(float));

    private static ReadOnlySpan<float> GroupOf(float[] activation, int channel) =>
        activation.Length == 0 ? [] : activation.AsSpan(channel / Block * FloatConvolution.ActivationLength, FloatConvolution.ActivationLength);

    private static float[] OfChannels(Parameter phases) => [phases.Values[0], phases.Values[4], phases.Values[8]];

    private static float[] Pack(RPReLU? activation) =>
        activation is null ? [] : FloatWeights.PackActivation(activation.Shift.Values, activation.Slope.Values, activation.Offset.Values);
}
