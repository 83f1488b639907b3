using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The gradient of a convolution's weights: gradient[o][t] += sum over images and pixels v of dy[o][v] * x[offset[t] + v]. The padding
/// columns of dy hold zeros, so a plane is one contiguous run. Images are summed inside the tile (small maps would otherwise spend their
/// time adding up the lanes), and long planes go in chunks whose dy stays in the first-level cache.
/// </summary>
internal static unsafe class TapCorrelation
{
    /// <summary>Output channels and terms of one tile; callers give room for whole tiles.</summary>
    public static readonly int TileOutputs = Vector512.IsHardwareAccelerated ? TapCorrelation8x3Vector512.Outputs : TapCorrelation4x3Vector256.Outputs;

    /// <summary>Terms of one tile.</summary>
    public const int TileTerms = TapCorrelation4x3Vector256.Taps;

    private const int Chunk = 512;

    /// <summary>
    /// Adds one tile of output channels, all terms. <paramref name="gradient"/> has <paramref name="terms"/> floats for each of
    /// <see cref="TileOutputs"/> channels; terms is a multiple of <see cref="TileTerms"/>.
    /// </summary>
    public static void Run(
        float* dy, int dyPlane, long dyImage, float* x, long xImage, int* offsets, float* gradient, int terms, int pixels, int images)
    {
        if (pixels <= Chunk)
        {
            Tiles(dy, dyPlane, x, offsets, gradient, terms, pixels, images, (int)dyImage, (int)xImage);
            return;
        }

        for (int image = 0; image < images; image++)
        {
            for (int v = 0; v < pixels; v += Chunk)
            {
                Tiles(dy + image * dyImage + v, dyPlane, x + image * xImage + v, offsets, gradient, terms, Math.Min(Chunk, pixels - v), 1, 0, 0);
            }
        }
    }

    private static void Tiles(
        float* dy, int dyPlane, float* x, int* offsets, float* gradient, int terms, int pixels, int segments, int dySegment, int xSegment)
    {
        for (int t = 0; t < terms; t += TileTerms)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                TapCorrelation8x3Vector512.Tile(dy, dyPlane, x, offsets + t, gradient + t, terms, pixels, segments, dySegment, xSegment);
            }
            else
            {
                TapCorrelation4x3Vector256.Tile(dy, dyPlane, x, offsets + t, gradient + t, terms, pixels, segments, dySegment, xSegment);
            }
        }
    }
}
