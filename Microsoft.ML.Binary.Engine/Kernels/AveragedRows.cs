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

    /// <summary>Floats of scratch.</summary>
    public static long Scratch(int groups, int channels, int width) => BilinearRow.BlendedLength((long)groups * channels, width) + (long)groups * Lanes512.Count;

    /// <summary>Makes some rows.</summary>
    /// <param name="values">Real planes.</param>
    /// <param name="offsets">Where row 0 of each channel lies in them, from the first channel of the rows on.</param>
    /// <param name="thresholds">For each channel from the first of the rows on.</param>
    /// <param name="groupPitch">Channels of the whole mean: those of the next group follow so many later.</param>
    /// <param name="row">The first row.</param>
    /// <param name="last">The row after the last one.</param>
    /// <param name="scratch">Of <see cref="Scratch"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Run<V>(float* values, int* offsets, float* thresholds, int groupPitch, int row, int last, float* scratch) where V : struct, ILanes<V>
    {
        float* rows = scratch + Groups * Lanes512.Count, means = Means;
        byte* signs = Signs;
        for (; row < last; row++, means += TargetPitch)
        {
            (int top, int bottom, float down) = BilinearRow.Source(row, 2, Height);
            for (int g = 0; g < Groups; g++)
            {
                BilinearRow.BlendRows<V>(
                    values + top * Pitch, offsets + g * groupPitch, Channels, (bottom - top) * Pitch, down, Width, rows + g * Channels * BilinearRow.BlendedPitch(Width));
            }

            RowLoop.RunOverlapping<V, Body>(new(this, thresholds, groupPitch, rows, scratch, means, signs), Width);
            signs = signs is null ? null : signs + TargetPitch;
        }
    }

    private readonly struct Body(AveragedRows all, float* thresholds, int groupPitch, float* rows, float* bits, float* means, byte* signs) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            int pitch = BilinearRow.BlendedPitch(all.Width), groups = all.Groups, channels = all.Channels;
            V leftWeight = V.Broadcast(0.75f), rightWeight = V.Broadcast(0.25f), share = V.Broadcast(1f / groups);
            for (int c = 0; c < channels; c++)
            {
                // Two columns of signs are an integer of 16 bits.
                V leftBit = V.BroadcastInt32(1 << c), rightBit = V.BroadcastInt32(256 << c), leftSum = V.Broadcast(0), rightSum = leftSum;
                float* row = rows + BilinearRow.Before + c * pitch + index, sum = bits, threshold = thresholds + c;
                for (int g = 0; g < groups; g++, row += channels * pitch, sum += V.Count, threshold += groupPitch)
                {
                    V at = V.Load(row), least = V.Broadcast(*threshold), negative = c == 0 ? V.Broadcast(0) : V.Load(sum);
                    V left = BilinearRow.Blend(V.Load(row - 1), at, leftWeight), right = BilinearRow.Blend(at, V.Load(row + 1), rightWeight);
                    negative = V.OrUnlessGreaterOrEqual(left, least, negative, leftBit);
                    V.OrUnlessGreaterOrEqual(right, least, negative, rightBit).Store(sum);
                    (leftSum, rightSum) = g == 0 ? (left, right) : (leftSum + left, rightSum + right);
                }

                (leftSum, rightSum) = (leftSum * share, rightSum * share);
                float* mean = means + c * all.MeanPitch + 2 * index;
                V.MergeLow(leftSum, rightSum).Store(mean);
                V.MergeHigh(leftSum, rightSum).Store(mean + V.Count);
            }

            for (int g = 0; signs is not null && g < groups; g++)
            {
                V.StoreInt32AsUInt16(V.Load(bits + g * V.Count), (ushort*)(signs + g * all.SignPitch) + index);
            }
        }
    }
}
