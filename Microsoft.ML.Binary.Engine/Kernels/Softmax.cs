using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The numerators and the denominator of a softmax for many pixels side by side: entry t of pixel p is <c>rows[t * pixels + p]</c>. Replaces
/// x by exp(x - max over t) and writes the sums over t. The sum runs over t in order, so that every pixel's result is what a plain loop gives.
/// </summary>
internal readonly unsafe struct Softmax(float* rows, int entries, int pixels, float* sums) : IRowBody
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        V highest = V.Broadcast(float.NegativeInfinity), sum = V.Broadcast(0);
        float* end = rows + (nint)entries * pixels;
        for (float* entry = rows + index; entry < end; entry += pixels)
        {
            highest = V.Max(highest, V.Load(entry));
        }

        for (float* entry = rows + index; entry < end; entry += pixels)
        {
            V e = Exponential.Exp(V.Load(entry) - highest);
            e.Store(entry);
            sum += e;
        }

        sum.Store(sums + index);
    }
}
