using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>One row of a map pooled 2x2: the four values added row by row, times 0.25.</summary>
internal static class AveragePoolRow
{
    /// <summary>Pools two source rows; each has twice as many columns as the target. Works in as many floats as a source row has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, Span<float> target, Span<float> scratch)
    {
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

    private static void Sum(Span<float> target, ReadOnlySpan<float> other) => ChannelRows.Add(target, other);
}
