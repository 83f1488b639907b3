using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>The gradient of a binary convolution's input: <see cref="SignProduct"/> over the tiles of a batch.</summary>
internal sealed unsafe class BinaryInputGradient
{
    private const int Lanes = SignProduct.Lanes;

    private readonly ConvolutionLayout _layout;
    private readonly BatchLanes _lanes;
    private readonly TrainingValue _input, _output;
    private readonly KernelSet _kernels;
    private readonly int[][] _phases;
    private readonly int[] _positions, _offsets;

    public BinaryInputGradient(ConvolutionGeometry geometry, TrainingValue input, TrainingValue output, KernelSet kernels)
    {
        (_input, _output, _kernels) = (input, output, kernels);
        _layout = new(geometry, output.Height, output.Width);
        _lanes = new(geometry, output.Images, output.Height, output.Width);
        int taps = _layout.Taps.Length;
        _phases = [.. Enumerable.Range(0, _layout.Phases).Select(
            phase => Enumerable.Range(0, taps).Where(tap => _layout.Taps[tap].Phase == phase).ToArray())];
        _offsets = new int[Groups * OffsetsOfGroup];
        _positions = new int[OffsetsOfGroup];
        for (int i = 0; i < _positions.Length; i++)
        {
            Tap tap = _layout.Taps[i % taps];
            int row = _lanes.Border - tap.Row / geometry.Dilation, column = _lanes.Border - tap.Column / geometry.Dilation;
            _positions[i] = row * WindowLength + column * Lanes;
        }
    }

    /// <summary>Groups of four output channels; the last may have channels of zeros.</summary>
    private int Groups => (_output.Channels + SignedSums.Terms - 1) / SignedSums.Terms;

    private int OffsetsOfGroup => _input.Channels * _layout.Taps.Length;

    private int ChannelLength => _lanes.Positions * Lanes;

    private int WindowRows => _lanes.TileRows + 2 * _lanes.Border;

    private int WindowLength => (SignProduct.Columns + 2 * _lanes.Border) * Lanes;

    private int TileLength => _lanes.TileRows * SignProduct.Columns * Lanes;

    /// <summary>Adds to (or sets) the gradient of the input.</summary>
    /// <param name="pass">Threads and scratch.</param>
    /// <param name="latent">Latent weights, [outputs, inputs, kernel, kernel].</param>
    /// <param name="accumulate">Whether the gradient of the input holds something already.</param>
    public void Run(TrainingPass pass, float[] latent, bool accumulate)
    {
        float[] dy = pass.Scratch.Rent("output gradient", _lanes.Blocks * Groups * SignedSums.Terms * ChannelLength);
        pass.For(_lanes.Blocks * Groups, part => Spread(part / Groups, part % Groups, dy));
        pass.For(Groups, group => FindOffsets(latent, group));
        pass.For(_lanes.Blocks * _lanes.Tiles, part =>
        {
            int block = part / _lanes.Tiles, tile = part % _lanes.Tiles, columns = _lanes.Columns / SignProduct.Columns;
            int row = tile / columns * _lanes.TileRows, column = tile % columns * SignProduct.Columns;
            Tile(dy, block, row, column, accumulate);
        });
    }

    /// <summary>Brings the gradients of four output channels into lanes.</summary>
    private void Spread(int block, int group, float[] dy)
    {
        ReadOnlySpan<int> pixels = _lanes.Pixels.AsSpan(block * ChannelLength, ChannelLength);
        Span<int> starts = stackalloc int[Lanes];
        for (int c = group * SignedSums.Terms; c < (group + 1) * SignedSums.Terms; c++)
        {
            Span<float> target = dy.AsSpan((block * Groups * SignedSums.Terms + c) * ChannelLength, ChannelLength);
            if (c >= _output.Channels)
            {
                target.Clear();
                continue;
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                starts[lane] = _output.PlaneStart(_lanes.ImageOf(block * Lanes + lane), c);
            }

            fixed (float* source = _output.Gradient, lanes = target)
            {
                fixed (int* from = pixels, start = starts)
                {
                    Gather((int*)source, start, from, target.Length, (int*)lanes);
                }
            }
        }
    }

