using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

internal static partial class NibbleDot
{
    // 4 output channels x 64 pixels: eight accumulators, two registers of activations, one table.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void Wide<TWeight>(
        ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<TWeight> weights, Span<ushort> counts)
        where TWeight : unmanaged
    {
        int steps = offsets.Length, pixels = Pixels(offsets, weights, counts), rows = counts.Length / pixels;
        fixed (byte* a = activations)
        fixed (TWeight* w = weights)
        fixed (int* offset = offsets)
        fixed (ushort* count = counts)
        {
            for (int row = 0; row < rows; row += Outputs)
            {
                for (int p = 0; p < pixels; p += 64)
                {
                    WideTile(a + p, offset, steps, w + row * steps, count + row * pixels + p, pixels);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void WideTile<TWeight>(byte* a, int* offset, int steps, TWeight* w, ushort* count, int pitch)
        where TWeight : unmanaged
    {
        byte* tables = MismatchTables.Start;
        for (int first = 0; first < steps; first += StepsPerByte<TWeight>())
        {
            int last = Math.Min(first + StepsPerByte<TWeight>(), steps);
            Vector256<byte> c00 = default, c01 = default, c10 = default, c11 = default;
            Vector256<byte> c20 = default, c21 = default, c30 = default, c31 = default;
            TWeight* weight = w + Outputs * first;
            for (int* step = offset + first; step < offset + last; step++, weight += Outputs)
            {
                byte* pixel = a + *step;
                Vector256<byte> a0 = Vector256.Load(pixel), a1 = Vector256.Load(pixel + 32);
                Vector256<byte> table = Avx2.BroadcastVector128ToVector256(tables + Table(weight, 0));
                c00 += Avx2.Shuffle(table, a0);
                c01 += Avx2.Shuffle(table, a1);
                table = Avx2.BroadcastVector128ToVector256(tables + Table(weight, 1));
                c10 += Avx2.Shuffle(table, a0);
                c11 += Avx2.Shuffle(table, a1);
                table = Avx2.BroadcastVector128ToVector256(tables + Table(weight, 2));
                c20 += Avx2.Shuffle(table, a0);
                c21 += Avx2.Shuffle(table, a1);
                table = Avx2.BroadcastVector128ToVector256(tables + Table(weight, 3));
                c30 += Avx2.Shuffle(table, a0);
                c31 += Avx2.Shuffle(table, a1);
            }

            bool add = first > 0;
            Flush(c00, c01, count, add);
            Flush(c10, c11, count + pitch, add);
            Flush(c20, c21, count + 2 * pitch, add);
            Flush(c30, c31, count + 3 * pitch, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Flush(Vector256<byte> low, Vector256<byte> high, ushort* count, bool add)
    {
        (Vector256<ushort> a, Vector256<ushort> b) = Vector256.Widen(low);
        (Vector256<ushort> c, Vector256<ushort> d) = Vector256.Widen(high);
        if (add)
        {
            a += Vector256.Load(count);
            b += Vector256.Load(count + 16);
            c += Vector256.Load(count + 32);
            d += Vector256.Load(count + 48);
        }

        a.Store(count);
        b.Store(count + 16);
        c.Store(count + 32);
        d.Store(count + 48);
    }
}
