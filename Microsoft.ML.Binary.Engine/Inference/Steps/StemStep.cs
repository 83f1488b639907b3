using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Inference.Compilation;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// The stem from the image's bytes to its result, a band of rows at a time: the maps at half the image's size, the largest of the whole
/// network, are never stored, and what is made of a band stays in the second-level cache. Rows that two bands need are made twice.
/// </summary>
internal sealed class StemStep : PlanStep
{
    private const int PhasePlanes = 12, Block = FloatConvolution.Outputs, StripPixels = 2 * PlaneLayout.Tile;

    private readonly Epilogue _epilogue, _normalize, _first, _depthwise;
    private readonly RealKernel _firstWeights, _depthwiseWeights, _pointwiseWeights;
    private readonly ImageSource _image = new(phases: true);
    private readonly int[] _firstOffsets, _pointwiseOffsets;
    private readonly int _rows, _channels, _width, _pitch, _halfWidth, _halfPitch, _imagePlane, _halfPlane, _plane;
    private readonly bool _exact;
    private readonly long _macs;

    /// <summary>Prepares the step.</summary>
    /// <param name="name">The node that it ends with.</param>
    /// <param name="epilogue">What follows the pointwise convolution.</param>
    /// <param name="stem">The convolutions.</param>
    /// <param name="exact">Whether products and sums are rounded separately; otherwise they may be fused.</param>
    /// <param name="bandBytes">What a band may take, unless a single row takes more.</param>
    public StemStep(string name, Epilogue epilogue, Stem stem, bool exact, int bandBytes)
        : base(name)
    {
        (_epilogue, _exact) = (epilogue, exact);
        (_firstWeights, _depthwiseWeights, _pointwiseWeights) = (stem.First.Convolution.Kernel!, stem.Depthwise.Convolution.Kernel!, stem.Pointwise.Kernel!);
        PlaneLayout layout = epilogue.Layout;
        _channels = stem.First.Convolution.Node.Weight.Shape[0];
        (_width, _pitch, _halfWidth, _halfPitch) = (layout.Width, layout.Pitch, 2 * layout.Width, 2 * layout.Width + 1);
        for (_rows = layout.Height; ; _rows = (_rows + 1) / 2)
        {
            // One row more on top in the map at half size, and another in the phases of the image; borders to the left of the first rows.
            _halfPlane = PlaneLayout.WholeTiles((2 * _rows + 1) * _halfPitch + 1);
            _imagePlane = PlaneLayout.WholeTiles(_halfPlane + _halfPitch + 2);
            _plane = PlaneLayout.WholeTiles(_rows * _pitch + StripPixels);
            if (_rows == 1 || sizeof(float) * BandElements <= bandBytes)
            {
                break;
            }
        }

        _normalize = new(layout, PhasePlanes, stem.Normalize, null, [], null, null, []);
        _first = new(layout, _channels, stem.First.Affine, null, [], stem.First.Activation, null, []);
        _depthwise = new(layout, _channels, stem.Depthwise.Affine, null, [], stem.Depthwise.Activation, null, []);
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

    public override long ScratchBytes => sizeof(float) * (BandElements + (Block + Strips.Channels) * StripPixels + _halfWidth);

    private long BandElements => (long)PhasePlanes * _imagePlane + (long)Block * _halfPlane + (long)_channels * _plane;

    public override long Macs => _macs;

    public override void Run(RunState state, int thread, int first, int last)
    {
        Span<float> scratch = state.ScratchFloats(thread), image = scratch[..(PhasePlanes * _imagePlane)];
        Span<float> half = scratch.Slice(image.Length, Block * _halfPlane), planes = scratch.Slice(image.Length + half.Length, _channels * _plane);
        Span<float> work = scratch[(image.Length + half.Length + planes.Length)..];
        for (int item = first; item < last; item++)
        {
            int row = item * _rows, rows = Math.Min(_rows, _epilogue.Layout.Height - row);
            FillImage(state, row, rows, image);
            for (int channel = 0; channel < _channels; channel += Block)
            {
                int channels = Math.Min(Block, _channels - channel);
                ConvolveImage(state, channel, channels, row, rows, image, half);
                ConvolveDepthwise(state, channel, channels, rows, half, planes, work);
            }

            ConvolvePointwise(state, row, rows, planes, work);
        }
    }

    // Phase planes of 2 rows + 2 rows, from the one above the first that the map at half size needs on.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillImage(RunState state, int row, int rows, Span<float> image)
    {
        for (int c = 0; c < PhasePlanes; c++)
        {
            Span<float> plane = image.Slice(c * _imagePlane, _imagePlane);
            int above = row == 0 ? 2 : 0, end = 2 + (2 * rows + 2) * _halfPitch;
            for (int y = above; y < 2 * rows + 2; y++)
            {
                _image.Fill(state, c, 2 * row - 2 + y, plane.Slice(2 + y * _halfPitch, _halfWidth), []);
            }

            Span<float> values = plane[(2 + above * _halfPitch)..end];
            _normalize.Apply(state, c, 0, 0, values.Length, values, values);
            plane[..(2 + above * _halfPitch)].Clear();
            for (int at = 1; at < end; at += _halfPitch)
            {
                plane[at] = 0;
            }
        }
    }

    // Rows 2 row - 1 to 2 (row + rows) - 1 of the map at half size, from element 1 of the planes on: element 0 is the border.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConvolveImage(RunState state, int channel, int channels, int row, int rows, Span<float> image, Span<float> half)
    {
        int pixels = PlaneLayout.WholeTiles((2 * rows + 1) * _halfPitch + 1), steps = _firstOffsets.Length;
        Span<float> block = half[..(Block * pixels)];
        state.Kernels.Convolve(
            image, _firstOffsets, _firstWeights.Weights.AsSpan(steps * channel, steps * Block), _firstWeights.Bias.AsSpan(channel, Block), block, _exact);
        for (int c = 0; c < channels; c++)
        {
            Span<float> plane = block.Slice(c * pixels, pixels);
            _first.Apply(state, channel, c, 0, pixels, plane, block);
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
    private void ConvolveDepthwise(RunState state, int channel, int channels, int rows, Span<float> half, Span<float> planes, Span<float> work)
    {
        int pixels = PlaneLayout.WholeTiles((2 * rows + 1) * _halfPitch + 1);
        for (int c = 0; c < channels; c++)
        {
            Span<float> source = half.Slice(c * pixels, pixels), plane = planes.Slice((channel + c) * _plane, _plane);
            ReadOnlySpan<float> weights = _depthwiseWeights.Weights.AsSpan(9 * (channel + c), 9);
            for (int y = 0; y < rows; y++)
            {
                state.Kernels.ConvolveStridedRow(
                    source[(2 * y * _halfPitch)..], _halfPitch, weights, _depthwiseWeights.Bias[channel + c], plane.Slice(y * _pitch, _width));
                plane.Slice(y * _pitch + _width, _pitch - _width).Clear();
            }

            _depthwise.Apply(state, channel + c, 0, 0, rows * _pitch, plane, plane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ConvolvePointwise(RunState state, int row, int rows, Span<float> planes, Span<float> work)
    {
        PlaneLayout layout = _epilogue.Layout;
        int end = row + rows == layout.Height ? layout.Extent - row * layout.Pitch : rows * layout.Pitch, steps = _channels;
        for (int at = 0; at < rows * layout.Pitch; at += StripPixels)
        {
            int pixels = Math.Min(StripPixels, rows * layout.Pitch - at), padded = PlaneLayout.WholeTiles(pixels);
            int start = row * layout.Pitch + at, last = at + pixels == rows * layout.Pitch ? row * layout.Pitch + end : start + pixels;
            for (int channel = 0; channel < _epilogue.Channels; channel += Strips.Channels)
            {
                int channels = Math.Min(Strips.Channels, _epilogue.Channels - channel);
                Span<float> values = work[..(Block * padded)], block = work.Slice(Block * StripPixels, Strips.Channels * pixels);
                for (int c = 0; c < channels; c++)
                {
                    if (c % Block == 0)
                    {
                        state.Kernels.Convolve(
                            planes[at..], _pointwiseOffsets, _pointwiseWeights.Weights.AsSpan(steps * (channel + c), steps * Block),
                            _pointwiseWeights.Bias.AsSpan(channel + c, Block), values, _exact);
                    }

                    _epilogue.Apply(state, channel, c, start, pixels, values.Slice(c % Block * padded, pixels), block);
                }

                _epilogue.Finish(state, channel, channels, start, pixels, last, block);
            }
        }
    }
}
