using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary><see cref="TapProduct"/> for 512-bit vectors: 12 output channels x 2 vectors of pixels stay in registers.</summary>
internal static unsafe class TapProduct12x2Vector512
{
    public const int Outputs = 12;

    public static void Tile(int terms, float* weight, int* offsets, float* x, float* y, int yPlane, int pixels)
    {
        int step = 2 * Vector512<float>.Count;
        for (int v = 0; v < pixels; v += step)
        {
            Block(terms, weight, offsets, x + v, y + v, yPlane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(int terms, float* weight, int* offsets, float* x, float* y, int yPlane)
    {
        Vector512<float> a0a = Vector512<float>.Zero, a0b = Vector512<float>.Zero;
        Vector512<float> a1a = Vector512<float>.Zero, a1b = Vector512<float>.Zero;
        Vector512<float> a2a = Vector512<float>.Zero, a2b = Vector512<float>.Zero;
        Vector512<float> a3a = Vector512<float>.Zero, a3b = Vector512<float>.Zero;
        Vector512<float> a4a = Vector512<float>.Zero, a4b = Vector512<float>.Zero;
        Vector512<float> a5a = Vector512<float>.Zero, a5b = Vector512<float>.Zero;
        Vector512<float> a6a = Vector512<float>.Zero, a6b = Vector512<float>.Zero;
        Vector512<float> a7a = Vector512<float>.Zero, a7b = Vector512<float>.Zero;
        Vector512<float> a8a = Vector512<float>.Zero, a8b = Vector512<float>.Zero;
        Vector512<float> a9a = Vector512<float>.Zero, a9b = Vector512<float>.Zero;
        Vector512<float> a10a = Vector512<float>.Zero, a10b = Vector512<float>.Zero;
        Vector512<float> a11a = Vector512<float>.Zero, a11b = Vector512<float>.Zero;
        for (int t = 0; t < terms; t++)
        {
            float* p = x + offsets[t];
            Vector512<float> xa = Vector512.Load(p);
            Vector512<float> xb = Vector512.Load(p + Vector512<float>.Count);
            Vector512<float> w;
            w = Vector512.Create(weight[0]);
            a0a = Vector512.FusedMultiplyAdd(xa, w, a0a);
            a0b = Vector512.FusedMultiplyAdd(xb, w, a0b);
            w = Vector512.Create(weight[1]);
            a1a = Vector512.FusedMultiplyAdd(xa, w, a1a);
            a1b = Vector512.FusedMultiplyAdd(xb, w, a1b);
            w = Vector512.Create(weight[2]);
            a2a = Vector512.FusedMultiplyAdd(xa, w, a2a);
            a2b = Vector512.FusedMultiplyAdd(xb, w, a2b);
            w = Vector512.Create(weight[3]);
            a3a = Vector512.FusedMultiplyAdd(xa, w, a3a);
            a3b = Vector512.FusedMultiplyAdd(xb, w, a3b);
            w = Vector512.Create(weight[4]);
            a4a = Vector512.FusedMultiplyAdd(xa, w, a4a);
            a4b = Vector512.FusedMultiplyAdd(xb, w, a4b);
            w = Vector512.Create(weight[5]);
            a5a = Vector512.FusedMultiplyAdd(xa, w, a5a);
            a5b = Vector512.FusedMultiplyAdd(xb, w, a5b);
            w = Vector512.Create(weight[6]);
            a6a = Vector512.FusedMultiplyAdd(xa, w, a6a);
            a6b = Vector512.FusedMultiplyAdd(xb, w, a6b);
            w = Vector512.Create(weight[7]);
            a7a = Vector512.FusedMultiplyAdd(xa, w, a7a);
            a7b = Vector512.FusedMultiplyAdd(xb, w, a7b);
            w = Vector512.Create(weight[8]);
            a8a = Vector512.FusedMultiplyAdd(xa, w, a8a);
            a8b = Vector512.FusedMultiplyAdd(xb, w, a8b);
            w = Vector512.Create(weight[9]);
            a9a = Vector512.FusedMultiplyAdd(xa, w, a9a);
            a9b = Vector512.FusedMultiplyAdd(xb, w, a9b);
            w = Vector512.Create(weight[10]);
            a10a = Vector512.FusedMultiplyAdd(xa, w, a10a);
            a10b = Vector512.FusedMultiplyAdd(xb, w, a10b);
            w = Vector512.Create(weight[11]);
            a11a = Vector512.FusedMultiplyAdd(xa, w, a11a);
            a11b = Vector512.FusedMultiplyAdd(xb, w, a11b);
            weight += 12;
        }

        Store(y, a0a, a0b);
        Store(y + yPlane, a1a, a1b);
        Store(y + 2 * yPlane, a2a, a2b);
        Store(y + 3 * yPlane, a3a, a3b);
        Store(y + 4 * yPlane, a4a, a4b);
        Store(y + 5 * yPlane, a5a, a5b);
        Store(y + 6 * yPlane, a6a, a6b);
        Store(y + 7 * yPlane, a7a, a7b);
        Store(y + 8 * yPlane, a8a, a8b);
        Store(y + 9 * yPlane, a9a, a9b);
        Store(y + 10 * yPlane, a10a, a10b);
        Store(y + 11 * yPlane, a11a, a11b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector512<float> a, Vector512<float> b)
    {
        a.Store(y);
        b.Store(y + Vector512<float>.Count);
    }
}
