using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Rows of a map whose pixels are copies of others, real or packed.</summary>
internal static class NearestRow
{
    /// <summary>target[x] = source[x / factor].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Enlarge<T>(ReadOnlySpan<T> source, int factor, Span<T> target)
    {
        for (int x = 0, at = 0; x < source.Length; x++)
        {
            T value = source[x];
            for (int i = 0; i < factor; i++)
            {
                target[at++] = value;
            }
        }
    }

    /// <summary>target[x] = source[columns[x]].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather<T>(ReadOnlySpan<T> source, ReadOnlySpan<int> columns, Span<T> target)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            target[x] = source[columns[x]];
        }
    }
}
