using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Rows of a map that is enlarged twice (see <see cref="BilinearRow"/>), of the channels that share planes of signs: the signs of every channel group, and
/// the mean over the groups, added in their order. The enlarged values stay in registers. Memory is pinned.
/// </summary>
internal unsafe struct AveragedRows
{
    /// <summary>Number of channel groups, and of channels of each, at most 8.</summary>
    public int Groups, Channels;

    /// <summary>Rows and columns of the small map, and floats from one row to the next.</summary>
    public int Height, Width, Pitch;

    /// <summary>Floats, and bytes of signs, from one row of the mean to the next.</summary>
    public int TargetPitch;

    /// <summary>Where the first row of the mean's first channel goes, and how many floats after it the next channel.</summary>
    public float* Means;

    /// <inheritdoc cref="Means"/>
    public int MeanPitch;

    /// <summary>
    /// Where the signs of the first group go, and how many bytes after them those of the next: bit k of a byte is set where channel k is under its threshold.
    /// Null if nobody reads them.
    /// </summary>
    public byte* Signs;

    /// <inheritdoc cref="Signs"/>
    public int SignPitch;

    /// <summary>Floats of scratch: blended rows, and a register of bits for each group, of two rows.</summary>
    public static long Scratch(int groups, int channels, int width) => 2 * (BilinearRow.BlendedLength((long)groups * channels, width) + (long)groups * Lanes512.Count);

    /// <summary>Makes some rows, two at a time: both are blended from the same source row and a neighbour of it.</summary>
    /// <param name="values">Real planes.</param>
    /// <param name="offsets">Where row 0 of each channel lies in them, from the first channel of the rows on.</param>
    /// <param name="thresholds">For each channel from the first of the rows on.</param>
    /// <param name="groupPitch">Channels of the whole mean: those of the next group follow so many later.</param>
    /// <param name="row">The first source row.</param>
    /// <param name="last">The source row after the last one.</param>
    /// <param name="scratch">Of <see cref="Scratch"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Run<V>(float* values, int* offsets, float* thresholds, int groupPitch, int row, int last, float* scratch) where V : struct, ILanes<V>
    {
        float* upper = scratch + 2 * Groups * Lanes512.Count, lower = upper + BilinearRow.BlendedLength(Groups * Channels, Width), means = Means;
        byte* signs = Signs;
        for (; row < last; row++, means += 2 * TargetPitch)
        {
            int above = Math.Max(row - 1, 0), below = Math.Min(row + 1, Height - 1), group = Channels * BilinearRow.BlendedPitch(Width);
            for (int g = 0; g < Groups; g++)
            {
                int* places = offsets + g * groupPitch;
                BilinearRow.BlendRows<V>(values + above * Pitch, places, Channels, (row - above) * Pitch, 0.75f, Width, upper + g * group);
                BilinearRow.BlendRows<V>(values + row * Pitch, places, Channels, (below - row) * Pitch, 0.25f, Width, lower + g * group);
            }

            RowLoop.RunOverlapping<V, Body>(new(this, thresholds, groupPitch, upper, (int)(lower - upper), scratch, means, signs), Width);
            signs = signs is null ? null : signs + 2 * TargetPitch;
        }
    }

    private readonly struct Body(AveragedRows all, float* thresholds, int groupPitch, float* rows, int lower, float* bits, float* means, byte* signs) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            int pitch = BilinearRow.BlendedPitch(all.Width), groups = all.Groups, channels = all.Channels;
            V share = V.Broadcast(1f / groups), zero = V.Broadcast(0);
            for (int i = 0; i < 2 * groups; i++)
            {
                zero.Store(bits + i * V.Count);
            }

            for (int c = 0; c < channels; c++)
            {
                // Two columns of signs are an integer of 16 bits.
                V leftBit = V.BroadcastInt32(1 << c), rightBit = V.BroadcastInt32(256 << c), a = zero, b = zero, d = zero, e = zero;
                float* row = rows + BilinearRow.Before + c * pitch + index, sum = bits, threshold = thresholds + c;
                for (int g = 0; g < groups; g++, row += channels * pitch, sum += 2 * V.Count, threshold += groupPitch)
                {
                    V least = V.Broadcast(*threshold);
                    Enlarge(row, least, leftBit, rightBit, sum, out V left, out V right);
                    Enlarge(row + lower, least, leftBit, rightBit, sum + V.Count, out V lowerLeft, out V lowerRight);
                    (a, b, d, e) = g == 0 ? (left, right, lowerLeft, lowerRight) : (a + left, b + right, d + lowerLeft, e + lowerRight);
                }

                float* mean = means + c * all.MeanPitch + 2 * index;
                Merge(a * share, b * share, mean);
                Merge(d * share, e * share, mean + all.TargetPitch);
            }

            for (int g = 0; signs is not null && g < groups; g++)
            {
                byte* target = signs + g * all.SignPitch;
                V.StoreInt32AsUInt16(V.Load(bits + 2 * g * V.Count), (ushort*)target + index);
                V.StoreInt32AsUInt16(V.Load(bits + (2 * g + 1) * V.Count), (ushort*)(target + all.TargetPitch) + index);
            }
        }

        // Both columns that are made of one source column, and their bits.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Enlarge<V>(float* row, V least, V leftBit, V rightBit, float* bits, out V left, out V right) where V : struct, ILanes<V>
        {
            V at = V.Load(row);
            left = BilinearRow.Blend(V.Load(row - 1), at, V.Broadcast(0.75f));
            right = BilinearRow.Blend(at, V.Load(row + 1), V.Broadcast(0.25f));
            V negative = V.OrUnlessGreaterOrEqual(V.Load(bits), leftBit, left, least);
            V.OrUnlessGreaterOrEqual(negative, rightBit, right, least).Store(bits);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Merge<V>(V even, V odd, float* target) where V : struct, ILanes<V>
        {
            V.MergeLow(even, odd).Store(target);
            V.MergeHigh(even, odd).Store(target + V.Count);
        }
    }
}
