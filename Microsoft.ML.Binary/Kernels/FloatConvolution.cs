using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Real-valued sums of products of a range of pixels for four output channels:
/// <c>block[o * pixels + p] = bias[o] + sum over steps s of weights[4 s + o] * values[offsets[s] + p]</c>, added in the order of s.
/// It is the inner loop of convolutions (a step is an input channel at one tap) and of attention (a step is a token, or a key channel).
/// </summary>
internal static class FloatConvolution
{
    public const int Outputs = 4;

    /// <summary>
    /// Computes four rows of pixels.
    /// </summary>
    /// <param name="values">Real planes.</param>
    /// <param name="offsets">For each step, where its first pixel lies in <paramref name="values"/>.</param>
    /// <param name="weights">For each step the weights of the four outputs.</param>
    /// <param name="bias">Four values.</param>
    /// <param name="block">Four rows of as many pixels, a multiple of <see cref="PlaneLayout.Tile"/>.</param>
    /// <param name="exact">Whether products and sums are rounded separately; otherwise they may be fused.</param>
    public static void Run(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> block, bool exact)
    {
        if (exact)
        {
            Run<Separate>(values, offsets, weights, bias, block);
        }
        else
        {
            Run<Fused>(values, offsets, weights, bias, block);
        }
    }

    /// <summary>One output channel; a step is a tap of one input channel (depthwise convolution).</summary>
    public static void RunSingle(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, float bias, Span<float> row)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        for (int p = 0; p < row.Length; p += 2 * Vector<float>.Count)
        {
            Vector<float> a = new(bias), b = a;
            for (int s = 0; s < offsets.Length; s++)
            {
                Vector<float> weight = new(weights[s]);
                nuint at = (nuint)(offsets[s] + p);
                a += weight * Vector.LoadUnsafe(ref source, at);
                b += weight * Vector.LoadUnsafe(ref source, at + (nuint)Vector<float>.Count);
            }

            a.CopyTo(row[p..]);
            b.CopyTo(row[(p + Vector<float>.Count)..]);
        }
    }

    private static unsafe void Run<TArithmetic>(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> block)
        where TArithmetic : IMultiplyAdd
    {
        int pixels = block.Length / Outputs, lanes = Vector<float>.Count;
        fixed (float* source = values, weight = weights, target = block)
        fixed (int* offset = offsets)
        {
            for (int p = 0; p < pixels; p += 2 * lanes)
            {
                Vector<float> a0 = new(bias[0]), a1 = a0, b0 = new(bias[1]), b1 = b0;
                Vector<float> c0 = new(bias[2]), c1 = c0, d0 = new(bias[3]), d1 = d0;
                for (int s = 0; s < offsets.Length; s++)
                {
                    float* pixel = source + offset[s] + p;
                    float* w = weight + Outputs * s;
                    Vector<float> x0 = Vector.Load(pixel), x1 = Vector.Load(pixel + lanes);
                    Vector<float> scale = new(w[0]);
                    a0 = TArithmetic.MultiplyAdd(scale, x0, a0);
                    a1 = TArithmetic.MultiplyAdd(scale, x1, a1);
                    scale = new(w[1]);
                    b0 = TArithmetic.MultiplyAdd(scale, x0, b0);
                    b1 = TArithmetic.MultiplyAdd(scale, x1, b1);
                    scale = new(w[2]);
                    c0 = TArithmetic.MultiplyAdd(scale, x0, c0);
                    c1 = TArithmetic.MultiplyAdd(scale, x1, c1);
                    scale = new(w[3]);
                    d0 = TArithmetic.MultiplyAdd(scale, x0, d0);
                    d1 = TArithmetic.MultiplyAdd(scale, x1, d1);
                }

                float* row = target + p;
                Vector.Store(a0, row);
                Vector.Store(a1, row + lanes);
                Vector.Store(b0, row + pixels);
                Vector.Store(b1, row + pixels + lanes);
                Vector.Store(c0, row + 2 * pixels);
                Vector.Store(c1, row + 2 * pixels + lanes);
                Vector.Store(d0, row + 3 * pixels);
                Vector.Store(d1, row + 3 * pixels + lanes);
            }
        }
    }

    private interface IMultiplyAdd
    {
        static abstract Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> sum);
    }

    private readonly struct Separate : IMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> sum) => a * b + sum;
    }

    private readonly struct Fused : IMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> sum) => Vector.MultiplyAddEstimate(a, b, sum);
    }
}
