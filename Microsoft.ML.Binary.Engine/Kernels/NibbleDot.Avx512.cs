using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

internal static partial class NibbleDot
{
    // 4 output channels x 128 pixels, as the 256-bit kernel; an odd tile at the end is done by that.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static unsafe void Wider<TWeight>(
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
                int p = 0;
                for (; p <= pixels - 128; p += 128)
                {
                    WiderTile(a + p, offset, steps, w + row * steps, count + row * pixels + p, pixels);
                }

                for (; p < pixels; p += 64)
                {
                    WideTile(a + p, offset, steps, w + row * steps, count + row * pixels + p, pixels);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void WiderTile<TWeight>(byte* a, int* offset, int steps, TWeight* w, ushort* count, int pitch)
        where TWeight : unmanaged
    {
        byte* tables = MismatchTables.Start;
        for (int first = 0; first < steps; first += StepsPerByte<TWeight>())
        {
            int last = Math.Min(first + StepsPerByte<TWeight>(), steps);
            Vector512<byte> c00 = default, c01 = default, c10 = default, c11 = default;
            Vector512<byte> c20 = default, c21 = default, c30 = default, c31 = default;
            TWeight* weight = w + Outputs * first;
            for (int* step = offset + first; step < offset + last; step++, weight += Outputs)
            {
                byte* pixel = a + *step;
                Vector512<byte> a0 = Vector512.Load(pixel), a1 = Vector512.Load(pixel + 64);
                Vector512<byte> table = Table512(tables + Table(weight, 0));
                c00 += Avx512BW.Shuffle(table, a0);
                c01 += Avx512BW.Shuffle(table, a1);
                table = Table512(tables + Table(weight, 1));
                c10 += Avx512BW.Shuffle(table, a0);
                c11 += Avx512BW.Shuffle(table, a1);
                table = Table512(tables + Table(weight, 2));
                c20 += Avx512BW.Shuffle(table, a0);
                c21 += Avx512BW.Shuffle(table, a1);
                table = Table512(tables + Table(weight, 3));
                c30 += Avx512BW.Shuffle(table, a0);
                c31 += Avx512BW.Shuffle(table, a1);
            }

            bool add = first > 0;
            Flush(c00, c01, count, add);
            Flush(c10, c11, count + pitch, add);
            Flush(c20, c21, count + 2 * pitch, add);
            Flush(c30, c31, count + 3 * pitch, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector512<byte> Table512(byte* table) =>
        Avx512F.BroadcastVector128ToVector512((int*)table).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Flush(Vector512<byte> low, Vector512<byte> high, ushort* count, bool add)
    {
        Flush(low.GetLower(), low.GetUpper(), count, add);
        Flush(high.GetLower(), high.GetUpper(), count + 64, add);
    }
}
