using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One row of a map brought to any other size, with half-pixel centres and clamped edges: source position (o + 0.5) * source / target - 0.5;
/// rows are blended first, then columns, each as a + w * (b - a) with the three operations rounded separately. Enlarged 2 or 4 times this
/// is <see cref="BilinearRow"/>, to the last bit.
/// </summary>
internal static unsafe class ResizedRow
{
    /// <summary>The largest side: the weight is a quotient of integers that a float holds.</summary>
    public const int MaxSide = 1 << 22;

    // Registers are loaded from any element on.
    private const int Slack = 16;

    /// <summary>
    /// The source position below output position <paramref name="index"/>, -1 to source - 1, and the weight of the next one: the distance
    /// rounded to a float once.
    /// </summary>
    public static (int First, float Weight) Source(int index, int source, int target)
    {
        // One source pixel further, so that the quotient cannot be negative.
        long position = (2L * index + 1) * source + target, unit = 2L * target;
        return ((int)(position / unit) - 1, (float)(position % unit) / unit);
    }

    /// <summary>Floats of a row that was blended.</summary>
    public static int BlendedLength(int width) => width + 2 + Slack;

    /// <summary>See <see cref="KernelSet.Blend"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blend<V>(float* top, float* bottom, float down, int width, float* values, float* steps) where V : struct, ILanes<V>
    {
        RowLoop.RunOverlapping<V, RowArithmetic.Interpolate>(new(top, bottom, down, values + 1), width);
        (values[0], values[width + 1]) = (values[1], values[width]);
        RowLoop.RunOverlapping<V, Steps>(new(values, steps), width + 1);
    }

    /// <summary>See <see cref="KernelSet.Resize"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(float* values, float* steps, int blended, int* places, float* weights, float* target, int length) where V : struct, ILanes<V>
    {
        int x = 0;
        for (; V.Count > 1 && x <= length - V.Count; x += V.Count)
        {
            // Enlarged, neighbours lie between few source columns: those are loaded once and put in place.
            int first = places[x];
            if (places[x + V.Count - 1] - first >= V.Count || first > blended - V.Count)
            {
                RunPlain(values, steps, places, weights, target, x, x + V.Count);
                continue;
            }

            V order = V.AddInt32(V.Load((float*)(places + x)), V.BroadcastInt32(-first));
            V value = V.Permute(V.Load(values + first), order), step = V.Permute(V.Load(steps + first), order);
            (value + V.Load(weights + x) * step).Store(target + x);
        }

        RunPlain(values, steps, places, weights, target, x, length);
    }

    /// <summary>See <see cref="KernelSet.Range"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Lowest, float Highest) Range<V>(float* values, int length) where V : struct, ILanes<V>
    {
        float lowest = values[0], highest = lowest;
        int x = 0;
        if (length >= V.Count && V.Count > 1)
        {
            V low = V.Load(values), high = low;
            for (x = V.Count; x <= length - V.Count; x += V.Count)
            {
                (low, high) = (V.Min(low, V.Load(values + x)), V.Max(high, V.Load(values + x)));
            }

            float* lanes = stackalloc float[2 * V.Count];
            low.Store(lanes);
            high.Store(lanes + V.Count);
            for (int lane = 0; lane < V.Count; lane++)
            {
                (lowest, highest) = (Math.Min(lowest, lanes[lane]), Math.Max(highest, lanes[V.Count + lane]));
            }
        }

        for (; x < length; x++)
        {
            (lowest, highest) = (Math.Min(lowest, values[x]), Math.Max(highest, values[x]));
        }

        return (lowest, highest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RunPlain(float* values, float* steps, int* places, float* weights, float* target, int first, int last)
    {
        for (int x = first; x < last; x++)
        {
            int place = places[x];
            target[x] = values[place] + weights[x] * steps[place];
        }
    }

    private readonly struct Steps(float* values, float* steps) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V> => (V.Load(values + index + 1) - V.Load(values + index)).Store(steps + index);
    }
}
