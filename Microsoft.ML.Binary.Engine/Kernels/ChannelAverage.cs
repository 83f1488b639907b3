using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The mean of one channel in the order of sums that <see cref="Graph.SqueezeExcitation"/> states.</summary>
internal static unsafe class ChannelAverage
{
    private const int Sums = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Run<V>(float* plane, int pitch, int width, int height) where V : struct, ILanes<V>
    {
        float* sums = stackalloc float[Sums];
        double total = 0;
        for (int row = 0; row < height; row++)
        {
            total += Row<V>(plane + (nint)row * pitch, width, sums);
        }

        return (float)(total / ((long)width * height));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Row<V>(float* row, int width, float* sums) where V : struct, ILanes<V>
    {
        int whole = width / Sums * Sums;
        for (int part = 0; part < Sums; part += V.Count)
        {
            V sum = V.Broadcast(0);
            for (int x = part; x < whole; x += Sums)
            {
                sum += V.Load(row + x);
            }

            sum.Store(sums + part);
        }

        for (int x = whole; x < width; x++)
        {
            sums[x - whole] += row[x];
        }

        for (int half = Sums / 2; half > 0; half /= 2)
        {
            for (int j = 0; j < half; j++)
            {
                sums[j] += sums[j + half];
            }
        }

        return sums[0];
    }
}
