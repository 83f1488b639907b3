using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Merges two rows element by element, or takes one apart.</summary>
internal static unsafe class Interleave
{
    /// <summary>target[2 i] = even[i], target[2 i + 1] = odd[i].</summary>
    public readonly struct Merge(float* even, float* odd, float* target) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            V a = V.Load(even + index), b = V.Load(odd + index);
            V.MergeLow(a, b).Store(target + 2 * index);
            V.MergeHigh(a, b).Store(target + 2 * index + V.Count);
        }
    }

    /// <summary>target[i] = source[2 i]; a register reads one element more than it needs.</summary>
    public readonly struct Even(float* source, float* target) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> =>
            V.Even(V.Load(source + 2 * index), V.Load(source + 2 * index + V.Count)).Store(target + index);
    }

    /// <summary><see cref="Merge"/> of 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MergeUInt16<V>(ushort* even, ushort* odd, ushort* target, int length) where V : struct, ILanes<V>
    {
        if (length < V.CountOf16)
        {
            MergeShort<V>(even, odd, target, length);
            return;
        }

        // The last register may overlap the one before it.
        for (int x = 0; x < length; x += V.CountOf16)
        {
            int i = Math.Min(x, length - V.CountOf16);
            V a = V.LoadUInt16(even + i), b = V.LoadUInt16(odd + i);
            V.MergeLowUInt16(a, b).StoreUInt16(target + 2 * i);
            V.MergeHighUInt16(a, b).StoreUInt16(target + 2 * i + V.CountOf16);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void MergeShort<V>(ushort* even, ushort* odd, ushort* target, int length) where V : struct, ILanes<V>
    {
        if (V.CountOf16 > Lanes128.CountOf16)
        {
            MergeUInt16<Lanes128>(even, odd, target, length);
        }
        else
        {
            MergeUInt16<Lanes1>(even, odd, target, length);
        }
    }

    /// <summary>target[i] = source[2 i]; a register reads one element more than it needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EvenUInt8<V>(byte* source, byte* target, int length) where V : struct, ILanes<V>
    {
        int step = 2 * V.CountOf16;
        if (length < step)
        {
            EvenShort<V>(source, target, length);
            return;
        }

        // The last registers may overlap those before them.
        for (int x = 0; x < length; x += step)
        {
            int i = Math.Min(x, length - step);
            V.StoreUInt16AsUInt8(V.LoadUInt16((ushort*)(source + 2 * i)), V.LoadUInt16((ushort*)(source + 2 * i) + V.CountOf16), target + i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void EvenShort<V>(byte* source, byte* target, int length) where V : struct, ILanes<V>
    {
        if (V.CountOf16 > Lanes128.CountOf16)
        {
            EvenUInt8<Lanes128>(source, target, length);
            return;
        }

        for (int i = 0; i < length; i++)
        {
            target[i] = source[2 * i];
        }
    }
}
