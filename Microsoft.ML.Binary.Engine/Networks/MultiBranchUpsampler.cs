using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>The parallel branches of the multi-branch upsampler; they may be combined.</summary>
[Flags]
public enum UpsampleBranches
{
    /// <summary>Nearest neighbour: commutes with sign, so it runs on packed bits.</summary>
    Nearest = 1,

    /// <summary>Bilinear on real values, then sign. Alone it is the plain baseline.</summary>
    Bilinear = 2,

    /// <summary>Sub-pixel: channels to space.</summary>
    SubPixel = 4,

    /// <summary>All three.</summary>
    All = Nearest | Bilinear | SubPixel,
}

/// <summary>
/// Multi-branch parallel upsampling, our reading of arXiv 2405.17776: Y = sum_i sigmoid(g_i) * BN_i(BConv_i(U_i(X))), with gates g_i
/// learned for each channel. Like every binary convolution here, the sum has a real-valued shortcut around it: X enlarged bilinearly, its
/// channel groups averaged, and the encoder's map of the same stride.
/// </summary>
internal static class MultiBranchUpsampler
{
    public static int Append(GraphBuilder builder, int input, int skip, string name, UpsampleBranches branches) =>
        builder.Scope(name, () =>
        {
            int outputs = builder.TypeOf(skip).Channels;
            int smooth = builder.Upsample(input, "bilinear", 2, UpsampleMode.Bilinear);
            List<int> terms = [];
            if (branches.HasFlag(UpsampleBranches.Nearest))
            {
                int signs = builder.SignIfBinary(input, "nearest.sign");
                terms.Add(Branch(builder, builder.Upsample(signs, "nearest", 2, UpsampleMode.Nearest), "nearest.convolution", outputs));
            }

            if (branches.HasFlag(UpsampleBranches.Bilinear))
            {
                terms.Add(Branch(builder, smooth, "bilinear.convolution", outputs));
            }

            if (branches.HasFlag(UpsampleBranches.SubPixel))
            {
                terms.Add(Branch(builder, builder.PixelShuffle(input, "subpixel", 2), "subpixel.convolution", outputs));
            }

            terms.Add(builder.ChannelMean(smooth, "shortcut", builder.TypeOf(input).Channels / outputs));
            terms.Add(skip);
            return builder.RPReLU(builder.Add("merge", [.. terms]), "activation");
        });

    private static int Branch(GraphBuilder builder, int enlarged, string name, int outputs) =>
        builder.Gate(builder.BinaryOrFloatConvolution(enlarged, name, outputs, new(Kernel: 3)), name + ".gate");
}
