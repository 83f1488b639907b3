using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The numerators and the denominator of a softmax for many pixels side by side: entry t of pixel p is <c>rows[t * pixels + p]</c>. The
/// sum runs over t in order, so that every pixel's result is what a plain loop gives.
/// </summary>
internal static class Softmax
{
    /// <summary>
    /// Replaces x by exp(x - max over t) and puts the sums over t into <paramref name="sums"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(Span<float> rows, Span<float> sums)
    {
        int pixels = sums.Length, p = 0;
        for (; p <= pixels - Vector<float>.Count; p += Vector<float>.Count)
        {
            Vector<float> highest = new(float.NegativeInfinity), sum = default;
            for (int at = p; at < rows.Length; at += pixels)
            {
                highest = Vector.Max(highest, new Vector<float>(rows[at..]));
            }

            for (int at = p; at < rows.Length; at += pixels)
            {
                Vector<float> e = VectorExponential.Exp(new Vector<float>(rows[at..]) - highest);
                e.CopyTo(rows[at..]);
                sum += e;
            }

            sum.CopyTo(sums[p..]);
        }

        for (; p < pixels; p++)
        {
            float highest = float.NegativeInfinity, sum = 0;
            for (int at = p; at < rows.Length; at += pixels)
            {
                highest = Math.Max(highest, rows[at]);
            }

            for (int at = p; at < rows.Length; at += pixels)
            {
                rows[at] = Exponential.Exp(rows[at] - highest);
                sum += rows[at];
            }

            sums[p] = sum;
        }
    }
}
