using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// <see cref="NibbleDot"/> with six channels in a byte: AVX-512 VBMI looks bytes up in tables of 64, so that one look-up and one addition
/// count six channels of 64 pixels.
/// </summary>
internal static unsafe class VbmiDot
{
    private const int Outputs = 12, Group = 4;

    // 42 steps make at most 252.
    private const int StepsPerByte = 42;

    // Not readonly, for the reason given at MismatchTables.Start.
    private static byte* Tables { get; set; } = MakeTables();

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>; weights as in <see cref="VbmiWeights"/>.</summary>
    public static void Run(byte* activations, int* offsets, int steps, ushort* weights, int outputs, ushort* counts, int pixels)
    {
        int o = 0;
        for (; o <= outputs - Outputs; o += Outputs)
        {
            int p = 0;
            for (; p <= pixels - 128; p += 128)
            {
                Tile12x128(activations + p, offsets, steps, weights + o * steps, counts + o * pixels + p, pixels);
            }

            for (; p < pixels; p += 64)
            {
                Tile12x64(activations + p, offsets, steps, weights + o * steps, counts + o * pixels + p, pixels);
            }
        }

        for (; o < outputs; o += Group)
        {
            int p = 0, groups = outputs - o >= 2 * Group ? 2 : 1;
            for (; p <= pixels - 128; p += 128)
            {
                if (groups == 2)
                {
                    Tile8x128(activations + p, offsets, steps, weights + o * steps, counts + o * pixels + p, pixels);
                }
                else
                {
                    Tile4x128(activations + p, offsets, steps, weights + o * steps, counts + o * pixels + p, pixels);
                }
            }

            for (; p < pixels; p += 64)
            {
                for (int group = 0; group < groups; group++)
                {
                    int output = o + group * Group;
                    Tile4x64(activations + p, offsets, steps, weights + output * steps, counts + output * pixels + p, pixels);
                }
            }

            o += (groups - 1) * Group;
        }
    }

