using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The signs of a row of twice as many columns, of channels that share a plane: columns 2 x and 2 x + 1 of a channel are column x of two source planes.
/// </summary>
/// <param name="values">Real planes.</param>
/// <param name="offsets">Where the row of the even and of the odd columns of the first channel lies in them, and of each channel four later.</param>
/// <param name="thresholds">For each channel.</param>
/// <param name="channels">Number of channels, at most 8.</param>
/// <param name="signs">Receives the row: bit k of a byte is set where channel k is under its threshold.</param>
internal readonly unsafe struct ShuffledSigns(float* values, int* offsets, float* thresholds, int channels, byte* signs) : IRowBody
{
    /// <summary>Source planes of a channel: two rows of two columns.</summary>
    public const int Planes = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        // Two columns are an integer of 16 bits.
        V bits = V.BroadcastInt32(0);
        float* source = values + index;
        for (int c = 0; c < channels; c++)
        {
            V least = V.Broadcast(thresholds[c]);
            bits = V.OrUnlessGreaterOrEqual(bits, V.BroadcastInt32(1 << c), V.Load(source + offsets[Planes * c]), least);
            bits = V.OrUnlessGreaterOrEqual(bits, V.BroadcastInt32(256 << c), V.Load(source + offsets[Planes * c + 1]), least);
        }

        V.StoreInt32AsUInt16(bits, (ushort*)signs + index);
    }
}
