using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary><see cref="TapCorrelation"/> for 512-bit vectors: 8 output channels x 3 taps stay in registers.</summary>
internal static unsafe class TapCorrelation8x3Vector512
{
    public const int Outputs = 8;
    public const int Taps = 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(
        float* dy, int dyPlane, float* x, int* offsets, float* gradient, int terms, int pixels, int segments, int dySegment, int xSegment)
    {
        Vector512<float> a0a = Vector512<float>.Zero, a0b = Vector512<float>.Zero, a0c = Vector512<float>.Zero;
        Vector512<float> a1a = Vector512<float>.Zero, a1b = Vector512<float>.Zero, a1c = Vector512<float>.Zero;
        Vector512<float> a2a = Vector512<float>.Zero, a2b = Vector512<float>.Zero, a2c = Vector512<float>.Zero;
        Vector512<float> a3a = Vector512<float>.Zero, a3b = Vector512<float>.Zero, a3c = Vector512<float>.Zero;
        Vector512<float> a4a = Vector512<float>.Zero, a4b = Vector512<float>.Zero, a4c = Vector512<float>.Zero;
        Vector512<float> a5a = Vector512<float>.Zero, a5b = Vector512<float>.Zero, a5c = Vector512<float>.Zero;
        Vector512<float> a6a = Vector512<float>.Zero, a6b = Vector512<float>.Zero, a6c = Vector512<float>.Zero;
        Vector512<float> a7a = Vector512<float>.Zero, a7b = Vector512<float>.Zero, a7c = Vector512<float>.Zero;
        for (int s = 0; s < segments; s++)
        {
            float* pa = x + s * (long)xSegment + offsets[0];
            float* pb = x + s * (long)xSegment + offsets[1];
            float* pc = x + s * (long)xSegment + offsets[2];
            float* g = dy + s * (long)dySegment;
            for (int v = 0; v < pixels; v += Vector512<float>.Count)
            {
                Vector512<float> xa = Vector512.Load(pa + v);
                Vector512<float> xb = Vector512.Load(pb + v);
                Vector512<float> xc = Vector512.Load(pc + v);
                Vector512<float> d;
                d = Vector512.Load(g + v);
                a0a = Vector512.FusedMultiplyAdd(d, xa, a0a);
                a0b = Vector512.FusedMultiplyAdd(d, xb, a0b);
                a0c = Vector512.FusedMultiplyAdd(d, xc, a0c);
                d = Vector512.Load(g + dyPlane + v);
                a1a = Vector512.FusedMultiplyAdd(d, xa, a1a);
                a1b = Vector512.FusedMultiplyAdd(d, xb, a1b);
                a1c = Vector512.FusedMultiplyAdd(d, xc, a1c);
                d = Vector512.Load(g + 2 * dyPlane + v);
                a2a = Vector512.FusedMultiplyAdd(d, xa, a2a);
                a2b = Vector512.FusedMultiplyAdd(d, xb, a2b);
                a2c = Vector512.FusedMultiplyAdd(d, xc, a2c);
                d = Vector512.Load(g + 3 * dyPlane + v);
                a3a = Vector512.FusedMultiplyAdd(d, xa, a3a);
                a3b = Vector512.FusedMultiplyAdd(d, xb, a3b);
                a3c = Vector512.FusedMultiplyAdd(d, xc, a3c);
                d = Vector512.Load(g + 4 * dyPlane + v);
                a4a = Vector512.FusedMultiplyAdd(d, xa, a4a);
                a4b = Vector512.FusedMultiplyAdd(d, xb, a4b);
                a4c = Vector512.FusedMultiplyAdd(d, xc, a4c);
                d = Vector512.Load(g + 5 * dyPlane + v);
                a5a = Vector512.FusedMultiplyAdd(d, xa, a5a);
                a5b = Vector512.FusedMultiplyAdd(d, xb, a5b);
                a5c = Vector512.FusedMultiplyAdd(d, xc, a5c);
                d = Vector512.Load(g + 6 * dyPlane + v);
                a6a = Vector512.FusedMultiplyAdd(d, xa, a6a);
                a6b = Vector512.FusedMultiplyAdd(d, xb, a6b);
                a6c = Vector512.FusedMultiplyAdd(d, xc, a6c);
                d = Vector512.Load(g + 7 * dyPlane + v);
                a7a = Vector512.FusedMultiplyAdd(d, xa, a7a);
                a7b = Vector512.FusedMultiplyAdd(d, xb, a7b);
                a7c = Vector512.FusedMultiplyAdd(d, xc, a7c);
            }
        }

        Add(gradient, a0a, a0b, a0c);
        Add(gradient + terms, a1a, a1b, a1c);
        Add(gradient + 2 * terms, a2a, a2b, a2c);
        Add(gradient + 3 * terms, a3a, a3b, a3c);
        Add(gradient + 4 * terms, a4a, a4b, a4c);
        Add(gradient + 5 * terms, a5a, a5b, a5c);
        Add(gradient + 6 * terms, a6a, a6b, a6c);
        Add(gradient + 7 * terms, a7a, a7b, a7c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* gradient, Vector512<float> a, Vector512<float> b, Vector512<float> c)
    {
        gradient[0] += Vector512.Sum(a);
        gradient[1] += Vector512.Sum(b);
        gradient[2] += Vector512.Sum(c);
    }
}
