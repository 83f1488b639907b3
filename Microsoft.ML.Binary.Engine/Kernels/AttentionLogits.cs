using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The logits of attention for one token and a row of queries: temperature * dot + slope * distance.</summary>
internal static class AttentionLogits
{
    /// <summary>
    /// Replaces dot products by logits. The distance is that of rows plus that of columns between query and token; products and sums
    /// rounded separately.
    /// </summary>
    /// <param name="dots">Dot products in, logits out; whole vectors.</param>
    /// <param name="rows">Row of each query.</param>
    /// <param name="columns">Column of each query.</param>
    /// <param name="row">Row of the token.</param>
    /// <param name="column">Column of the token.</param>
    /// <param name="temperature">Factor of the dot products.</param>
    /// <param name="slope">Factor of the distance.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        Span<float> dots, ReadOnlySpan<float> rows, ReadOnlySpan<float> columns, float row, float column, float temperature, float slope)
    {
        Vector<float> tokenRow = new(row), tokenColumn = new(column);
        for (int p = 0; p < dots.Length; p += Vector<float>.Count)
        {
            Vector<float> distance = Vector.Abs(new Vector<float>(rows[p..]) - tokenRow) + Vector.Abs(new Vector<float>(columns[p..]) - tokenColumn);
            Vector<float> dot = new(dots[p..]);
            (dot * temperature + distance * slope).CopyTo(dots[p..]);
        }
    }
}
