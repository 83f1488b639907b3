using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

internal static partial class NibbleDot
{
    // 4 output channels x 32 pixels. Indices are below 16, so that the native shuffle means the same on every processor.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void Portable<TWeight>(
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
                for (int p = 0; p < pixels; p += 32)
                {
                    PortableTile(a + p, offset, steps, w + row * steps, count + row * pixels + p, pixels);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void PortableTile<TWeight>(byte* a, int* offset, int steps, TWeight* w, ushort* count, int pitch)
        where TWeight : unmanaged
    {
        byte* tables = MismatchTables.Start;
        for (int first = 0; first < steps; first += StepsPerByte<TWeight>())
        {
            int last = Math.Min(first + StepsPerByte<TWeight>(), steps);
            Vector128<byte> c00 = default, c01 = default, c10 = default, c11 = default;
            Vector128<byte> c20 = default, c21 = default, c30 = default, c31 = default;
            TWeight* weight = w + Outputs * first;
            for (int* step = offset + first; step < offset + last; step++, weight += Outputs)
            {
                byte* pixel = a + *step;
                Vector128<byte> a0 = Vector128.Load(pixel), a1 = Vector128.Load(pixel + 16);
                Vector128<byte> table = Vector128.LoadAligned(tables + Table(weight, 0));
                c00 += Vector128.ShuffleNative(table, a0);
                c01 += Vector128.ShuffleNative(table, a1);
                table = Vector128.LoadAligned(tables + Table(weight, 1));
                c10 += Vector128.ShuffleNative(table, a0);
                c11 += Vector128.ShuffleNative(table, a1);
                table = Vector128.LoadAligned(tables + Table(weight, 2));
                c20 += Vector128.ShuffleNative(table, a0);
                c21 += Vector128.ShuffleNative(table, a1);
                table = Vector128.LoadAligned(tables + Table(weight, 3));
                c30 += Vector128.ShuffleNative(table, a0);
                c31 += Vector128.ShuffleNative(table, a1);
            }

            bool add = first > 0;
            Flush(c00, c01, count, add);
            Flush(c10, c11, count + pitch, add);
            Flush(c20, c21, count + 2 * pitch, add);
            Flush(c30, c31, count + 3 * pitch, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Flush(Vector128<byte> low, Vector128<byte> high, ushort* count, bool add)
    {
        (Vector128<ushort> a, Vector128<ushort> b) = Vector128.Widen(low);
        (Vector128<ushort> c, Vector128<ushort> d) = Vector128.Widen(high);
        if (add)
        {
            a += Vector128.Load(count);
            b += Vector128.Load(count + 8);
            c += Vector128.Load(count + 16);
            d += Vector128.Load(count + 24);
        }

        a.Store(count);
        b.Store(count + 8);
        c.Store(count + 16);
        d.Store(count + 24);
    }
}
