using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>One row of a depthwise 3x3 convolution that moves by two pixels, from three rows of the source as they are.</summary>
internal static class StridedTapsRow
{
    private const int Taps = 9;

    /// <summary>
    /// <c>target[x] = bias + sum over taps t of weights[t] * source[t / 3 * pitch + 2 x + t % 3]</c>, added in the order of t; products and
    /// sums rounded separately.
    /// </summary>
    /// <param name="source">Three rows from the one above and the column to the left of the first window's centre on.</param>
    /// <param name="pitch">Floats from one row to the next.</param>
    /// <param name="weights">Nine weights, row by row.</param>
    /// <param name="bias">What is added.</param>
    /// <param name="target">Receives the row.</param>
    /// <param name="scratch">As many floats as the target has, to work in.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> source, int pitch, ReadOnlySpan<float> weights, float bias, Span<float> target, Span<float> scratch)
    {
        source = source[..(2 * pitch + 2 * target.Length + 1)];
        weights = weights[..Taps];
        if (Avx512F.IsSupported && target.Length >= 16)
        {
            RunWide(source, pitch, weights, bias, target);
            return;
        }

        Span<float> values = scratch[..target.Length];
        target.Fill(bias);
        for (int t = 0; t < Taps; t++)
        {
            Interleave.Even(source[(t / 3 * pitch + t % 3)..], values);
            ChannelRows.Scale(values, weights[t]);
            ChannelRows.Add(target, values);
        }
    }

    // Whole registers; the last one overlaps the one in front of it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunWide(ReadOnlySpan<float> source, int pitch, ReadOnlySpan<float> weights, float bias, Span<float> target)
    {
        ref float s = ref MemoryMarshal.GetReference(source), t = ref MemoryMarshal.GetReference(target);
        Vector512<int> even = Vector512<int>.Indices << 1, odd = even + Vector512<int>.One;
        for (int i = 0; i < target.Length; i += 16)
        {
            int x = Math.Min(i, target.Length - 16);
            Vector512<float> sum = Vector512.Create(bias);
            for (int row = 0; row < 3; row++)
            {
                // Read so that nothing behind the last window's right column is touched.
                nuint at = (nuint)(row * pitch + 2 * x);
                Vector512<float> a = Vector512.LoadUnsafe(ref s, at), b = Vector512.LoadUnsafe(ref s, at + 16), c = Vector512.LoadUnsafe(ref s, at + 17);
                sum += Avx512F.PermuteVar16x32x2(a, even, b) * weights[3 * row];
                sum += Avx512F.PermuteVar16x32x2(a, odd, b) * weights[3 * row + 1];
                sum += Avx512F.PermuteVar16x32x2(Vector512.LoadUnsafe(ref s, at + 1), odd, c) * weights[3 * row + 2];
            }

            sum.StoreUnsafe(ref t, (nuint)x);
        }
    }
}
