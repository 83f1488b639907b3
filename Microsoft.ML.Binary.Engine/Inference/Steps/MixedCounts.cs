using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// How the sums of a convolution with weights of several bits are made of rows that kernels count: each channel of its rows, one after the other, each
/// times a factor. All of it is whole numbers and halves that floats hold exactly.
/// </summary>
internal sealed class WeightRows
{
    private readonly List<Row> _rows = [];
    private readonly List<int> _firsts = [0];

    /// <summary>A row.</summary>
    /// <param name="Block">The channel in its block that it is for; <see cref="Sum"/> for the sum of the activations, <see cref="None"/> where it only fills up a group.</param>
    /// <param name="Channel">The channel; -1 for none.</param>
    /// <param name="Part">Which row of its channel.</param>
    /// <param name="Products">What twice the count is taken from.</param>
    /// <param name="Scale">What the difference is multiplied by.</param>
    /// <param name="AddsActivations">Whether the sum of the activations is added.</param>
    internal readonly record struct Row(int Block, int Channel, int Part, int Products, float Scale, bool AddsActivations = false)
    {
        public const int Sum = -1, None = -2;
    }

    private WeightRows()
    {
    }

    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>The rows of a block of <see cref="BinaryConvolutionStep.Channels"/> channels: they follow each other, in whole groups of four.</summary>
    public (int First, int Last) Block(int block) => (_firsts[block], _firsts[block + 1]);

    /// <summary>
    /// A row of one-bit weights for each bit of a channel's levels, so that every kernel of binary convolutions does for them. With u_k bit k of a level in
    /// two's complement, c_k what that bit stands for (-2^(bits - 1) the last, 2^k the others), d_k the dot product of the signs that have -1 where u_k is
    /// set, and A the sum of the activations: the sum of sign times level is -(A + sum of c_k d_k) / 2, since the c_k add up to -1. A is a row of its own in
    /// each block of channels that needs it.
    /// </summary>
    public static WeightRows OfBits(QuantizedTensor weight)
    {
        WeightRows rows = new();
        for (int block = 0; block < weight.Outputs; block += BinaryConvolutionStep.Channels)
        {
            int end = Math.Min(block + BinaryConvolutionStep.Channels, weight.Outputs);
            if (weight.Bits.AsSpan(block, end - block).IndexOfAnyInRange((byte)2, (byte)8) >= 0)
            {
                rows._rows.Add(new(Row.Sum, -1, 0, weight.Products, -0.5f));
            }

            for (int c = block; c < end; c++)
            {
                int bits = weight.Bits[c];
                for (int k = 0; k < bits; k++)
                {
                    float scale = bits == 1 ? 1 : k == bits - 1 ? 1 << (k - 1) : -0.5f * (1 << k);
                    rows._rows.Add(new(c - block, c, k, weight.Products, scale, AddsActivations: k == 0 && bits > 1));
                }
            }

            rows.EndBlock();
        }

        return rows;
    }

    /// <summary>A row for each digit of a channel's levels: see <see cref="DigitTables"/>.</summary>
    public static WeightRows OfDigits(QuantizedTensor weight, int steps)
    {
        WeightRows rows = new();
        for (int block = 0; block < weight.Outputs; block += BinaryConvolutionStep.Channels)
        {
            for (int c = block; c < Math.Min(block + BinaryConvolutionStep.Channels, weight.Outputs); c++)
            {
                for (int part = 0; part < DigitWeights.Rows(weight.Bits[c]); part++)
                {
                    // The count is the sum plus a bias for each step.
                    rows._rows.Add(new(c - block, c, part, 2 * DigitTables.Bias * steps, -0.5f * (1 << (2 * part))));
                }
            }

            rows.EndBlock();
        }

        return rows;
    }

    /// <summary>The signs of <see cref="OfBits"/> [rows, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    public byte[] PackBits(QuantizedTensor weight)
    {
        byte[] packed = new byte[((long)_rows.Count * weight.Products + 7) / 8];
        for (int r = 0; r < _rows.Count; r++)
        {
            if (_rows[r].Channel < 0)
            {
                continue;
            }

            int at = r * weight.Products, plane = weight.Bits[_rows[r].Channel] == 1 ? 7 : _rows[r].Part;
            foreach (sbyte level in weight.Channel(_rows[r].Channel))
            {
                packed[at >> 3] |= (byte)((level >> plane & 1) << (at & 7));
                at++;
            }
        }

        return packed;
    }

    /// <summary>The digits of <see cref="OfDigits"/>, as kernels read them.</summary>
    public ushort[] PackDigits(QuantizedTensor weight) => DigitWeights.Pack(
        (row, index) => _rows[row].Channel < 0
            ? 0
            : DigitWeights.Digit(weight.Channel(_rows[row].Channel)[index], _rows[row].Part, DigitWeights.Rows(weight.Bits[_rows[row].Channel])),
        _rows.Count, weight.Inputs, weight.Kernel * weight.Kernel);

    private void EndBlock()
    {
        while (_rows.Count % 4 != 0)
        {
            _rows.Add(new(Row.None, -1, 0, 0, 0));
        }

        _firsts.Add(_rows.Count);
    }
}

