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
        if (pixels < V.CountOf16)
        {
            for (int i = 0; i < pixels; i++)
            {
                entries[i] = (ushort)(signs[i] + 2 * signs[i + 1] + 4 * signs[i + 2] + 8 * signs[i + 3]);
            }

            return;
        }

        int last = pixels - V.CountOf16;
        for (int i = 0; i < last; i += V.CountOf16)
        {
            Slide<V>(signs + i, entries + i);
        }

        // May overlap the one before it.
        Slide<V>(signs + last, entries + last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Slide<V>(ushort* signs, ushort* entries) where V : struct, ILanes<V>
    {
        V later = V.LoadUInt16(signs + 3), earlier = V.LoadUInt16(signs + 1);
        later = V.AddUInt16(V.AddUInt16(later, later), V.LoadUInt16(signs + 2));
        earlier = V.AddUInt16(V.AddUInt16(earlier, earlier), V.LoadUInt16(signs));
        later = V.AddUInt16(later, later);
        V.AddUInt16(V.AddUInt16(later, later), earlier).StoreUInt16(entries);
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
