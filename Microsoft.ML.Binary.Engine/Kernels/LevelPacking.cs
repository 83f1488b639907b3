using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Turns real values into levels 0 to 3, a bit of each in two planes: of the pixel's level, bit k of a byte of the first plane is the lower bit of channel
/// k of the group, and of the second plane the upper bit. A level is how many of three ascending thresholds the value is at least.
/// </summary>
internal static unsafe class LevelPacking
{
    /// <summary>Thresholds of a channel.</summary>
    public const int Thresholds = 3;

    /// <summary>See <see cref="KernelSet.PackLevels"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(float* values, int pitch, ReadOnlySpan<float> thresholds, byte* lower, byte* upper, int pixels) where V : struct, ILanes<V>
    {
        if (V.Count == 1 || pixels < V.CountOf8)
        {
            for (int at = 0; at < pixels; at++)
            {
                int low = 0, high = 0;
                for (int c = 0; Thresholds * c < thresholds.Length; c++)
                {
                    int level = LevelOf(values[c * pitch + at], thresholds[(Thresholds * c)..]);
                    low |= (level & 1) << c;
                    high |= level >> 1 << c;
                }

                (lower[at], upper[at]) = ((byte)low, (byte)high);
            }

            return;
        }

        // The last block may overlap the one before it.
        for (int p = 0; p < pixels; p += V.CountOf8)
        {
            Block<V>(values, pitch, thresholds, lower, upper, Math.Min(p, pixels - V.CountOf8));
        }
    }

    /// <summary>How many of the first three thresholds a value is at least.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LevelOf(float value, ReadOnlySpan<float> thresholds) =>
        (value >= thresholds[0] ? 1 : 0) + (value >= thresholds[1] ? 1 : 0) + (value >= thresholds[2] ? 1 : 0);

    // Four registers of values make one of bytes in each plane. The lower bit is that of one or three.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block<V>(float* values, int pitch, ReadOnlySpan<float> thresholds, byte* lower, byte* upper, int pixel) where V : struct, ILanes<V>
    {
        V low0 = V.BroadcastInt32(0), low1 = low0, low2 = low0, low3 = low0, high0 = low0, high1 = low0, high2 = low0, high3 = low0;
        float* source = values + pixel;
        for (int c = 0, t = 0; t < thresholds.Length; c++, t += Thresholds, source += pitch)
        {
            V one = V.Broadcast(thresholds[t]), two = V.Broadcast(thresholds[t + 1]), three = V.Broadcast(thresholds[t + 2]), bit = V.BroadcastInt32(1 << c);
            Add(V.Load(source), one, two, three, bit, ref low0, ref high0);
            Add(V.Load(source + V.Count), one, two, three, bit, ref low1, ref high1);
            Add(V.Load(source + 2 * V.Count), one, two, three, bit, ref low2, ref high2);
            Add(V.Load(source + 3 * V.Count), one, two, three, bit, ref low3, ref high3);
        }

        V.StoreInt32AsUInt8(low0, low1, low2, low3, lower + pixel);
        V.StoreInt32AsUInt8(high0, high1, high2, high3, upper + pixel);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Add(V value, V one, V two, V three, V bit, ref V low, ref V high)
        {
            V isTwo = V.GreaterOrEqual(value, two);
            low |= (V.GreaterOrEqual(value, one) ^ isTwo ^ V.GreaterOrEqual(value, three)) & bit;
            high |= isTwo & bit;
        }
    }
}
