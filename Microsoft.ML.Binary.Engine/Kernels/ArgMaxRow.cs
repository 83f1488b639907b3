using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>For each pixel of a row the channel with the highest value; of equal ones the first.</summary>
/// <param name="values">Channel c of the row starts at <c>values[c * pitch]</c>.</param>
/// <param name="channels">Number of channels, at most 256.</param>
/// <param name="pitch">Floats from one channel to the next.</param>
/// <param name="indices">Receives the channels.</param>
internal readonly unsafe struct ArgMaxRow(float* values, int channels, int pitch, int* indices) : IRowBody
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        float* source = values + index;
        V best = V.Load(source), at = V.BroadcastInt32(0);
        for (int c = 1; c < channels; c++)
        {
            source += pitch;
            V value = V.Load(source), better = V.Greater(value, best);
            best = V.Select(better, value, best);
            at = V.Select(better, V.BroadcastInt32(c), at);
        }

        at.Store((float*)indices + index);
    }
}
