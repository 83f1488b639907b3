using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary><see cref="TapProduct"/> for 256-bit vectors: 6 output channels x 2 vectors of pixels stay in registers.</summary>
internal static unsafe class TapProduct6x2Vector256
{
    public const int Outputs = 6;

    public static void Tile(int terms, float* weight, int* offsets, float* x, float* y, int yPlane, int pixels)
    {
        int step = 2 * Vector256<float>.Count;
        for (int v = 0; v < pixels; v += step)
        {
            Block(terms, weight, offsets, x + v, y + v, yPlane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(int terms, float* weight, int* offsets, float* x, float* y, int yPlane)
    {
        Vector256<float> a0a = Vector256<float>.Zero, a0b = Vector256<float>.Zero;
        Vector256<float> a1a = Vector256<float>.Zero, a1b = Vector256<float>.Zero;
        Vector256<float> a2a = Vector256<float>.Zero, a2b = Vector256<float>.Zero;
        Vector256<float> a3a = Vector256<float>.Zero, a3b = Vector256<float>.Zero;
        Vector256<float> a4a = Vector256<float>.Zero, a4b = Vector256<float>.Zero;
        Vector256<float> a5a = Vector256<float>.Zero, a5b = Vector256<float>.Zero;
        for (int t = 0; t < terms; t++)
        {
            float* p = x + offsets[t];
            Vector256<float> xa = Vector256.Load(p);
            Vector256<float> xb = Vector256.Load(p + Vector256<float>.Count);
            Vector256<float> w;
            w = Vector256.Create(weight[0]);
            a0a = Vector256.FusedMultiplyAdd(xa, w, a0a);
            a0b = Vector256.FusedMultiplyAdd(xb, w, a0b);
            w = Vector256.Create(weight[1]);
            a1a = Vector256.FusedMultiplyAdd(xa, w, a1a);
            a1b = Vector256.FusedMultiplyAdd(xb, w, a1b);
            w = Vector256.Create(weight[2]);
            a2a = Vector256.FusedMultiplyAdd(xa, w, a2a);
            a2b = Vector256.FusedMultiplyAdd(xb, w, a2b);
            w = Vector256.Create(weight[3]);
            a3a = Vector256.FusedMultiplyAdd(xa, w, a3a);
            a3b = Vector256.FusedMultiplyAdd(xb, w, a3b);
            w = Vector256.Create(weight[4]);
            a4a = Vector256.FusedMultiplyAdd(xa, w, a4a);
            a4b = Vector256.FusedMultiplyAdd(xb, w, a4b);
            w = Vector256.Create(weight[5]);
            a5a = Vector256.FusedMultiplyAdd(xa, w, a5a);
            a5b = Vector256.FusedMultiplyAdd(xb, w, a5b);
            weight += 6;
        }

        Store(y, a0a, a0b);
        Store(y + yPlane, a1a, a1b);
        Store(y + 2 * yPlane, a2a, a2b);
        Store(y + 3 * yPlane, a3a, a3b);
        Store(y + 4 * yPlane, a4a, a4b);
        Store(y + 5 * yPlane, a5a, a5b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector256<float> a, Vector256<float> b)
    {
        a.Store(y);
        b.Store(y + Vector256<float>.Count);
    }
}
