using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Element-wise arithmetic on rows of pixels.</summary>
internal static unsafe class RowArithmetic
{
    public readonly struct Add(float* target, float* other) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> => (V.Load(target + index) + V.Load(other + index)).Store(target + index);
    }

    public readonly struct Scale(float* target, float factor) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> => (V.Load(target + index) * V.Broadcast(factor)).Store(target + index);
    }

    public readonly struct Affine(float* target, float scale, float offset) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> =>
            (V.Load(target + index) * V.Broadcast(scale) + V.Broadcast(offset)).Store(target + index);
    }

    public readonly struct Divide(float* target, float* divisor) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> => (V.Load(target + index) / V.Load(divisor + index)).Store(target + index);
    }

    /// <summary>target = a + weight * (b - a).</summary>
    public readonly struct Interpolate(float* a, float* b, float weight, float* target) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            V first = V.Load(a + index);
            (first + V.Broadcast(weight) * (V.Load(b + index) - first)).Store(target + index);
        }
    }

    /// <summary>The logistic function.</summary>
    public readonly struct Sigmoid(float* source, float* target) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> => Exponential.Sigmoid(V.Load(source + index)).Store(target + index);
    }
}
