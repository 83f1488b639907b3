using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// Weights of several bits as rows of one-bit weights, one for each bit of a channel's levels, so that every kernel of binary convolutions does for
/// them. With u_k bit k of a level in two's complement, c_k what that bit stands for (-2^(bits - 1) the last, 2^k the others), d_k the dot product of the
/// signs that have -1 where u_k is set, and A the sum of the activations: the sum of sign times level is -(A + sum of c_k d_k) / 2, since the c_k add up
/// to -1. All of it is exact in floats. A is a row of its own in each block of channels that needs it.
/// </summary>
internal sealed class PlaneRows
{
    private readonly int[] _firstRows;

    private PlaneRows(Row[] rows, int[] firstRows, byte[] bits) => (Rows, _firstRows, Bits) = (rows, firstRows, bits);

    /// <summary>A row of one-bit weights.</summary>
    /// <param name="Channel">The channel in its block that it is for; <see cref="Sum"/> for A, <see cref="None"/> where it only fills up a group.</param>
    /// <param name="Scale">What its dot product is multiplied by.</param>
    /// <param name="IsAlone">Whether its channel has one bit, so that its dot product is all there is.</param>
    internal readonly record struct Row(int Channel, float Scale, bool IsAlone = false)
    {
        public const int Sum = -1, None = -2;
    }

    /// <summary>All rows; those of a block of <see cref="Strips.Channels"/> channels follow each other, in whole groups of four.</summary>
    public Row[] Rows { get; }

    /// <summary>Their signs [rows, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    public byte[] Bits { get; }

    /// <summary>The rows of a block.</summary>
    public (int First, int Last) Block(int block) => (_firstRows[block], _firstRows[block + 1]);

    /// <summary>Lays out the rows of a convolution.</summary>
    public static PlaneRows Of(QuantizedTensor weight)
    {
        List<Row> rows = [];
        List<(int Channel, int Plane)> sources = [];
        List<int> firsts = [0];
        for (int block = 0; block < weight.Outputs; block += Strips.Channels)
        {
            int end = Math.Min(block + Strips.Channels, weight.Outputs);
            if (weight.Bits.AsSpan(block, end - block).IndexOfAnyInRange((byte)2, (byte)8) >= 0)
            {
                Add(new(Row.Sum, -0.5f), -1, 0);
            }

            for (int c = block; c < end; c++)
            {
                int bits = weight.Bits[c];
                for (int k = 0; k < bits; k++)
                {
                    float scale = bits == 1 ? 1 : k == bits - 1 ? 1 << (k - 1) : -0.5f * (1 << k);
                    Add(new(c - block, scale, IsAlone: bits == 1), c, bits == 1 ? 7 : k);
                }
            }

            while (rows.Count % 4 != 0)
            {
                Add(new(Row.None, 0), -1, 0);
            }

            firsts.Add(rows.Count);
        }

        long signs = (long)rows.Count * weight.Products;
        if (signs > int.MaxValue)
        {
            throw new ArgumentException($"weights of {signs} bits are more than compiled inference packs ({int.MaxValue})", nameof(weight));
        }

        byte[] packed = new byte[(signs + 7) / 8];
        int at = 0;
        foreach ((int channel, int plane) in sources)
        {
            if (channel < 0)
            {
                at += weight.Products;
                continue;
            }

            foreach (sbyte level in weight.Channel(channel))
            {
                packed[at >> 3] |= (byte)((level >> plane & 1) << (at & 7));
                at++;
            }
        }

        return new([.. rows], [.. firsts], packed);

        void Add(Row row, int channel, int plane)
        {
            rows.Add(row);
            sources.Add((channel, plane));
        }
    }
}

/// <summary>A convolution of signs with weights of several bits: the kernel of a binary one, with a row for each bit.</summary>
/// <param name="Planes">The kernel of the rows.</param>
/// <param name="Rows">What each row is for.</param>
internal sealed record MixedKernel(BinaryKernel Planes, PlaneRows Rows) : BinaryKernel(Planes.Products)
{
    public override long WeightBytes => Planes.WeightBytes;

    public override CountSource At(MapView source, PlaneLayout target, int channels) => new MixedCounts(Planes.At(source, target, Rows.Rows.Length), Rows);
}

/// <summary>Makes the whole-number sums of a convolution with weights of several bits, from the counts of their rows.</summary>
/// <param name="planes">The counts of the rows.</param>
/// <param name="rows">What each row is for.</param>
internal sealed class MixedCounts(CountSource planes, PlaneRows rows) : CountSource(planes.Products)
{
    public override int Rows => planes.Rows;

    public override long Work(int pixels) => planes.Work(pixels);

    // A row of sums for each channel of a block and one for the activations, and what the counts need.
    public override long Scratch(int pixels) => 2L * (Strips.Channels + 1) * pixels + planes.Scratch(pixels);

    public override void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> counts, Span<ushort> scratch) =>
        throw new NotSupportedException("Weights of several bits have no counts of their own.");

    /// <summary>Sums for the channels of a block; a row of them has <paramref name="pixels"/>. Good until the scratch memory is used again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe Span<float> Sums(RunState state, int channel, int channels, int start, int pixels, Span<ushort> counts, Span<ushort> scratch)
    {
        int length = (Strips.Channels + 1) * pixels, pitch = PlaneLayout.WholeTiles(pixels);
        Span<float> sums = System.Runtime.InteropServices.MemoryMarshal.Cast<ushort, float>(scratch[..(2 * length)]);
        Span<float> activations = sums[(Strips.Channels * pixels)..];
        uint begun = 0;
        (int first, int last) = rows.Block(channel / Strips.Channels);
        for (int chunk = first; chunk < last; chunk += Strips.Channels)
        {
            int count = Math.Min(Strips.Channels, last - chunk);
            planes.Fill(state, chunk, count, start, pixels, counts[..(count * pitch)], scratch[(2 * length)..]);
            for (int r = 0; r < count; r++)
            {
                PlaneRows.Row row = rows.Rows[chunk + r];
                if (row.Channel == PlaneRows.Row.None)
                {
                    continue;
                }

                EpilogueRow sum = new() { HasAffine = true, Scale = row.Scale };
                Span<float> target = row.Channel == PlaneRows.Row.Sum ? activations : sums.Slice(row.Channel * pixels, pixels);
                if (row.Channel != PlaneRows.Row.Sum && !row.IsAlone)
                {
                    sum.First = (begun >> row.Channel & 1) == 0 ? activations : target;
                }

                begun |= row.Channel < 0 ? 0 : 1u << row.Channel;
                state.Kernels.Finish(sum, counts.Slice(r * pitch, pixels), Products, target);
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
}