/// <summary>
/// A convolution of signs with weights of several bits: the kernel of a binary one, or that of digits, with several rows a channel. Or one of levels with
/// weights of any width: of a level the bits v_j, taken for the signs s_j = 1 - 2 v_j, are v_j = (1 - s_j) / 2, so that the sum of weight times level is
/// half of 3 times the sum of the weights, less the sum over j of 2^j times the sum of weight times s_j. The kernel runs over the planes of each bit.
/// </summary>
/// <param name="Counts">The kernel of the rows.</param>
/// <param name="Rows">What each row is for.</param>
/// <param name="Products">Products of an output value.</param>
internal sealed record MixedKernel(BinaryKernel Counts, WeightRows Rows, int Products) : BinaryKernel(Products)
{
    // Halves and quarters of whole numbers up to this are exact.
    private const int LargestExact = 1 << 22;

    /// <summary>For a convolution of levels, of each channel half of 3 times the sum of its weights; null for one of signs.</summary>
    public float[]? LevelOffsets { get; init; }

    public override long WeightBytes => Counts.WeightBytes;

    /// <summary>See <see cref="LevelOffsets"/>.</summary>
    public static float[] LevelOffsetsOf(QuantizedTensor weight)
    {
        float[] offsets = new float[weight.Outputs];
        for (int c = 0; c < offsets.Length; c++)
        {
            int sum = 0;
            foreach (sbyte level in weight.Channel(c))
            {
                sum += level;
            }

            offsets[c] = sum * (ActivationLevels.Highest / 2f);
        }

        return offsets;
    }

    /// <summary>Products of levels with weights of so many bits whose sum, and all that it is made of, is exact: none of it exceeds four times the largest weight for each.</summary>
    public static int MostLevelProducts(int bits) => LargestExact / 4 / -Math.Min(-1, ChannelQuantizer.LowestLevel(bits));

    public override CountSource At(MapView source, PlaneLayout target, int channels)
    {
        MapView[] planes = LevelOffsets is null ? [source] : source.OfBits(ActivationLevels.Bits);
        return new MixedCounts([.. planes.Select(plane => Counts.At(plane, target, Rows.Rows.Count))], Rows, LevelOffsets, Products);
    }
}

/// <summary>Makes the whole-number sums of a convolution with weights of several bits, or of levels, from the counts of their rows.</summary>
/// <param name="planes">The counts of the rows; of levels those over the planes of each bit.</param>
/// <param name="rows">What each row is for.</param>
/// <param name="levelOffsets">See <see cref="MixedKernel.LevelOffsets"/>.</param>
/// <param name="products">Products of an output value.</param>
internal sealed unsafe class MixedCounts(CountSource[] planes, WeightRows rows, float[]? levelOffsets, int products) : CountSource(products)
{
    public override int Rows => planes[0].Rows;

    public override long Work(int pixels) => planes.Sum(plane => plane.Work(pixels));

    // A row of sums for each channel of a block and one for the activations, and what the counts need.
    public override long Scratch(int pixels) => 2L * (BinaryConvolutionStep.Channels + 1) * pixels + planes[0].Scratch(pixels);

    public override void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> counts, Span<ushort> scratch) =>
        throw new NotSupportedException("Weights of several bits have no counts of their own.");

    /// <summary>Sums for the channels of a block; a row of them has <paramref name="pixels"/>. Good until the scratch memory is used again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Span<float> Sums(RunState state, int channel, int channels, int start, int pixels, Span<ushort> room, Span<ushort> scratch)
    {
        int length = (BinaryConvolutionStep.Channels + 1) * pixels, pitch = PlaneLayout.WholeTiles(pixels);
        Span<float> sums = MemoryMarshal.Cast<ushort, float>(scratch[..(2 * length)]), activations = sums[(BinaryConvolutionStep.Channels * pixels)..];
        uint begun = 0;
        (int first, int last) = rows.Block(channel / BinaryConvolutionStep.Channels);
        for (int plane = 0; plane < planes.Length; plane++)
        {
            float factor = levelOffsets is null ? 1 : -0.5f * (1 << plane);
            for (int chunk = first; chunk < last; chunk += BinaryConvolutionStep.Channels)
            {
                int count = Math.Min(BinaryConvolutionStep.Channels, last - chunk);
                planes[plane].Fill(state, chunk, count, start, pixels, room[..(count * pitch)], scratch[(2 * length)..]);
                for (int r = 0; r < count; r++)
                {
                    WeightRows.Row row = rows.Rows[chunk + r];
                    if (row.Block == WeightRows.Row.None)
                    {
                        continue;
                    }

                    Span<float> target = row.Block == WeightRows.Row.Sum ? activations : sums.Slice(row.Block * pixels, pixels);
                    EpilogueRow sum = new() { HasAffine = true, Scale = factor * row.Scale };
                    if (row.Block >= 0)
                    {
                        if ((begun >> row.Block & 1) != 0)
                        {
                            sum.First = Pinned(target);
                        }
                        else
                        {
                            sum.Offset = levelOffsets?[channel + row.Block] ?? 0;
                            begun |= 1u << row.Block;
                        }

                        if (row.AddsActivations)
                        {
                            sum.Second = sum.First;
                            sum.First = Pinned(activations);
                        }
                    }

                    state.Kernels.Finish(sum, room.Slice(r * pitch, pixels), row.Products, target);
                }
            }
        }

        for (int c = 0; c < channels; c++)
        {
            if ((begun >> c & 1) == 0)
            {
                sums.Slice(c * pixels, pixels).Clear();
            }
        }

        return sums;
    }

    // Scratch memory stays where it is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Pinned(Span<float> row) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(row));
}
