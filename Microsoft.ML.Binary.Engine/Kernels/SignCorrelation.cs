using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The gradient of a binary convolution's weights: sums[t][o] += sum over pixels v of dy[v][o] * sign[offset[t] + v]. The lanes are output
/// channels; four pixels at a time the sixteen signed sums of their gradients are tabulated, and each term (a tap of an input channel)
/// adds the entry that its four signs select. Additions only, in the order of the pixels: the result is the same on every instruction set.
/// </summary>
internal static unsafe class SignCorrelation
{
    /// <summary>Vectors of output channels of a tile.</summary>
    public const int Vectors = 3;

    /// <summary>Terms of a tile; callers round the number of terms up.</summary>
    public const int TileTerms = 3;

    /// <summary>Groups of four pixels whose tables fit into the first-level cache.</summary>
    public const int ChunkGroups = 8;

    /// <summary>Floats of the tables, for any width.</summary>
    public const int TableLength = ChunkGroups * SignedSums.Entries * Vectors * 16;

    /// <summary>Adds one chunk of pixels to the sums of one tile of output channels.</summary>
    /// <param name="dy">[group * 4 + pixel][<paramref name="dyStride"/>], from the tile's first channel on.</param>
    /// <param name="dyStride">Floats from one pixel to the next.</param>
    /// <param name="groups">Groups of four pixels, at most <see cref="ChunkGroups"/>.</param>
    /// <param name="entries">
    /// For each pixel of the padded planes, where in a table the sum is that the signs of this pixel and the next three select: the entry's
    /// index times the tile's channels.
    /// </param>
    /// <param name="groupOffsets">[group]: where its first pixel is in a plane.</param>
    /// <param name="termOffsets">[term]: where the tap of the plane starts.</param>
    /// <param name="terms">A multiple of <see cref="TileTerms"/>.</param>
    /// <param name="sums">[term][channel of the tile].</param>
    /// <param name="table">Room for <see cref="TableLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(
        float* dy, int dyStride, int groups, ushort* entries, int* groupOffsets, int* termOffsets, int terms, float* sums, float* table)
        where T : struct, ILanes<T>
    {
        int channels = Vectors * T.Count, tableLength = SignedSums.Entries * channels;
        for (int g = 0; g < groups; g++)
        {
            float* pixel = dy + (nint)g * SignedSums.Terms * dyStride;
            for (int v = 0; v < channels; v += T.Count)
            {
                SignedSums.Build(
                    T.Load(pixel + v), T.Load(pixel + dyStride + v), T.Load(pixel + 2 * dyStride + v), T.Load(pixel + 3 * dyStride + v),
                    table + g * tableLength + v, channels);
            }
        }

        for (int t = 0; t < terms; t += TileTerms)
        {
            ushort* a = entries + termOffsets[t], b = entries + termOffsets[t + 1], c = entries + termOffsets[t + 2];
            float* target = sums + (nint)t * channels;
            T a0 = T.Load(target), a1 = T.Load(target + T.Count), a2 = T.Load(target + 2 * T.Count);
            T b0 = T.Load(target + 3 * T.Count), b1 = T.Load(target + 4 * T.Count), b2 = T.Load(target + 5 * T.Count);
            T c0 = T.Load(target + 6 * T.Count), c1 = T.Load(target + 7 * T.Count), c2 = T.Load(target + 8 * T.Count);
            float* current = table;
            for (int g = 0; g < groups; g++)
            {
                nint at = groupOffsets[g];
                float* p = current + a[at];
                a0 += T.Load(p);
                a1 += T.Load(p + T.Count);
                a2 += T.Load(p + 2 * T.Count);
                p = current + b[at];
                b0 += T.Load(p);
                b1 += T.Load(p + T.Count);
                b2 += T.Load(p + 2 * T.Count);
                p = current + c[at];
                c0 += T.Load(p);
                c1 += T.Load(p + T.Count);
                c2 += T.Load(p + 2 * T.Count);
                current += tableLength;
            }

            a0.Store(target);
            a1.Store(target + T.Count);
            a2.Store(target + 2 * T.Count);
            b0.Store(target + 3 * T.Count);
            b1.Store(target + 4 * T.Count);
            b2.Store(target + 5 * T.Count);
            c0.Store(target + 6 * T.Count);
            c1.Store(target + 7 * T.Count);
            c2.Store(target + 8 * T.Count);
        }
    }
}
