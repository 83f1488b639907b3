using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One row of a map enlarged 2 or 4 times with half-pixel centres and clamped edges: source position (o + 0.5) / factor - 0.5; rows are
/// blended first, then columns, each as a + w * (b - a) with the three operations rounded separately.
/// </summary>
internal static unsafe class BilinearRow
{
    /// <summary>Floats in front of a row of <see cref="BlendRows"/>: the column before the first, and what keeps rows in whole cache lines.</summary>
    public const int Before = 16;

    /// <summary>The two source positions and the weight of the second for output position <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int First, int Second, float Weight) Source(int index, int factor, int size)
    {
        float position = (index + 0.5f) / factor - 0.5f;
        int first = (int)MathF.Floor(position);
        return (Math.Max(first, 0), Math.Min(first + 1, size - 1), position - first);
    }

    /// <summary>
    /// The weight of source column x for column <paramref name="phase"/> of the first half of those that are made of it, which lie between x - 1 and x; and of
    /// x + 1 for the same one of the other half, which lie between x and x + 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float AtLeft, float AtRight) Weights(int phase, int factor) => ((factor + 1 + 2 * phase) / (2f * factor), (1 + 2 * phase) / (2f * factor));

    /// <summary>Floats of a source row that are read: its columns in whole registers. What follows the row does not matter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Padded(int width) => (width + 15) / 16 * 16;

    /// <summary>Floats of scratch for a source of so many columns.</summary>
    public static int Scratch(int width) => (int)BlendedLength(1, width);

    /// <summary>See <see cref="KernelSet.EnlargeBilinear"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(float* top, float* bottom, float down, int width, int factor, float* target, float* scratch)
        where V : struct, ILanes<V>
    {
        int none = 0;
        BlendRows<V>(top, &none, 1, (int)(bottom - top), down, width, scratch);
        RowLoop.RunOverlapping<V, BlendedColumns>(new(scratch + Before, factor, target), width);
    }

    /// <summary>
    /// <see cref="Run{V}"/> for factor 2 in one pass: a register of blended columns, the ones before and after it, both halves, merged.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void DoubleAvx512(float* top, float* bottom, float down, int width, float* target)
    {
        Vector512<float> weight = Vector512.Create(down), quarter = Vector512.Create(0.25f), threeQuarters = Vector512.Create(0.75f);
        Vector512<int> order = Vector512<int>.Indices, low = (order >>> 1) + ((order & Vector512<int>.One) << 4), high = low + Vector512.Create(8);
        Vector512<float> at = Blended(top, bottom, weight, 0), before = Vector512.Create(at.ToScalar());
        for (int x = 0; x < width; x += 16)
        {
            int rest = width - x;
            Vector512<float> next;
            if (rest > 16)
            {
                next = Blended(top, bottom, weight, x + 16);
            }
            else
            {
                // What lies beyond the last column repeats it.
                at = Avx512F.PermuteVar16x32(at, Vector512.Min(order, Vector512.Create(rest - 1)));
                next = Vector512.Create(at[15]);
            }

            Vector512<float> previous = Avx512F.AlignRight32(at.AsInt32(), before.AsInt32(), 15).AsSingle();
            Vector512<float> following = Avx512F.AlignRight32(next.AsInt32(), at.AsInt32(), 1).AsSingle();
            Vector512<float> left = previous + threeQuarters * (at - previous), right = at + quarter * (following - at);
            Vector512<float> first = Avx512F.PermuteVar16x32x2(left, low, right), second = Avx512F.PermuteVar16x32x2(left, high, right);
            if (rest >= 16)
            {
                first.Store(target + 2 * x);
                second.Store(target + 2 * x + 16);
            }
            else
            {
                Avx512F.MaskStore(target + 2 * x, Vector512.LessThan(order, Vector512.Create(2 * rest)).AsSingle(), first);
                Avx512F.MaskStore(target + 2 * x + 16, Vector512.LessThan(order, Vector512.Create(2 * rest - 16)).AsSingle(), second);
            }

            (before, at) = (at, next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Blended(float* top, float* bottom, Vector512<float> weight, int index)
    {
        Vector512<float> first = Vector512.Load(top + index);
        return first + weight * (Vector512.Load(bottom + index) - first);
    }

    /// <summary>Floats from one row of <see cref="BlendRows"/> to the next.</summary>
    public static int BlendedPitch(int width) => Padded(width) + Before;

    /// <summary>Floats that <see cref="BlendRows"/> writes.</summary>
    public static long BlendedLength(long rows, int width) => rows * BlendedPitch(width) + Before;

    /// <summary>
    /// Blends rows of some channels. Column 0 of row i is <c>target[Before + i * BlendedPitch(width)]</c>; the columns before the first and after the last
    /// repeat these.
    /// </summary>
    /// <param name="values">Real planes.</param>
    /// <param name="offsets">Where the upper source row of each channel lies in them.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="below">Floats from the upper source row to the lower.</param>
    /// <param name="down">Weight of the lower one.</param>
    /// <param name="width">Columns.</param>
    /// <param name="target">Receives the rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BlendRows<V>(float* values, int* offsets, int channels, int below, float down, int width, float* target)
        where V : struct, ILanes<V>
    {
        V weight = V.Broadcast(down);
        int pitch = BlendedPitch(width);
        float* row = target + Before;
        for (int c = 0; c < channels; c++, row += pitch)
        {
            float* top = values + offsets[c], bottom = top + below;
            for (int i = 0; i < width; i += V.Count)
            {
                Blend(V.Load(top + i), V.Load(bottom + i), weight).Store(row + i);
            }

            row[-1] = row[0];
            row[width] = row[width - 1];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Blend<V>(V first, V second, V weight) where V : struct, ILanes<V> => first + weight * (second - first);

    // The columns that are made of those of one register, in their order.
    private readonly struct BlendedColumns(float* row, int factor, float* target) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            V before = V.Load(row + index - 1), at = V.Load(row + index), after = V.Load(row + index + 1);
            float* columns = target + factor * index;
            (float left, float right) = Weights(0, factor);
            V first = Blend(before, at, V.Broadcast(left)), second = Blend(at, after, V.Broadcast(right));
            if (factor == 2)
            {
                V.MergeLow(first, second).Store(columns);
                V.MergeHigh(first, second).Store(columns + V.Count);
                return;
            }

            (left, right) = Weights(1, factor);
            V firstOdd = Blend(before, at, V.Broadcast(left)), secondOdd = Blend(at, after, V.Broadcast(right));
            V even = V.MergeLow(first, second), odd = V.MergeLow(firstOdd, secondOdd);
            V.MergeLow(even, odd).Store(columns);
            V.MergeHigh(even, odd).Store(columns + V.Count);
            (even, odd) = (V.MergeHigh(first, second), V.MergeHigh(firstOdd, secondOdd));
            V.MergeLow(even, odd).Store(columns + 2 * V.Count);
            V.MergeHigh(even, odd).Store(columns + 3 * V.Count);
        }
    }
}
