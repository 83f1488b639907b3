using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Networks;

namespace Ablation;

/// <summary>Rows that vary the network: what each part of the method gives.</summary>
internal static class Methods
{
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
        new("without attention", n => n with { AttentionHeads = 0 }),
        new("full attention, f = 1", n => n with { AttentionReduction = 1 }),
        new("attention, f = 2", n => n with { AttentionReduction = 2 }),
        new("attention, f = 2, run with f = 4", n => n with { AttentionReduction = 4 }) { TrainedAs = "attention, f = 2" },
        new("attention, f = 2, run with f = 8", n => n with { AttentionReduction = 8 }) { TrainedAs = "attention, f = 2" },
        new("attention, f = 4", n => n with { AttentionReduction = 4 }),
        new("without shortcuts") { Change = Shortcuts.Remove },
    ];
}
