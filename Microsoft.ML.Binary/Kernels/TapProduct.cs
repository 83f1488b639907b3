using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// A convolution as a matrix product without im2col: y[o][v] = sum over terms t of weight[o][t] * x[offset[t] + v], where a term is a
/// tap of one input plane and, on padded planes with a common row pitch, every tap is the plane at a constant offset. Used for the
/// forward pass and (with the weights transposed and the taps mirrored) for the gradient of the input. Sums are fused multiply-adds in
/// the order of the terms; training need not be bit-identical across instruction sets.
/// </summary>
internal static unsafe class TapProduct
{
    /// <summary>Output channels that one tile computes; weights are packed in blocks of as many.</summary>
    public static readonly int TileOutputs = Vector512.IsHardwareAccelerated ? TapProduct12x2Vector512.Outputs : TapProduct6x2Vector256.Outputs;

    /// <summary>A tile may read and write up to this many floats behind the last pixel.</summary>
    public const int Slack = 32;

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
    public static void Run(int outputs, int terms, float* packed, int* offsets, float* x, float* y, int yPlane, int pixels)
    {
        for (int block = 0; block < Blocks(outputs); block++)
        {
            float* weight = packed + (long)block * TileOutputs * terms;
            float* target = y + (long)block * TileOutputs * yPlane;
            if (Vector512.IsHardwareAccelerated)
            {
                TapProduct12x2Vector512.Tile(terms, weight, offsets, x, target, yPlane, pixels);
            }
            else
            {
                TapProduct6x2Vector256.Tile(terms, weight, offsets, x, target, yPlane, pixels);
            }
        }
    }
}
