using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> block, bool exact)
    {
        switch (exact, Vector512.IsHardwareAccelerated)
        {
            case (true, true):
                RunWide<Separate>(values, offsets, weights, bias, block);
                break;
            case (true, false):
                Run<Separate>(values, offsets, weights, bias, block);
                break;
            case (false, true):
                RunWide<Fused>(values, offsets, weights, bias, block);
                break;
            case (false, false):
                Run<Fused>(values, offsets, weights, bias, block);
                break;
        }
    }

    /// <summary>One output channel; a step is a tap of one input channel (depthwise convolution).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    // 4 output channels x 64 pixels in 16 of the 32 registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void RunWide<TArithmetic>(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> block)
        where TArithmetic : IMultiplyAdd
    {
        int pixels = block.Length / Outputs;
        fixed (float* source = values, weight = weights, target = block)
        fixed (int* offset = offsets)
        {
            for (int p = 0; p < pixels; p += 64)
            {
                Vector512<float> a0 = Vector512.Create(bias[0]), a1 = a0, a2 = a0, a3 = a0;
                Vector512<float> b0 = Vector512.Create(bias[1]), b1 = b0, b2 = b0, b3 = b0;
                Vector512<float> c0 = Vector512.Create(bias[2]), c1 = c0, c2 = c0, c3 = c0;
                Vector512<float> d0 = Vector512.Create(bias[3]), d1 = d0, d2 = d0, d3 = d0;
                for (int s = 0; s < offsets.Length; s++)
                {
                    float* pixel = source + offset[s] + p;
                    float* w = weight + Outputs * s;
                    Vector512<float> x0 = Vector512.Load(pixel), x1 = Vector512.Load(pixel + 16);
                    Vector512<float> x2 = Vector512.Load(pixel + 32), x3 = Vector512.Load(pixel + 48);
                    Vector512<float> scale = Vector512.Create(w[0]);
                    a0 = TArithmetic.MultiplyAdd(scale, x0, a0);
                    a1 = TArithmetic.MultiplyAdd(scale, x1, a1);
                    a2 = TArithmetic.MultiplyAdd(scale, x2, a2);
                    a3 = TArithmetic.MultiplyAdd(scale, x3, a3);
                    scale = Vector512.Create(w[1]);
                    b0 = TArithmetic.MultiplyAdd(scale, x0, b0);
                    b1 = TArithmetic.MultiplyAdd(scale, x1, b1);
                    b2 = TArithmetic.MultiplyAdd(scale, x2, b2);
                    b3 = TArithmetic.MultiplyAdd(scale, x3, b3);
                    scale = Vector512.Create(w[2]);
                    c0 = TArithmetic.MultiplyAdd(scale, x0, c0);
                    c1 = TArithmetic.MultiplyAdd(scale, x1, c1);
                    c2 = TArithmetic.MultiplyAdd(scale, x2, c2);
                    c3 = TArithmetic.MultiplyAdd(scale, x3, c3);
                    scale = Vector512.Create(w[3]);
                    d0 = TArithmetic.MultiplyAdd(scale, x0, d0);
                    d1 = TArithmetic.MultiplyAdd(scale, x1, d1);
                    d2 = TArithmetic.MultiplyAdd(scale, x2, d2);
                    d3 = TArithmetic.MultiplyAdd(scale, x3, d3);
                }

                float* row = target + p;
                Store(row, a0, a1, a2, a3);
                Store(row + pixels, b0, b1, b2, b3);
                Store(row + 2 * pixels, c0, c1, c2, c3);
                Store(row + 3 * pixels, d0, d1, d2, d3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Store(float* row, Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        a.Store(row);
        b.Store(row + 16);
        c.Store(row + 32);
        d.Store(row + 48);
    }

    private interface IMultiplyAdd
    {
        static abstract Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> sum);

        static abstract Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> sum);
    }

    private readonly struct Separate : IMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> sum) => a * b + sum;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> sum) => a * b + sum;
    }

    private readonly struct Fused : IMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> MultiplyAdd(Vector<float> a, Vector<float> b, Vector<float> sum) => Vector.MultiplyAddEstimate(a, b, sum);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> sum) => Vector512.MultiplyAddEstimate(a, b, sum);
    }
}
