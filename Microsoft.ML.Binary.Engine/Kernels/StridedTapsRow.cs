using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One row of a depthwise 3x3 convolution that moves by two pixels, from three rows of the source as they are:
/// <c>target[x] = bias + sum over taps t of weights[t] * source[t / 3 * pitch + 2 x + t % 3]</c>, added in the order of t; products and sums
/// rounded separately, and then <see cref="FloatConvolution.Activate"/>.
/// </summary>
/// <param name="source">Three rows from the one above and the column to the left of the first window's centre on.</param>
/// <param name="pitch">Floats from one row to the next.</param>
/// <param name="weights">Nine weights, row by row.</param>
/// <param name="bias">What is added.</param>
/// <param name="activation">Shift, slope and offset, or null.</param>
/// <param name="target">Receives the row.</param>
internal readonly unsafe struct StridedTapsRow(float* source, int pitch, float* weights, float bias, float* activation, float* target) : IRowBody
{
    public const int Taps = 9;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        V sum = V.Broadcast(bias);
        float* row = source + 2 * index;
        for (int t = 0; t < Taps; t += 3, row += pitch)
        {
            // Read so that nothing beyond the last window's right column is touched.
            V a = V.Load(row), b = V.Load(row + V.Count);
            sum += V.Even(a, b) * V.Broadcast(weights[t]);
            sum += V.Odd(a, b) * V.Broadcast(weights[t + 1]);
            sum += V.Odd(V.Load(row + 1), V.Load(row + V.Count + 1)) * V.Broadcast(weights[t + 2]);
        }

        if (activation is not null)
        {
            sum = FloatConvolution.Activate(sum, V.Broadcast(activation[0]), V.Broadcast(activation[1]), V.Broadcast(activation[2]));
        }

        sum.Store(target + index);
    }
}
