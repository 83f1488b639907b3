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

    private const int Group = 4;

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, int outputs, ushort* counts, int pixels)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables<V>
    {
        // Of 512 bits there are 32 registers, of fewer 16: 24 or 8 are sums.
        bool isWide = V.CountOf8 == PlaneLayout.Tile;
        for (int o = 0; o < outputs; o += Group)
        {
            TWeight* weight = weights + o * steps;
            ushort* count = counts + o * pixels;
            int p = 0;
            if (isWide && outputs - o >= 2 * Group)
            {
                for (; p <= pixels - 3 * V.CountOf8; p += 3 * V.CountOf8)
                {
                    Tile8x3<V, TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
                }

                if (p <= pixels - 2 * V.CountOf8)
                {
                    Tile8x2<V, TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
                }
                else if (p < pixels)
                {
                    Tile8x1<V, TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
                }

                o += Group;
                continue;
            }

            for (; p <= pixels - 2 * V.CountOf8; p += 2 * V.CountOf8)
            {
                Tile4x2<V, TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
            }

            if (p < pixels)
            {
                Tile4x1<V, TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
            }
        }
    }

    // 8 output channels x 3 registers of pixels: 24 sums, three registers of activations, one table.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x3<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables<V>
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            V c0a = default, c0b = default, c0c = default;
            V c1a = default, c1b = default, c1c = default;
            V c2a = default, c2b = default, c2c = default;
            V c3a = default, c3b = default, c3c = default;
            V c4a = default, c4b = default, c4c = default;
            V c5a = default, c5b = default, c5c = default;
            V c6a = default, c6b = default, c6c = default;
            V c7a = default, c7b = default, c7c = default;
            TWeight* w = weights + Group * first, next = w + Group * steps;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                V a = V.LoadUInt8(pixel), b = V.LoadUInt8(pixel + V.CountOf8), c = V.LoadUInt8(pixel + 2 * V.CountOf8);
                Add<V, TTables>(tables + Table(w, 0), a, b, c, ref c0a, ref c0b, ref c0c);
                Add<V, TTables>(tables + Table(w, 1), a, b, c, ref c1a, ref c1b, ref c1c);
                Add<V, TTables>(tables + Table(w, 2), a, b, c, ref c2a, ref c2b, ref c2c);
                Add<V, TTables>(tables + Table(w, 3), a, b, c, ref c3a, ref c3b, ref c3c);
                Add<V, TTables>(tables + Table(next, 0), a, b, c, ref c4a, ref c4b, ref c4c);
                Add<V, TTables>(tables + Table(next, 1), a, b, c, ref c5a, ref c5b, ref c5c);
                Add<V, TTables>(tables + Table(next, 2), a, b, c, ref c6a, ref c6b, ref c6c);
                Add<V, TTables>(tables + Table(next, 3), a, b, c, ref c7a, ref c7b, ref c7c);
                w += Group;
                next += Group;
            }

            bool add = first > 0;
            Store(count, add, c0a, c0b, c0c);
            Store(count + pitch, add, c1a, c1b, c1c);
            Store(count + 2 * pitch, add, c2a, c2b, c2c);
            Store(count + 3 * pitch, add, c3a, c3b, c3c);
            Store(count + 4 * pitch, add, c4a, c4b, c4c);
            Store(count + 5 * pitch, add, c5a, c5b, c5c);
            Store(count + 6 * pitch, add, c6a, c6b, c6c);
            Store(count + 7 * pitch, add, c7a, c7b, c7c);
        }
    }

    // What is left of the pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x2<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables<V>
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            V c0a = default, c0b = default;
            V c1a = default, c1b = default;
            V c2a = default, c2b = default;
            V c3a = default, c3b = default;
            V c4a = default, c4b = default;
            V c5a = default, c5b = default;
            V c6a = default, c6b = default;
            V c7a = default, c7b = default;
            TWeight* w = weights + Group * first, next = w + Group * steps;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                V a = V.LoadUInt8(pixel), b = V.LoadUInt8(pixel + V.CountOf8);
                Add<V, TTables>(tables + Table(w, 0), a, b, ref c0a, ref c0b);
                Add<V, TTables>(tables + Table(w, 1), a, b, ref c1a, ref c1b);
                Add<V, TTables>(tables + Table(w, 2), a, b, ref c2a, ref c2b);
                Add<V, TTables>(tables + Table(w, 3), a, b, ref c3a, ref c3b);
                Add<V, TTables>(tables + Table(next, 0), a, b, ref c4a, ref c4b);
                Add<V, TTables>(tables + Table(next, 1), a, b, ref c5a, ref c5b);
                Add<V, TTables>(tables + Table(next, 2), a, b, ref c6a, ref c6b);
                Add<V, TTables>(tables + Table(next, 3), a, b, ref c7a, ref c7b);
                w += Group;
                next += Group;
            }

            bool add = first > 0;
            Store(count, add, c0a, c0b);
            Store(count + pitch, add, c1a, c1b);
            Store(count + 2 * pitch, add, c2a, c2b);
            Store(count + 3 * pitch, add, c3a, c3b);
            Store(count + 4 * pitch, add, c4a, c4b);
            Store(count + 5 * pitch, add, c5a, c5b);
            Store(count + 6 * pitch, add, c6a, c6b);
            Store(count + 7 * pitch, add, c7a, c7b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x1<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables<V>
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            V c0 = default;
            V c1 = default;
            V c2 = default;
            V c3 = default;
            V c4 = default;
            V c5 = default;
            V c6 = default;
            V c7 = default;
            TWeight* w = weights + Group * first, next = w + Group * steps;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                V a = V.LoadUInt8(pixel);
                Add<V, TTables>(tables + Table(w, 0), a, ref c0);
                Add<V, TTables>(tables + Table(w, 1), a, ref c1);
                Add<V, TTables>(tables + Table(w, 2), a, ref c2);
                Add<V, TTables>(tables + Table(w, 3), a, ref c3);
                Add<V, TTables>(tables + Table(next, 0), a, ref c4);
                Add<V, TTables>(tables + Table(next, 1), a, ref c5);
                Add<V, TTables>(tables + Table(next, 2), a, ref c6);
                Add<V, TTables>(tables + Table(next, 3), a, ref c7);
                w += Group;
                next += Group;
            }

            bool add = first > 0;
            c0.StoreUInt8AsUInt16(count, add);
            c1.StoreUInt8AsUInt16(count + pitch, add);
            c2.StoreUInt8AsUInt16(count + 2 * pitch, add);
            c3.StoreUInt8AsUInt16(count + 3 * pitch, add);
            c4.StoreUInt8AsUInt16(count + 4 * pitch, add);
            c5.StoreUInt8AsUInt16(count + 5 * pitch, add);
            c6.StoreUInt8AsUInt16(count + 6 * pitch, add);
            c7.StoreUInt8AsUInt16(count + 7 * pitch, add);
        }
    }

    // What is left of the channels; with fewer registers all of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables<V>
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            V c0a = default, c0b = default;
            V c1a = default, c1b = default;
            V c2a = default, c2b = default;
            V c3a = default, c3b = default;
            TWeight* w = weights + Group * first;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                V a = V.LoadUInt8(pixel), b = V.LoadUInt8(pixel + V.CountOf8);
                Add<V, TTables>(tables + Table(w, 0), a, b, ref c0a, ref c0b);
                Add<V, TTables>(tables + Table(w, 1), a, b, ref c1a, ref c1b);
                Add<V, TTables>(tables + Table(w, 2), a, b, ref c2a, ref c2b);
                Add<V, TTables>(tables + Table(w, 3), a, b, ref c3a, ref c3b);
                w += Group;
            }

            bool add = first > 0;
            Store(count, add, c0a, c0b);
            Store(count + pitch, add, c1a, c1b);
            Store(count + 2 * pitch, add, c2a, c2b);
            Store(count + 3 * pitch, add, c3a, c3b);
        }
    }

    // What is left of both.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1<V, TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where V : struct, ILanes<V>
        where TWeight : unmanaged
        where TTables : struct, ITables<V>
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            V c0 = default;
            V c1 = default;
            V c2 = default;
            V c3 = default;
            TWeight* w = weights + Group * first;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                V a = V.LoadUInt8(pixel);
                Add<V, TTables>(tables + Table(w, 0), a, ref c0);
                Add<V, TTables>(tables + Table(w, 1), a, ref c1);
                Add<V, TTables>(tables + Table(w, 2), a, ref c2);
                Add<V, TTables>(tables + Table(w, 3), a, ref c3);
                w += Group;
            }

            bool add = first > 0;
            c0.StoreUInt8AsUInt16(count, add);
            c1.StoreUInt8AsUInt16(count + pitch, add);
            c2.StoreUInt8AsUInt16(count + 2 * pitch, add);
            c3.StoreUInt8AsUInt16(count + 3 * pitch, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<V, TTables>(byte* table, V a, ref V sumA) where V : struct, ILanes<V> where TTables : struct, ITables<V>
    {
        TTables.LookUp(table, a, a, a, out V countA, out _, out _);
        sumA = V.AddUInt8(sumA, countA);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<V, TTables>(byte* table, V a, V b, ref V sumA, ref V sumB) where V : struct, ILanes<V> where TTables : struct, ITables<V>
    {
        TTables.LookUp(table, a, b, b, out V countA, out V countB, out _);
        sumA = V.AddUInt8(sumA, countA);
        sumB = V.AddUInt8(sumB, countB);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<V, TTables>(byte* table, V a, V b, V c, ref V sumA, ref V sumB, ref V sumC) where V : struct, ILanes<V> where TTables : struct, ITables<V>
    {
        TTables.LookUp(table, a, b, c, out V countA, out V countB, out V countC);
        sumA = V.AddUInt8(sumA, countA);
        sumB = V.AddUInt8(sumB, countB);
        sumC = V.AddUInt8(sumC, countC);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(ushort* count, bool add, V a, V b) where V : struct, ILanes<V>
    {
        a.StoreUInt8AsUInt16(count, add);
        b.StoreUInt8AsUInt16(count + V.CountOf8, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(ushort* count, bool add, V a, V b, V c) where V : struct, ILanes<V>
    {
        Store(count, add, a, b);
        c.StoreUInt8AsUInt16(count + 2 * V.CountOf8, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Table<TWeight>(TWeight* weights, nint index) where TWeight : unmanaged =>
        sizeof(TWeight) == 1 ? ((byte*)weights)[index] : ((ushort*)weights)[index];
}

/// <summary>Tables in which the signs of a pixel are looked up, and whose entries are added up.</summary>
/// <typeparam name="V">The register.</typeparam>
internal unsafe interface ITables<V> where V : struct, ILanes<V>
{
    /// <summary>The first table.</summary>
    static abstract byte* Start { get; }

    /// <summary>Entries whose sum fits a byte.</summary>
    static abstract int StepsPerByte { get; }

    /// <summary>The entries of three registers of signs.</summary>
    static abstract void LookUp(byte* table, V a, V b, V c, out V countA, out V countB, out V countC);
}

/// <summary>Mismatches of one tap: 63 steps make at most 252.</summary>
internal readonly unsafe struct TablesOfOneTap<V> : ITables<V> where V : struct, ILanes<V>
{
    public static byte* Start => MismatchTables.Start;

    public static int StepsPerByte => 63;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LookUp(byte* table, V a, V b, V c, out V countA, out V countB, out V countC) =>
        V.LookUp(table, a, b, c, out countA, out countB, out countC);
}

/// <summary>Mismatches of up to four taps at a place: 7 input groups of nine taps in 28 steps make at most 252.</summary>
internal readonly unsafe struct TablesOfPlaces<V> : ITables<V> where V : struct, ILanes<V>
{
    public static byte* Start => MismatchTables.Start;

    public static int StepsPerByte => 28;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LookUp(byte* table, V a, V b, V c, out V countA, out V countB, out V countC) =>
        V.LookUp(table, a, b, c, out countA, out countB, out countC);
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
