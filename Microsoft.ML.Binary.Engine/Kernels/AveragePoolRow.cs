using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One row of a map pooled 2x2, from two source rows of twice as many columns: the four values added row by row, times 0.25.
/// </summary>
internal readonly unsafe struct AveragePoolRow(float* top, float* bottom, float* target) : IRowBody
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        float* t = top + 2 * index, b = bottom + 2 * index;
        V first = V.Load(t), second = V.Load(t + V.Count);
        V sum = V.Even(first, second) + V.Odd(first, second);
        first = V.Load(b);
        second = V.Load(b + V.Count);
        sum = sum + V.Even(first, second) + V.Odd(first, second);
        (sum * V.Broadcast(0.25f)).Store(target + index);
    }
}
