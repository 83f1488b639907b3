using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Counts sign mismatches of a range of pixels against some groups of four output channels:
/// <c>counts[o * pixels + p] = sum over steps s of table(s, o)[activations[offsets[s] + p]]</c>. A step is four (or six) input channels at
/// one place of the window.
/// </summary>
/// <typeparam name="TWeight">
/// Byte where a step is one tap of nibble planes (<see cref="NibbleWeights"/>), ushort where it is up to four taps of them
/// (<see cref="EnlargedWeights"/>) or one of planes of six channels (<see cref="VbmiWeights"/>).
/// </typeparam>
/// <param name="activations">Sign planes: bit k of a byte is set where channel k of the pixel's group is -1; the other bits are zero.</param>
/// <param name="offsets">For each step, where its first pixel lies in <paramref name="activations"/>.</param>
/// <param name="weights">
/// For each group, each step and each of the group's four output channels the byte offset of its table in <see cref="MismatchTables"/>.
/// </param>
/// <param name="counts">A row of pixels, a multiple of <see cref="PlaneLayout.Tile"/>, for each output channel.</param>
internal delegate void MismatchKernel<TWeight>(
    ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<TWeight> weights, Span<ushort> counts)
    where TWeight : unmanaged;

/// <summary>
/// The inner loop of every binary convolution. For a fixed weight nibble w, popcount(a xor w) is a table of 16 bytes in a; so one byte
/// shuffle of the table by a register of activations counts four channels of as many pixels as the register has bytes, and one byte
/// addition accumulates them. Before a byte can overflow, the bytes are added to 16-bit counts.
/// </summary>
internal static unsafe class NibbleDot
{
    /// <summary>The largest number of one-bit products of one output value: counts are 16 bits wide.</summary>
    public const int MaxProducts = ushort.MaxValue;

    private const int Outputs = 4;

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, int outputs, ushort* counts, int pixels)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables
    {
        for (int o = 0; o < outputs; o += Outputs, weights += Outputs * steps, counts += Outputs * pixels)
        {
            for (int p = 0; p < pixels; p += 2 * V.CountOf8)
            {
                Tile4x2<V, TWeight, TTables>(activations + p, offsets, steps, weights, counts + p, pixels);
            }
        }
    }

    // 4 output channels x 2 registers of pixels: eight accumulators, two registers of activations, one table.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2<V, TWeight, TTables>(byte* a, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            V c00 = V.BroadcastInt32(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
            TWeight* weight = weights + Outputs * first;
            for (int* step = offsets + first; step < offsets + last; step++, weight += Outputs)
            {
                byte* pixel = a + *step;
                V a0 = V.LoadUInt8(pixel), a1 = V.LoadUInt8(pixel + V.CountOf8);
                V.LookUp(tables + Table(weight, 0), a0, a1, out V x0, out V x1);
                c00 = V.AddUInt8(c00, x0);
                c01 = V.AddUInt8(c01, x1);
                V.LookUp(tables + Table(weight, 1), a0, a1, out x0, out x1);
                c10 = V.AddUInt8(c10, x0);
                c11 = V.AddUInt8(c11, x1);
                V.LookUp(tables + Table(weight, 2), a0, a1, out x0, out x1);
                c20 = V.AddUInt8(c20, x0);
                c21 = V.AddUInt8(c21, x1);
                V.LookUp(tables + Table(weight, 3), a0, a1, out x0, out x1);
                c30 = V.AddUInt8(c30, x0);
                c31 = V.AddUInt8(c31, x1);
            }

            bool add = first > 0;
            c00.StoreUInt8AsUInt16(count, add);
            c01.StoreUInt8AsUInt16(count + V.CountOf8, add);
            c10.StoreUInt8AsUInt16(count + pitch, add);
            c11.StoreUInt8AsUInt16(count + pitch + V.CountOf8, add);
            c20.StoreUInt8AsUInt16(count + 2 * pitch, add);
            c21.StoreUInt8AsUInt16(count + 2 * pitch + V.CountOf8, add);
            c30.StoreUInt8AsUInt16(count + 3 * pitch, add);
            c31.StoreUInt8AsUInt16(count + 3 * pitch + V.CountOf8, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Table<TWeight>(TWeight* weights, nint index) where TWeight : unmanaged =>
        sizeof(TWeight) == 1 ? ((byte*)weights)[index] : ((ushort*)weights)[index];
}

/// <summary>Tables of 16 bytes each, whose entries are added up.</summary>
internal unsafe interface ITables
{
    /// <summary>The first table.</summary>
    static abstract byte* Start { get; }

    /// <summary>Entries whose sum fits a byte.</summary>
    static abstract int StepsPerByte { get; }
}

/// <summary>Mismatches of one tap: 63 steps make at most 252.</summary>
internal readonly unsafe struct TablesOfOneTap : ITables
{
    public static byte* Start => MismatchTables.Start;

    public static int StepsPerByte => 63;
}

/// <summary>Mismatches of up to four taps at a place: 7 input groups of nine taps in 28 steps make at most 252.</summary>
internal readonly unsafe struct TablesOfPlaces : ITables
{
    public static byte* Start => MismatchTables.Start;

    public static int StepsPerByte => 28;
}