    // 24 accumulators, two registers of activations, one table.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12x128(byte* a, int* offset, int steps, ushort* w, ushort* count, int pitch)
    {
        byte* tables = Tables;
        for (int first = 0; first < steps; first += StepsPerByte)
        {
            int last = Math.Min(first + StepsPerByte, steps);
            Vector512<byte> c0a = default, c0b = default;
            Vector512<byte> c1a = default, c1b = default;
            Vector512<byte> c2a = default, c2b = default;
            Vector512<byte> c3a = default, c3b = default;
            Vector512<byte> c4a = default, c4b = default;
            Vector512<byte> c5a = default, c5b = default;
            Vector512<byte> c6a = default, c6b = default;
            Vector512<byte> c7a = default, c7b = default;
            Vector512<byte> c8a = default, c8b = default;
            Vector512<byte> c9a = default, c9b = default;
            Vector512<byte> c10a = default, c10b = default;
            Vector512<byte> c11a = default, c11b = default;
            ushort* w0 = w + Group * first, w1 = w0 + Group * steps, w2 = w1 + Group * steps;
            for (int* step = offset + first; step < offset + last; step++)
            {
                byte* pixel = a + *step;
                Vector512<byte> xa = Vector512.Load(pixel), xb = Vector512.Load(pixel + 64);
                Vector512<byte> table = Vector512.LoadAligned(tables + w0[0]);
                c0a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c0b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[1]);
                c1a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c1b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[2]);
                c2a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c2b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[3]);
                c3a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c3b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[0]);
                c4a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c4b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[1]);
                c5a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c5b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[2]);
                c6a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c6b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[3]);
                c7a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c7b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w2[0]);
                c8a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c8b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w2[1]);
                c9a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c9b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w2[2]);
                c10a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c10b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w2[3]);
                c11a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c11b += Avx512Vbmi.PermuteVar64x8(table, xb);
                w0 += Group;
                w1 += Group;
                w2 += Group;
            }

            bool add = first > 0;
            Flush(c0a, count, add);
            Flush(c0b, count + 64, add);
            Flush(c1a, count + pitch, add);
            Flush(c1b, count + pitch + 64, add);
            Flush(c2a, count + 2 * pitch, add);
            Flush(c2b, count + 2 * pitch + 64, add);
            Flush(c3a, count + 3 * pitch, add);
            Flush(c3b, count + 3 * pitch + 64, add);
            Flush(c4a, count + 4 * pitch, add);
            Flush(c4b, count + 4 * pitch + 64, add);
            Flush(c5a, count + 5 * pitch, add);
            Flush(c5b, count + 5 * pitch + 64, add);
            Flush(c6a, count + 6 * pitch, add);
            Flush(c6b, count + 6 * pitch + 64, add);
            Flush(c7a, count + 7 * pitch, add);
            Flush(c7b, count + 7 * pitch + 64, add);
            Flush(c8a, count + 8 * pitch, add);
            Flush(c8b, count + 8 * pitch + 64, add);
            Flush(c9a, count + 9 * pitch, add);
            Flush(c9b, count + 9 * pitch + 64, add);
            Flush(c10a, count + 10 * pitch, add);
            Flush(c10b, count + 10 * pitch + 64, add);
            Flush(c11a, count + 11 * pitch, add);
            Flush(c11b, count + 11 * pitch + 64, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile12x64(byte* a, int* offset, int steps, ushort* w, ushort* count, int pitch)
    {
        byte* tables = Tables;
        for (int first = 0; first < steps; first += StepsPerByte)
        {
            int last = Math.Min(first + StepsPerByte, steps);
            Vector512<byte> c0 = default;
            Vector512<byte> c1 = default;
            Vector512<byte> c2 = default;
            Vector512<byte> c3 = default;
            Vector512<byte> c4 = default;
            Vector512<byte> c5 = default;
            Vector512<byte> c6 = default;
            Vector512<byte> c7 = default;
            Vector512<byte> c8 = default;
            Vector512<byte> c9 = default;
            Vector512<byte> c10 = default;
            Vector512<byte> c11 = default;
            ushort* w0 = w + Group * first, w1 = w0 + Group * steps, w2 = w1 + Group * steps;
            for (int* step = offset + first; step < offset + last; step++)
            {
                byte* pixel = a + *step;
                Vector512<byte> x = Vector512.Load(pixel);
                c0 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[0]), x);
                c1 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[1]), x);
                c2 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[2]), x);
                c3 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[3]), x);
                c4 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w1[0]), x);
                c5 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w1[1]), x);
                c6 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w1[2]), x);
                c7 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w1[3]), x);
                c8 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w2[0]), x);
                c9 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w2[1]), x);
                c10 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w2[2]), x);
                c11 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w2[3]), x);
                w0 += Group;
                w1 += Group;
                w2 += Group;
            }

            bool add = first > 0;
            Flush(c0, count, add);
            Flush(c1, count + pitch, add);
            Flush(c2, count + 2 * pitch, add);
            Flush(c3, count + 3 * pitch, add);
            Flush(c4, count + 4 * pitch, add);
            Flush(c5, count + 5 * pitch, add);
            Flush(c6, count + 6 * pitch, add);
            Flush(c7, count + 7 * pitch, add);
            Flush(c8, count + 8 * pitch, add);
            Flush(c9, count + 9 * pitch, add);
            Flush(c10, count + 10 * pitch, add);
            Flush(c11, count + 11 * pitch, add);
        }
    }

    // For what is left of the channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x128(byte* a, int* offset, int steps, ushort* w, ushort* count, int pitch)
    {
        byte* tables = Tables;
        for (int first = 0; first < steps; first += StepsPerByte)
        {
            int last = Math.Min(first + StepsPerByte, steps);
            Vector512<byte> c0a = default, c0b = default;
            Vector512<byte> c1a = default, c1b = default;
            Vector512<byte> c2a = default, c2b = default;
            Vector512<byte> c3a = default, c3b = default;
            Vector512<byte> c4a = default, c4b = default;
            Vector512<byte> c5a = default, c5b = default;
            Vector512<byte> c6a = default, c6b = default;
            Vector512<byte> c7a = default, c7b = default;
            ushort* w0 = w + Group * first, w1 = w0 + Group * steps;
            for (int* step = offset + first; step < offset + last; step++)
            {
                byte* pixel = a + *step;
                Vector512<byte> xa = Vector512.Load(pixel), xb = Vector512.Load(pixel + 64);
                Vector512<byte> table = Vector512.LoadAligned(tables + w0[0]);
                c0a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c0b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[1]);
                c1a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c1b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[2]);
                c2a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c2b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[3]);
                c3a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c3b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[0]);
                c4a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c4b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[1]);
                c5a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c5b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[2]);
                c6a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c6b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w1[3]);
                c7a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c7b += Avx512Vbmi.PermuteVar64x8(table, xb);
                w0 += Group;
                w1 += Group;
            }

            bool add = first > 0;
            Flush(c0a, count, add);
            Flush(c0b, count + 64, add);
            Flush(c1a, count + pitch, add);
            Flush(c1b, count + pitch + 64, add);
            Flush(c2a, count + 2 * pitch, add);
            Flush(c2b, count + 2 * pitch + 64, add);
            Flush(c3a, count + 3 * pitch, add);
            Flush(c3b, count + 3 * pitch + 64, add);
            Flush(c4a, count + 4 * pitch, add);
            Flush(c4b, count + 4 * pitch + 64, add);
            Flush(c5a, count + 5 * pitch, add);
            Flush(c5b, count + 5 * pitch + 64, add);
            Flush(c6a, count + 6 * pitch, add);
            Flush(c6b, count + 6 * pitch + 64, add);
            Flush(c7a, count + 7 * pitch, add);
            Flush(c7b, count + 7 * pitch + 64, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x128(byte* a, int* offset, int steps, ushort* w, ushort* count, int pitch)
    {
        byte* tables = Tables;
        for (int first = 0; first < steps; first += StepsPerByte)
        {
            int last = Math.Min(first + StepsPerByte, steps);
            Vector512<byte> c0a = default, c0b = default;
            Vector512<byte> c1a = default, c1b = default;
            Vector512<byte> c2a = default, c2b = default;
            Vector512<byte> c3a = default, c3b = default;
            ushort* w0 = w + Group * first;
            for (int* step = offset + first; step < offset + last; step++)
            {
                byte* pixel = a + *step;
                Vector512<byte> xa = Vector512.Load(pixel), xb = Vector512.Load(pixel + 64);
                Vector512<byte> table = Vector512.LoadAligned(tables + w0[0]);
                c0a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c0b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[1]);
                c1a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c1b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[2]);
                c2a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c2b += Avx512Vbmi.PermuteVar64x8(table, xb);
                table = Vector512.LoadAligned(tables + w0[3]);
                c3a += Avx512Vbmi.PermuteVar64x8(table, xa);
                c3b += Avx512Vbmi.PermuteVar64x8(table, xb);
                w0 += Group;
            }

            bool add = first > 0;
            Flush(c0a, count, add);
            Flush(c0b, count + 64, add);
            Flush(c1a, count + pitch, add);
            Flush(c1b, count + pitch + 64, add);
            Flush(c2a, count + 2 * pitch, add);
            Flush(c2b, count + 2 * pitch + 64, add);
            Flush(c3a, count + 3 * pitch, add);
            Flush(c3b, count + 3 * pitch + 64, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x64(byte* a, int* offset, int steps, ushort* w, ushort* count, int pitch)
    {
        byte* tables = Tables;
        for (int first = 0; first < steps; first += StepsPerByte)
        {
            int last = Math.Min(first + StepsPerByte, steps);
            Vector512<byte> c0 = default;
            Vector512<byte> c1 = default;
            Vector512<byte> c2 = default;
            Vector512<byte> c3 = default;
            ushort* w0 = w + Group * first;
            for (int* step = offset + first; step < offset + last; step++)
            {
                byte* pixel = a + *step;
                Vector512<byte> x = Vector512.Load(pixel);
                c0 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[0]), x);
                c1 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[1]), x);
                c2 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[2]), x);
                c3 += Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(tables + w0[3]), x);
                w0 += Group;
            }

            bool add = first > 0;
            Flush(c0, count, add);
            Flush(c1, count + pitch, add);
            Flush(c2, count + 2 * pitch, add);
            Flush(c3, count + 3 * pitch, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Flush(Vector512<byte> bytes, ushort* count, bool add)
    {
        (Vector512<ushort> low, Vector512<ushort> high) = Vector512.Widen(bytes);
        if (add)
        {
            low += Vector512.Load(count);
            high += Vector512.Load(count + 32);
        }

        low.Store(count);
        high.Store(count + 32);
    }

    // Table w holds popcount(a xor w) for every a.
    private static byte* MakeTables()
    {
        byte* tables = (byte*)NativeMemory.AlignedAlloc(64 * 64, 64);
        for (int i = 0; i < 64 * 64; i++)
        {
            tables[i] = (byte)BitOperations.PopCount((uint)(i / 64 ^ i % 64));
        }

        return tables;
    }
}

