using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The gradient of a convolution's weights: gradient[o][t] += sum over images and pixels v of dy[o][v] * x[offset[t] + v]. The padding
/// columns of dy hold zeros, so a plane is one contiguous run. Images are summed inside the tile (small maps would otherwise spend their
/// time adding up the lanes), and long planes go in chunks whose dy stays in the first-level cache. Vectors of another width add in another order.
/// </summary>
internal static unsafe class WeightGradient
{
    /// <summary>Output channels of one tile; callers give room for whole tiles.</summary>
    public const int TileOutputs = 4;

    /// <summary>Terms of one tile.</summary>
    public const int TileTerms = 3;

    private const int Chunk = 512;

    /// <summary>
    /// Adds one tile of output channels, all terms. <paramref name="gradient"/> has <paramref name="terms"/> floats for each of
    /// <see cref="TileOutputs"/> channels; terms is a multiple of <see cref="TileTerms"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(
        float* dy, int dyPlane, long dyImage, float* x, long xImage, int* offsets, float* gradient, int terms, int pixels, int images)
        where V : struct, ILanes<V>
    {
        if (pixels <= Chunk)
        {
            Tiles<V>(dy, dyPlane, x, offsets, gradient, terms, pixels, images, (int)dyImage, (int)xImage);
            return;
        }

        for (int image = 0; image < images; image++)
        {
            for (int v = 0; v < pixels; v += Chunk)
            {
                Tiles<V>(dy + image * dyImage + v, dyPlane, x + image * xImage + v, offsets, gradient, terms, Math.Min(Chunk, pixels - v), 1, 0, 0);
            }
        }
    }

    private static void Tiles<V>(
        float* dy, int dyPlane, float* x, int* offsets, float* gradient, int terms, int pixels, int segments, int dySegment, int xSegment)
        where V : struct, ILanes<V>
    {
        for (int t = 0; t < terms; t += TileTerms)
        {
            Tile<V>(dy, dyPlane, x, offsets + t, gradient + t, terms, pixels, segments, dySegment, xSegment);
        }
    }

    /// <summary>Adds <see cref="TileOutputs"/> channels x <see cref="TileTerms"/> terms, whose sums stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile<T>(
        float* dy, int dyPlane, float* x, int* offsets, float* gradient, int terms, int pixels, int segments, int dySegment, int xSegment)
        where T : struct, ILanes<T>
    {
        T a0 = T.Broadcast(0), a1 = a0, a2 = a0, a3 = a0;
        T b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        T c0 = a0, c1 = a0, c2 = a0, c3 = a0;
        for (int s = 0; s < segments; s++)
        {
            float* pa = x + s * (long)xSegment + offsets[0];
            float* pb = x + s * (long)xSegment + offsets[1];
            float* pc = x + s * (long)xSegment + offsets[2];
            float* g = dy + s * (long)dySegment;
            for (int v = 0; v < pixels; v += T.Count)
            {
                T a = T.Load(pa + v), b = T.Load(pb + v), c = T.Load(pc + v);
                T d = T.Load(g + v);
                a0 = T.MultiplyAdd(d, a, a0);
                b0 = T.MultiplyAdd(d, b, b0);
                c0 = T.MultiplyAdd(d, c, c0);
                d = T.Load(g + dyPlane + v);
                a1 = T.MultiplyAdd(d, a, a1);
                b1 = T.MultiplyAdd(d, b, b1);
                c1 = T.MultiplyAdd(d, c, c1);
                d = T.Load(g + 2 * dyPlane + v);
                a2 = T.MultiplyAdd(d, a, a2);
                b2 = T.MultiplyAdd(d, b, b2);
                c2 = T.MultiplyAdd(d, c, c2);
                d = T.Load(g + 3 * dyPlane + v);
                a3 = T.MultiplyAdd(d, a, a3);
                b3 = T.MultiplyAdd(d, b, b3);
                c3 = T.MultiplyAdd(d, c, c3);
            }
        }

        Add(a0, b0, c0, gradient);
        Add(a1, b1, c1, gradient + terms);
        Add(a2, b2, c2, gradient + 2 * terms);
        Add(a3, b3, c3, gradient + 3 * terms);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(T a, T b, T c, float* gradient) where T : struct, ILanes<T>
    {
        gradient[0] += a.Sum();
        gradient[1] += b.Sum();
        gradient[2] += c.Sum();
    }
}
