using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// A convolution as a matrix product without im2col: y[o][v] = sum over terms t of weight[o][t] * x[offset[t] + v], where a term is a
/// tap of one input plane and, on padded planes with a common row pitch, every tap is the plane at a constant offset. Used for the
/// forward pass and (with the weights transposed and the taps mirrored) for the gradient of the input. Sums are fused multiply-adds in
/// the order of the terms, so the bits are the same at every width of vectors.
/// </summary>
internal static unsafe class TapProduct
{
    /// <summary>Output channels that one tile computes; weights are packed in blocks of as many.</summary>
    public const int TileOutputs = 6;

    /// <summary>A tile may read and write up to this many floats after the last pixel.</summary>
    public static int Slack => 2 * Lanes512.Count;

    /// <summary>The number of floats that <see cref="Pack"/> writes.</summary>
    public static int PackedLength(int outputs, int terms) => Blocks(outputs) * TileOutputs * terms;

    /// <summary>Planes that y must have room for: the outputs, rounded up to whole tiles.</summary>
    public static int PaddedOutputs(int outputs) => Blocks(outputs) * TileOutputs;

    /// <summary>Blocks of <see cref="TileOutputs"/> that hold so many outputs.</summary>
    public static int Blocks(int outputs) => (outputs + TileOutputs - 1) / TileOutputs;

    /// <summary>Rearranges one block of weights [outputs, terms] into [term, tile output], with zeros for the outputs that are missing.</summary>
    public static void Pack(ReadOnlySpan<float> weight, int outputs, int terms, int block, Span<float> packed)
    {
        int tile = TileOutputs;
        Span<float> target = packed.Slice(block * tile * terms, tile * terms);
        if ((block + 1) * tile > outputs)
        {
            target.Clear();
        }

        for (int o = block * tile; o < Math.Min((block + 1) * tile, outputs); o++)
        {
            ReadOnlySpan<float> source = weight.Slice(o * terms, terms);
            for (int t = 0; t < source.Length; t++)
            {
                target[t * tile + o % tile] = source[t];
            }
        }
    }

    /// <summary>Computes all outputs for <paramref name="pixels"/> pixels; y has <see cref="PaddedOutputs"/> planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(int outputs, int terms, float* packed, int* offsets, float* x, float* y, int yPlane, int pixels)
        where V : struct, ILanes<V>
    {
        for (int block = 0; block < Blocks(outputs); block++)
        {
            Tile<V>(terms, packed + (long)block * TileOutputs * terms, offsets, x, y + (long)block * TileOutputs * yPlane, yPlane, pixels);
        }
    }

    /// <summary>Computes <see cref="TileOutputs"/> outputs; sums of two vectors of pixels of each stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile<T>(int terms, float* packed, int* offsets, float* x, float* y, int yPlane, int pixels) where T : struct, ILanes<T>
    {
        for (int v = 0; v < pixels; v += 2 * T.Count)
        {
            T a0 = T.Broadcast(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
            T b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
            float* weight = packed;
            for (int t = 0; t < terms; t++)
            {
                float* p = x + v + offsets[t];
                T a = T.Load(p), b = T.Load(p + T.Count);
                T w = T.Broadcast(weight[0]);
                a0 = T.MultiplyAdd(a, w, a0);
                b0 = T.MultiplyAdd(b, w, b0);
                w = T.Broadcast(weight[1]);
                a1 = T.MultiplyAdd(a, w, a1);
                b1 = T.MultiplyAdd(b, w, b1);
                w = T.Broadcast(weight[2]);
                a2 = T.MultiplyAdd(a, w, a2);
                b2 = T.MultiplyAdd(b, w, b2);
                w = T.Broadcast(weight[3]);
                a3 = T.MultiplyAdd(a, w, a3);
                b3 = T.MultiplyAdd(b, w, b3);
                w = T.Broadcast(weight[4]);
                a4 = T.MultiplyAdd(a, w, a4);
                b4 = T.MultiplyAdd(b, w, b4);
                w = T.Broadcast(weight[5]);
                a5 = T.MultiplyAdd(a, w, a5);
                b5 = T.MultiplyAdd(b, w, b5);
                weight += TileOutputs;
            }

            Store(a0, b0, y + v);
            Store(a1, b1, y + v + yPlane);
            Store(a2, b2, y + v + 2 * yPlane);
            Store(a3, b3, y + v + 3 * yPlane);
            Store(a4, b4, y + v + 4 * yPlane);
            Store(a5, b5, y + v + 5 * yPlane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(T a, T b, float* y) where T : struct, ILanes<T>
    {
        a.Store(y);
        b.Store(y + T.Count);
    }
}
