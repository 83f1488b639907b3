using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The logistic function of a row of pixels.</summary>
internal static class SigmoidRow
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> values, Span<float> target)
    {
        int x = 0;
        for (; x <= target.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            VectorExponential.Sigmoid(new Vector<float>(values[x..])).CopyTo(target[x..]);
        }

        for (; x < target.Length; x++)
        {
            target[x] = Exponential.Sigmoid(values[x]);
        }
    }
}
