using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The logits of attention for one token and a row of queries, in place of the dot products: temperature * dot + slope * distance, where the
/// distance is that of rows plus that of columns between query and token; products and sums rounded separately.
/// </summary>
/// <param name="dots">Dot products in, logits out.</param>
/// <param name="rows">Row of each query.</param>
/// <param name="columns">Column of each query.</param>
/// <param name="row">Row of the token.</param>
/// <param name="column">Column of the token.</param>
/// <param name="temperature">Factor of the dot products.</param>
/// <param name="slope">Factor of the distance.</param>
internal readonly unsafe struct AttentionLogits(
    float* dots, float* rows, float* columns, float row, float column, float temperature, float slope) : IRowBody
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        V distance = V.Abs(V.Load(rows + index) - V.Broadcast(row)) + V.Abs(V.Load(columns + index) - V.Broadcast(column));
        (V.Load(dots + index) * V.Broadcast(temperature) + distance * V.Broadcast(slope)).Store(dots + index);
    }
}
