using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>From mismatch counts to dot products of signs: K - 2 count for K products.</summary>
internal static class MismatchCounts
{
    /// <summary>Converts a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToDots(ReadOnlySpan<ushort> counts, int products, Span<float> dots) =>
        default(ChannelChain).Run(new DotRow(counts[..dots.Length], products), dots);
}
