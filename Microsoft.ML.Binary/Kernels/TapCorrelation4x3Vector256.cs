using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary><see cref="TapCorrelation"/> for 256-bit vectors: 4 output channels x 3 taps stay in registers.</summary>
internal static unsafe class TapCorrelation4x3Vector256
{
    public const int Outputs = 4;
    public const int Taps = 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(
        float* dy, int dyPlane, float* x, int* offsets, float* gradient, int terms, int pixels, int segments, int dySegment, int xSegment)
    {
        Vector256<float> a0a = Vector256<float>.Zero, a0b = Vector256<float>.Zero, a0c = Vector256<float>.Zero;
        Vector256<float> a1a = Vector256<float>.Zero, a1b = Vector256<float>.Zero, a1c = Vector256<float>.Zero;
        Vector256<float> a2a = Vector256<float>.Zero, a2b = Vector256<float>.Zero, a2c = Vector256<float>.Zero;
        Vector256<float> a3a = Vector256<float>.Zero, a3b = Vector256<float>.Zero, a3c = Vector256<float>.Zero;
        for (int s = 0; s < segments; s++)
        {
            float* pa = x + s * (long)xSegment + offsets[0];
            float* pb = x + s * (long)xSegment + offsets[1];
            float* pc = x + s * (long)xSegment + offsets[2];
            float* g = dy + s * (long)dySegment;
            for (int v = 0; v < pixels; v += Vector256<float>.Count)
            {
                Vector256<float> xa = Vector256.Load(pa + v);
                Vector256<float> xb = Vector256.Load(pb + v);
                Vector256<float> xc = Vector256.Load(pc + v);
                Vector256<float> d;
                d = Vector256.Load(g + v);
                a0a = Vector256.FusedMultiplyAdd(d, xa, a0a);
                a0b = Vector256.FusedMultiplyAdd(d, xb, a0b);
                a0c = Vector256.FusedMultiplyAdd(d, xc, a0c);
                d = Vector256.Load(g + dyPlane + v);
                a1a = Vector256.FusedMultiplyAdd(d, xa, a1a);
                a1b = Vector256.FusedMultiplyAdd(d, xb, a1b);
                a1c = Vector256.FusedMultiplyAdd(d, xc, a1c);
                d = Vector256.Load(g + 2 * dyPlane + v);
                a2a = Vector256.FusedMultiplyAdd(d, xa, a2a);
                a2b = Vector256.FusedMultiplyAdd(d, xb, a2b);
                a2c = Vector256.FusedMultiplyAdd(d, xc, a2c);
                d = Vector256.Load(g + 3 * dyPlane + v);
                a3a = Vector256.FusedMultiplyAdd(d, xa, a3a);
                a3b = Vector256.FusedMultiplyAdd(d, xb, a3b);
                a3c = Vector256.FusedMultiplyAdd(d, xc, a3c);
            }
        }

        Add(gradient, a0a, a0b, a0c);
        Add(gradient + terms, a1a, a1b, a1c);
        Add(gradient + 2 * terms, a2a, a2b, a2c);
        Add(gradient + 3 * terms, a3a, a3b, a3c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* gradient, Vector256<float> a, Vector256<float> b, Vector256<float> c)
    {
        gradient[0] += Vector256.Sum(a);
        gradient[1] += Vector256.Sum(b);
        gradient[2] += Vector256.Sum(c);
    }
}
