using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>The parallel branches of the multi-branch upsampler; they may be combined.</summary>
/// <example>
/// <code>
/// NetworkConfiguration plain = NetworkConfiguration.For(NetworkPreset.Small, outputs: 11) with { Branches = UpsampleBranches.Nearest };        // an ablation
/// </code>
/// </example>
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

    /// <summary>
    /// A binary transposed convolution of stride 2 and kernel 6, computed as a 3x3 convolution to four times the channels whose result goes to space.
    /// For comparison; it is not one of <see cref="All"/>.
    /// </summary>
    Transposed = 8,
}

/// <summary>What decides how much each branch of the multi-branch upsampler counts.</summary>
/// <example>
/// <code>
/// NetworkConfiguration dynamic = NetworkConfiguration.For(NetworkPreset.Small, outputs: 11) with { Gates = UpsampleGates.Dynamic };            // branches weighed pixel by pixel
/// </code>
/// </example>
public enum UpsampleGates
{
    /// <summary>A learned sigmoid for each channel; freezing folds it away.</summary>
    Static,

    /// <summary>
    /// Besides, for each pixel and branch twice the sigmoid of a binary 1x1 convolution of the encoder's map: edges and smooth regions can choose their branch.
    /// </summary>
    Dynamic,
}

/// <summary>
/// Multi-branch parallel upsampling, our reading of arXiv 2405.17776: Y = sum_i sigmoid(g_i) * BN_i(BConv_i(U_i(X))), with gates g_i
/// learned for each channel. Like every binary convolution here, the sum has a real-valued shortcut around it: X enlarged bilinearly, its
/// channel groups averaged, and the encoder's map of the same stride. Dynamic gates multiply each branch by 2 sigmoid(BN(BConv1x1(encoder's map)))
/// as well, which starts at 1.
/// </summary>
internal static class MultiBranchUpsampler
{
    public static int Append(GraphBuilder builder, int input, int skip, string name, NetworkConfiguration configuration) =>
        builder.Scope(name, () =>
        {
            UpsampleBranches branches = configuration.Branches;
            int outputs = builder.TypeOf(skip).Channels;
            bool needsSmooth = branches.HasFlag(UpsampleBranches.Bilinear) || configuration.HasUpsampleShortcut;
            int smooth = needsSmooth ? builder.Upsample(input, "bilinear", 2, UpsampleMode.Bilinear) : -1;
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

            if (branches.HasFlag(UpsampleBranches.Transposed))
            {
                int phases = builder.BinaryOrFloatConvolution(input, "transposed.convolution", 4 * outputs, new(Kernel: 3));
                terms.Add(builder.Gate(builder.PixelShuffle(phases, "transposed", 2), "transposed.gate"));
            }

            if (configuration.Gates == UpsampleGates.Dynamic)
            {
                int logits = builder.BinaryOrFloatConvolution(skip, "gates.convolution", terms.Count, new(Kernel: 1), gain: 0);
                int gates = builder.GateMap(logits, "gates");
                terms = [.. terms.Select((term, i) => builder.PixelGate(term, gates, $"gates.{i}", i))];
            }

            if (configuration.HasUpsampleShortcut)
            {
                terms.Add(builder.ChannelMean(smooth, "shortcut", builder.TypeOf(input).Channels / outputs));
            }

            terms.Add(skip);
            return builder.RPReLU(builder.Add("merge", [.. terms]), "activation");
        });

    private static int Branch(GraphBuilder builder, int enlarged, string name, int outputs) =>
        builder.Gate(builder.BinaryOrFloatConvolution(enlarged, name, outputs, new(Kernel: 3)), name + ".gate");
}
