using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Networks;

namespace Ablation;

/// <summary>Rows that vary the network: what each part of the method gives.</summary>
internal static class Methods
{
    /// <summary>Without the real-valued shortcut around the upsamplers, as the paper has it: the branches carry everything.</summary>
    private const string Bare = "no shortcut around the upsampler, ";

    /// <summary>The full-precision twin.</summary>
    public static Variant FloatTwin { get; } = new("float twin", n => n with { Precision = Precision.Float });

    public static Variant[] All { get; } =
    [
        FloatTwin,
        new("binary"),
        new("bilinear branch alone (plain)", n => n with { Branches = UpsampleBranches.Bilinear }),
        new("plain, as many MACs", n => n with { Branches = UpsampleBranches.Bilinear, Stride8Depth = n.Stride8Depth + 4, RefineDepth = n.RefineDepth + 4 }),
        new("nearest branch alone", n => n with { Branches = UpsampleBranches.Nearest }),
        new("sub-pixel branch alone", n => n with { Branches = UpsampleBranches.SubPixel }),
        new("nearest and bilinear", n => n with { Branches = UpsampleBranches.Nearest | UpsampleBranches.Bilinear }),
        new("shortcuts inside the branches") { Change = Upsamplers.MoveShortcutsInside },
        new("gates start at 0.88") { Change = graph => Upsamplers.StartGatesAt(graph, 2) },
        new("wider, shallower", n => n with { Width = n.Width * 4 / 3, Stride4Depth = 1, Stride8Depth = 2, Stride16Depth = 4 }),
        new("without attention", n => n with { AttentionHeads = 0 }),
        new("full attention, f = 1", n => n with { AttentionReduction = 1 }),
        new("attention, f = 2", n => n with { AttentionReduction = 2 }),
        new("attention, f = 2, run with f = 4", n => n with { AttentionReduction = 4 }) { TrainedAs = "attention, f = 2" },
        new("attention, f = 2, run with f = 8", n => n with { AttentionReduction = 8 }) { TrainedAs = "attention, f = 2" },
        new("attention, f = 4", n => n with { AttentionReduction = 4 }),
        new("stride 32", n => n with { Stride32Depth = 2 }),
        new("stride 32, attention there, f = 1", n => n with { Stride32Depth = 2, AttentionStride = 32, AttentionReduction = 1 }),
        new("stride 32, attention there, f = 2", n => n with { Stride32Depth = 2, AttentionStride = 32, AttentionReduction = 2 }),
        new("stride 32, attention there, f = 4", n => n with { Stride32Depth = 2, AttentionStride = 32, AttentionReduction = 4 }),
        new("stride 32, attention there, f = 8", n => n with { Stride32Depth = 2, AttentionStride = 32, AttentionReduction = 8 }),
        new("adaptive thresholds", n => n with { AdaptiveThresholds = AdaptiveThresholds.All }),
        new("adaptive thresholds in the encoder", n => n with { AdaptiveThresholds = AdaptiveThresholds.Encoder }),
        new("dynamic gates", n => n with { Gates = UpsampleGates.Dynamic }),
        new("gate rate 10", Recipe: o => o with { GateRate = 10 }),
        new("scaling everywhere", n => n with { Scaling = ChannelScaling.All }),
        new("scaling rate 1", Recipe: o => o with { ScalingRate = 1 }),
        new("scaling at strides 8 and 16", n => n with { Scaling = ChannelScaling.Stride8 | ChannelScaling.Stride16 }),
        new("scaling at stride 16", n => n with { Scaling = ChannelScaling.Stride16 }),
        new("scaling before upsamplers and classifier", n => n with { Scaling = ChannelScaling.Upsampling | ChannelScaling.Head }),
        new("scaling before the classifier", n => n with { Scaling = ChannelScaling.Head }),
        new(Bare + "nearest", n => n with { HasUpsampleShortcut = false, Branches = UpsampleBranches.Nearest }),
        new(Bare + "transposed", n => n with { HasUpsampleShortcut = false, Branches = UpsampleBranches.Transposed }),
        new(Bare + "bilinear", n => n with { HasUpsampleShortcut = false, Branches = UpsampleBranches.Bilinear }),
        new(Bare + "sub-pixel", n => n with { HasUpsampleShortcut = false, Branches = UpsampleBranches.SubPixel }),
        new(Bare + "all branches", n => n with { HasUpsampleShortcut = false }),
        new(Bare + "all branches and transposed", n => n with { HasUpsampleShortcut = false, Branches = UpsampleBranches.All | UpsampleBranches.Transposed }),
        new("without shortcuts") { Change = Shortcuts.Remove },
    ];
}