/// <summary>
/// The mismatch tables of <see cref="NibbleDot"/>: 16 bytes each, indexed by four activations. Where n taps of a window see the same pixel, what
/// counts is how many of their weights are -1 in each of the four channels, m: an activation of +1 mismatches m of them, -1 the other
/// n - m. So there are (n + 1)^4 tables for n taps; for n = 1 the number of the table is the weight nibble.
/// </summary>
internal static unsafe class MismatchTables
{
    /// <summary>The first table, in memory that lives as long as the process: for 1, 2 and 4 taps one after the other.</summary>
    /// <remarks>Not a readonly field: of one the JIT makes a constant, which it then loads anew in every turn of an inner loop.</remarks>
    public static byte* Start { get; private set; } = Make();

    /// <summary>Byte offset of a table.</summary>
    /// <param name="taps">1, 2 or 4.</param>
    /// <param name="negatives">For each of four channels the number of weights that are -1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Offset(int taps, ReadOnlySpan<int> negatives)
    {
        int index = 0;
        for (int c = 3; c >= 0; c--)
        {
            index = index * (taps + 1) + negatives[c];
        }

        return 16 * (First(taps) + index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int First(int taps) => taps switch
    {
        1 => 0,
        2 => 16,
        4 => 16 + 81,
        _ => 16 + 81 + 625,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static byte* Make()
    {
        byte* tables = (byte*)NativeMemory.AlignedAlloc((nuint)(16 * First(int.MaxValue)), 64);
        foreach (int taps in (ReadOnlySpan<int>)[1, 2, 4])
        {
            for (int i = 0; i < (taps + 1) * (taps + 1) * (taps + 1) * (taps + 1); i++)
            {
                for (int activations = 0; activations < 16; activations++)
                {
                    int count = 0;
                    for (int c = 0, rest = i; c < 4; c++, rest /= taps + 1)
                    {
                        int negatives = rest % (taps + 1);
                        count += (activations >> c & 1) == 0 ? negatives : taps - negatives;
                    }

                    tables[16 * (First(taps) + i) + activations] = (byte)count;
                }
            }
        }

        return tables;
    }
}

/// <summary>
/// One-bit weights in the order in which <see cref="NibbleDot"/> reads them: [output group of 4][input group of 4][tap][output in the
/// group], each byte the nibble of four input channels (bit set: -1) times 16. Missing channels of the last groups are +1, and so are
/// missing activations: they never count as a mismatch.
/// </summary>
internal static class NibbleWeights
{
    /// <summary>Groups of four that hold so many channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Groups(int channels) => (channels + 3) / 4;

    /// <summary>Steps of one output value: input groups times taps.</summary>
    public static int Steps(int inputs, int taps) => Groups(inputs) * taps;

    /// <summary>Bytes of the packed weights of a convolution.</summary>
    public static int Length(int outputs, int inputs, int taps) => Groups(outputs) * Steps(inputs, taps) * 4;

    /// <summary>The weights of one output group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> OfGroup(ReadOnlySpan<byte> packed, int group, int steps) => packed.Slice(group * steps * 4, steps * 4);

    /// <summary>Packs the signs of latent weights [outputs, inputs, taps]; sign(0) = +1.</summary>
    public static void PackLatent(ReadOnlySpan<float> latent, int outputs, int inputs, int taps, Span<byte> packed)
    {
        for (int group = 0; group < Groups(outputs); group++)
        {
            PackLatentGroup(latent, group, outputs, inputs, taps, packed);
        }
    }

    /// <summary>Packs one output group of <see cref="PackLatent"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLatentGroup(ReadOnlySpan<float> latent, int group, int outputs, int inputs, int taps, Span<byte> packed)
    {
        int length = Steps(inputs, taps) * 4;
        Span<byte> target = packed.Slice(group * length, length);
        target.Clear();
        for (int o = group * 4; o < Math.Min(outputs, group * 4 + 4); o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                ReadOnlySpan<float> row = latent.Slice((o * inputs + i) * taps, taps);
                int bit = 16 << (i & 3), at = (i >> 2) * taps * 4 + (o & 3);
                for (int t = 0; t < row.Length; t++)
                {
                    target[at + 4 * t] |= (byte)(row[t] >= 0 ? 0 : bit);
                }
            }
        }
    }

    /// <summary>Packs bits [outputs, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> bits, int outputs, int inputs, int taps, Span<byte> packed)
    {
        packed.Clear();
        int steps = Steps(inputs, taps), index = 0;
        for (int o = 0; o < outputs; o++)
        {
            Span<byte> group = packed.Slice((o >> 2) * steps * 4, steps * 4);
            for (int i = 0; i < inputs; i++)
            {
                int at = (i >> 2) * taps * 4 + (o & 3);
                for (int t = 0; t < taps; t++, index++)
                {
                    group[at + 4 * t] |= (byte)((bits[index >> 3] >> (index & 7) & 1) << (4 + (i & 3)));
                }
            }
        }
    }
}
