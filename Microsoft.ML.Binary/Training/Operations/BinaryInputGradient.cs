using System.Buffers;
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
    private readonly KernelPath _path;
    private readonly Tap[][] _phases;
    private readonly int[] _offsets;

    public BinaryInputGradient(ConvolutionGeometry geometry, TrainingValue input, TrainingValue output, KernelPath path)
    {
        (_input, _output, _path) = (input, output, path);
        _layout = new(geometry, output.Height, output.Width);
        _lanes = new(geometry, output.Images, output.Height, output.Width);
        _phases = [.. Enumerable.Range(0, _layout.Phases).Select(phase => _layout.Taps.Where(tap => tap.Phase == phase).ToArray())];
        _offsets = new int[Groups * OffsetsOfGroup];
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
            switch (_path)
            {
                case KernelPath.Avx512:
                    Tile<FloatLanes512>(dy, block, row, column, accumulate);
                    break;
                case KernelPath.Avx2:
                    Tile<FloatLanes256>(dy, block, row, column, accumulate);
                    break;
                case KernelPath.Portable:
                    Tile<FloatLanes128>(dy, block, row, column, accumulate);
                    break;
                default:
                    Tile<FloatLanes1>(dy, block, row, column, accumulate);
                    break;
            }
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

            float[] source = _output.Gradient!;
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = pixels[i] < 0 ? 0 : source[starts[i % Lanes] + pixels[i]];
            }
        }
    }

    /// <summary>For [group][phase][input channel][tap of the phase] the table entry that four weights select, at the tap's position.</summary>
    private void FindOffsets(float[] latent, int group)
    {
        int taps = _layout.Taps.Length, kernel = _layout.Geometry.Kernel, entry = WindowRows * WindowLength, next = group * OffsetsOfGroup;
        int count = Math.Min(SignedSums.Terms, _output.Channels - group * SignedSums.Terms);
        foreach (Tap[] phase in _phases)
        {
            for (int i = 0; i < _input.Channels; i++)
            {
                foreach (Tap tap in phase)
                {
                    int signs = 0;
                    for (int c = 0; c < count; c++)
                    {
                        float weight = latent[((group * SignedSums.Terms + c) * _input.Channels + i) * taps + tap.Row * kernel + tap.Column];
                        signs |= (weight >= 0 ? 1 : 0) << c;
                    }

                    int row = _lanes.Border - tap.RowShift / _layout.Geometry.Dilation, column = _lanes.Border - tap.ColumnShift / _layout.Geometry.Dilation;
                    _offsets[next++] = signs * entry + row * WindowLength + column * Lanes;
                }
            }
        }
    }

    private void Tile<T>(float[] dy, int block, int row, int column, bool accumulate) where T : struct, IFloatLanes<T>
    {
        int pitch = _lanes.PitchPositions * Lanes, length = _phases.Length * _input.Channels * TileLength;
        float[] rented = ArrayPool<float>.Shared.Rent(length + SignProduct.TableLength + Lanes);
        Array.Clear(rented, 0, rented.Length);
        fixed (float* d = dy, r = rented)
        {
            fixed (int* o = _offsets)
            {
                float* table = Aligned(r), sums = table + SignProduct.TableLength;
                float* window = d + (nint)block * Groups * SignedSums.Terms * ChannelLength + row * pitch + column * Lanes;
                for (int group = 0; group < Groups; group++)
                {
                    SignProduct.Build<T>(window, ChannelLength, pitch, WindowRows, WindowLength, table);
                    window += (nint)SignedSums.Terms * ChannelLength;
                    int* offsets = o + (nint)group * OffsetsOfGroup;
                    for (int phase = 0; phase < _phases.Length; phase++)
                    {
                        int taps = _phases[phase].Length;
                        SignProduct.Add<T>(
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
        Span<int> targets = stackalloc int[TileLength];
        for (int i = 0; i < targets.Length; i++)
        {
            int lane = i % Lanes, row = tileRow + i / (Lanes * SignProduct.Columns), column = tileColumn + i / Lanes % SignProduct.Columns;
            int position = (row + _lanes.Border) * _lanes.PitchPositions + column + _lanes.Border;
            bool own = row < _lanes.OwnRows && column < _lanes.OwnColumns;
            int pixel = own ? _lanes.Pixels[(block * _lanes.Positions + position) * Lanes + lane] : -1;
            targets[i] = pixel < 0
                ? -1
                : _input.PlaneStart(_lanes.ImageOf(block * Lanes + lane), 0)
                    + pixel / _output.Width * stride * _input.Width + pixel % _output.Width * stride + shift;
        }

        for (int c = 0; c < _input.Channels; c++)
        {
            Span<float> gradient = _input.Gradient.AsSpan(c * _input.Pixels);
            for (int i = 0; i < targets.Length; i++)
            {
                if (targets[i] >= 0)
                {
                    ref float cell = ref gradient[targets[i]];
                    cell = accumulate ? cell + sums[i] : sums[i];
                }
            }

            sums += TileLength;
        }
    }

    private static float* Aligned(float* pointer) => (float*)(((nint)pointer + sizeof(float) * Lanes - 1) & -(sizeof(float) * Lanes));
}