/// <summary>
/// One-bit weights in the order in which <see cref="VbmiDot"/> reads them: [output group of 4][input group of 6][tap][output in the
/// group], each the six weight bits (bit set: -1) times 64, the bytes of a table. Missing channels are +1, and so are missing activations.
/// </summary>
internal static class VbmiWeights
{
    /// <summary>Channels of a plane.</summary>
    public const int Channels = 6;

    /// <summary>Number of weights of a convolution.</summary>
    public static int Length(int outputs, int inputs, int taps) => NibbleWeights.Groups(outputs) * SignPacking.Planes(inputs, Channels) * taps * 4;

    /// <summary>Packs bits [outputs, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> bits, int outputs, int inputs, int taps, Span<ushort> packed)
    {
        Span<uint> rows = stackalloc uint[Channels];
        int groups = SignPacking.Planes(inputs, Channels);
        packed.Clear();
        for (int o = 0; o < outputs; o++)
        {
            for (int g = 0; g < groups; g++)
            {
                Span<ushort> target = packed[(((o >> 2) * groups + g) * taps * 4 + (o & 3))..];
                for (int first = 0; first < taps; first += BitRow.Longest)
                {
                    int count = Math.Min(taps - first, BitRow.Longest);
                    rows.Clear();
                    for (int c = 0; c < Math.Min(Channels, inputs - g * Channels); c++)
                    {
                        rows[c] = BitRow.Read(bits, (o * inputs + g * Channels + c) * taps + first, count);
                    }

                    for (int t = 0; t < count; t++)
                    {
                        uint six = rows[0] >> t & 1 | (rows[1] >> t & 1) << 1 | (rows[2] >> t & 1) << 2
                            | (rows[3] >> t & 1) << 3 | (rows[4] >> t & 1) << 4 | (rows[5] >> t & 1) << 5;
                        target[4 * (first + t)] = (ushort)(six << 6);
                    }
                }
            }
        }
    }
}