    // Without a branch, since the borders of small maps are everywhere; a missing pixel reads the plane's first and masks it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(int* source, int* starts, int* pixels, int length, int* target)
    {
        for (int i = 0; i < length; i += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                int pixel = pixels[i + lane], keep = ~(pixel >> 31);
                target[i + lane] = source[starts[lane] + (pixel & keep)] & keep;
            }
        }
    }

    /// <summary>For [group][phase][input channel][tap of the phase] the table entry that four weights select, at the tap's position.</summary>
    private void FindOffsets(float[] latent, int group)
    {
        int terms = OffsetsOfGroup, first = group * SignedSums.Terms;
        Span<int> offsets = _offsets.AsSpan(group * terms, terms);
        _positions.CopyTo(offsets);
        for (int c = 0; c < Math.Min(SignedSums.Terms, _output.Channels - first); c++)
        {
            ReadOnlySpan<float> weights = latent.AsSpan((first + c) * terms, terms);
            int entry = (1 << c) * WindowRows * WindowLength;
            _kernels.AddWhereNotNegative(weights, entry, offsets);
        }

        if (_phases.Length > 1)
        {
            int[] byTap = offsets.ToArray();
            int next = 0, taps = _layout.Taps.Length;
            foreach (int[] phase in _phases)
            {
                for (int i = 0; i < _input.Channels; i++)
                {
                    foreach (int tap in phase)
                    {
                        offsets[next++] = byTap[i * taps + tap];
                    }
                }
            }
        }
    }

    private void Tile(float[] dy, int block, int row, int column, bool accumulate)
    {
        int pitch = _lanes.PitchPositions * Lanes, length = _phases.Length * _input.Channels * TileLength;
        float[] rented = ArrayPool<float>.Shared.Rent(length + SignProduct.TableLength + Lanes);
        fixed (float* d = dy, r = rented)
        {
            fixed (int* o = _offsets)
            {
                float* table = Aligned(r), sums = table + SignProduct.TableLength;
                new Span<float>(sums, length).Clear();
                float* window = d + (nint)block * Groups * SignedSums.Terms * ChannelLength + row * pitch + column * Lanes;
                for (int group = 0; group < Groups; group++)
                {
                    _kernels.BuildSignProduct(window, ChannelLength, pitch, WindowRows, WindowLength, table);
                    window += (nint)SignedSums.Terms * ChannelLength;
                    int* offsets = o + (nint)group * OffsetsOfGroup;
                    for (int phase = 0; phase < _phases.Length; phase++)
                    {
                        int taps = _phases[phase].Length;
                        _kernels.AddSignProduct(
                            table, offsets, _input.Channels, taps, _lanes.TileRows, WindowLength, sums + (nint)phase * _input.Channels * TileLength);
                        offsets += _input.Channels * taps;
                    }
                }

                for (int phase = 0; phase < _phases.Length; phase++)
                {
                    Collect(sums + (nint)phase * _input.Channels * TileLength, block, row, column, phase, accumulate);
                }
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Brings a tile from its lanes to where it belongs.</summary>
    private void Collect(float* sums, int block, int tileRow, int tileColumn, int phase, bool accumulate)
    {
        int stride = _layout.Geometry.Stride, shift = phase / stride * _input.Width + phase % stride;
        int* from = stackalloc int[TileLength], to = stackalloc int[TileLength];
        int count = 0;
        for (int i = 0; i < TileLength; i++)
        {
            int lane = i % Lanes, row = tileRow + i / (Lanes * SignProduct.Columns), column = tileColumn + i / Lanes % SignProduct.Columns;
            int position = (row + _lanes.Border) * _lanes.PitchPositions + column + _lanes.Border;
            int pixel = _lanes.Pixels[(block * _lanes.Positions + position) * Lanes + lane];
            if (row < _lanes.OwnRows && column < _lanes.OwnColumns && pixel >= 0)
            {
                (int y, int x) = (pixel / _output.Width, pixel % _output.Width);
                from[count] = i;
                to[count++] = _input.PlaneStart(_lanes.ImageOf(block * Lanes + lane), 0) + y * stride * _input.Width + x * stride + shift;
            }
        }

        fixed (float* gradient = _input.Gradient)
        {
            for (int c = 0; c < _input.Channels; c++)
            {
                Scatter(sums + (nint)c * TileLength, from, to, count, gradient + (nint)c * _input.Pixels, accumulate);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(float* source, int* from, int* to, int count, float* target, bool accumulate)
    {
        if (accumulate)
        {
            for (int i = 0; i < count; i++)
            {
                target[to[i]] += source[from[i]];
            }
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                target[to[i]] = source[from[i]];
            }
        }
    }

    private static float* Aligned(float* pointer) => (float*)(((nint)pointer + sizeof(float) * Lanes - 1) & -(sizeof(float) * Lanes));
}
