using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The mean of one channel in the order of sums that <see cref="Graph.SqueezeExcitation"/> states: the same bits on every instruction set.</summary>
internal static class ChannelAverage
{
    private const int Sums = 16;

    /// <summary>The mean.</summary>
    /// <param name="plane">The channel from its first pixel on.</param>
    /// <param name="pitch">Values from one row to the next.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Run(ReadOnlySpan<float> plane, int pitch, int width, int height)
    {
        double total = 0;
        for (int row = 0; row < height; row++)
        {
            total += Row(plane.Slice(row * pitch, width));
        }

        return (float)(total / ((long)width * height));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Row(ReadOnlySpan<float> row)
    {
        ref float values = ref MemoryMarshal.GetReference(row);
        Vector256<float> low = Vector256<float>.Zero, high = Vector256<float>.Zero;
        int x = 0;
        for (; x <= row.Length - Sums; x += Sums)
        {
            low += Vector256.LoadUnsafe(ref values, (nuint)x);
            high += Vector256.LoadUnsafe(ref values, (nuint)(x + Sums / 2));
        }

        Span<float> sums = stackalloc float[Sums];
        low.CopyTo(sums);
        high.CopyTo(sums[(Sums / 2)..]);
        for (int j = 0; x < row.Length; x++, j++)
        {
            sums[j] += row[x];
        }

        for (int half = Sums / 2; half > 0; half /= 2)
        {
            for (int j = 0; j < half; j++)
            {
                sums[j] += sums[j + half];
            }
        }

        return sums[0];
    }
}
