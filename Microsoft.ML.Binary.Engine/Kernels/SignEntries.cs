using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Which entry of a table of <see cref="SignedSums"/> four signs select; <see cref="SignCorrelation"/> and <see cref="SignProduct"/> read them.</summary>
internal static unsafe class SignEntries
{
    /// <summary>See <see cref="KernelSet.FindSigns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FindSigns<V>(float* values, float threshold, ushort plus, ushort* signs, int pixels) where V : struct, ILanes<V>
    {
        V least = V.Broadcast(threshold), value = V.BroadcastInt32(plus);
        int i = 0;
        for (; i <= pixels - 2 * V.Count; i += 2 * V.Count)
        {
            V low = V.GreaterOrEqual(V.Load(values + i), least) & value, high = V.GreaterOrEqual(V.Load(values + i + V.Count), least) & value;
            V.StoreInt32AsUInt16(low, high, signs + i);
        }

        for (; i < pixels; i++)
        {
            signs[i] = values[i] >= threshold ? plus : (ushort)0;
        }
    }

    /// <summary>See <see cref="KernelSet.FindEntries"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Slide<V>(ushort* signs, ushort* entries, int pixels) where V : struct, ILanes<V>
    {
        int i = 0;
        for (; i <= pixels - V.CountOf16; i += V.CountOf16)
        {
            V entry = V.LoadUInt16(signs + i + 3);
            entry = V.AddUInt16(V.AddUInt16(entry, entry), V.LoadUInt16(signs + i + 2));
            entry = V.AddUInt16(V.AddUInt16(entry, entry), V.LoadUInt16(signs + i + 1));
            V.AddUInt16(V.AddUInt16(entry, entry), V.LoadUInt16(signs + i)).StoreUInt16(entries + i);
        }

        for (; i < pixels; i++)
        {
            entries[i] = (ushort)(signs[i] + 2 * signs[i + 1] + 4 * signs[i + 2] + 8 * signs[i + 3]);
        }
    }

    /// <summary>offsets[i] += weights[i] >= 0 ? entry : 0.</summary>
    internal readonly struct AddWhereNotNegative(float* weights, int entry, int* offsets) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            float* target = (float*)offsets + index;
            V.AddInt32(V.Load(target), V.GreaterOrEqual(V.Load(weights + index), V.Broadcast(0)) & V.BroadcastInt32(entry)).Store(target);
        }
    }
}
