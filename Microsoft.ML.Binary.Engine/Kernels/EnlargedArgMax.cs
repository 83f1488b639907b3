using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// For each pixel of a row that is enlarged 2 or 4 times (see <see cref="BilinearRow"/>) the channel with the highest value; of equal ones the first. The
/// enlarged values stay in registers.
/// </summary>
/// <param name="rows">Blended rows of the channels, as <see cref="BilinearRow.BlendRows"/> makes them.</param>
/// <param name="pitch">Floats from one of them to the next.</param>
/// <param name="channels">Number of channels, at most 256.</param>
/// <param name="factor">2 or 4.</param>
/// <param name="labels">Receives a byte for each pixel.</param>
internal readonly unsafe struct EnlargedArgMax(float* rows, int pitch, int channels, int factor, byte* labels) : IRowBody
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        // The columns that are made of one source column are the bytes of one integer.
        int half = factor / 2;
        V all = V.BroadcastInt32(0);
        for (int j = 0; j < half; j++)
        {
            (float before, float after) = BilinearRow.Weights(j, factor);
            V leftWeight = V.Broadcast(before), rightWeight = V.Broadcast(after);
            float* row = rows + BilinearRow.Before + index;
            V at = V.Load(row), leftIndex = V.BroadcastInt32(0), rightIndex = leftIndex;
            V left = BilinearRow.Blend(V.Load(row - 1), at, leftWeight), right = BilinearRow.Blend(at, V.Load(row + 1), rightWeight);
            for (int c = 1; c < channels; c++)
            {
                row += pitch;
                at = V.Load(row);
                V number = V.BroadcastInt32(c);
                V nextLeft = BilinearRow.Blend(V.Load(row - 1), at, leftWeight), nextRight = BilinearRow.Blend(at, V.Load(row + 1), rightWeight);
                leftIndex = V.SelectGreater(nextLeft, left, number, leftIndex);
                left = V.SelectGreater(nextLeft, left, nextLeft, left);
                rightIndex = V.SelectGreater(nextRight, right, number, rightIndex);
                right = V.SelectGreater(nextRight, right, nextRight, right);
            }

            all |= V.ShiftLeftInt32(leftIndex, 8 * j) | V.ShiftLeftInt32(rightIndex, 8 * (j + half));
        }

        if (factor == 4)
        {
            all.Store((float*)labels + index);
        }
        else
        {
            V.StoreInt32AsUInt16(all, (ushort*)labels + index);
        }
    }
}
