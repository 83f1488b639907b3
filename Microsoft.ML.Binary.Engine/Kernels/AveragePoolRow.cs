using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>One row of a map pooled 2x2: the four values added row by row, times 0.25.</summary>
internal static class AveragePoolRow
{
    /// <summary>Pools two source rows; each has twice as many columns as the target. Works in as many floats as a source row has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, Span<float> target, Span<float> scratch)
    {
        if (Avx512F.IsSupported)
        {
            RunWide(top[..(2 * target.Length)], bottom[..(2 * target.Length)], target);
            return;
        }

        Span<float> next = scratch[..target.Length];
        Interleave.Even(top, target);
        Interleave.Even(top[1..], next);
        Sum(target, next);
        Interleave.Even(bottom, next);
        Sum(target, next);
        Interleave.Even(bottom[1..], next);
        Sum(target, next);
        ChannelRows.Scale(target, 0.25f);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunWide(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, Span<float> target)
    {
        ref float a = ref MemoryMarshal.GetReference(top), b = ref MemoryMarshal.GetReference(bottom), t = ref MemoryMarshal.GetReference(target);
        Vector512<int> even = Vector512<int>.Indices << 1, odd = even + Vector512<int>.One;
        int x = 0;
        for (; x <= target.Length - 16; x += 16)
        {
            nuint at = (nuint)(2 * x);
            Vector512<float> low = Vector512.LoadUnsafe(ref a, at), high = Vector512.LoadUnsafe(ref a, at + 16);
            Vector512<float> sum = Avx512F.PermuteVar16x32x2(low, even, high) + Avx512F.PermuteVar16x32x2(low, odd, high);
            low = Vector512.LoadUnsafe(ref b, at);
            high = Vector512.LoadUnsafe(ref b, at + 16);
            sum = sum + Avx512F.PermuteVar16x32x2(low, even, high) + Avx512F.PermuteVar16x32x2(low, odd, high);
            (sum * 0.25f).StoreUnsafe(ref t, (nuint)x);
        }

        for (; x < target.Length; x++)
        {
            target[x] = (top[2 * x] + top[2 * x + 1] + bottom[2 * x] + bottom[2 * x + 1]) * 0.25f;
        }
    }

    private static void Sum(Span<float> target, ReadOnlySpan<float> other) => ChannelRows.Add(target, other);
}
