using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Networks;

namespace Ablation;

/// <summary>Rows that vary the network: what each part of the method gives.</summary>
internal static class Methods
{
    public const string Twin = "float twin";

    public static Variant[] All { get; } =
    [
        new(Twin, n => n with { Precision = Precision.Float }),
        new("binary"),
        new("binary, float twin as teacher") { Distills = true },
        new("bilinear branch alone (plain)", n => n with { Branches = UpsampleBranches.Bilinear }),
        new("plain, as many MACs", n => n with { Branches = UpsampleBranches.Bilinear, Stride8Depth = n.Stride8Depth + 4, RefineDepth = n.RefineDepth + 4 }),
        new("nearest branch alone", n => n with { Branches = UpsampleBranches.Nearest }),
        new("sub-pixel branch alone", n => n with { Branches = UpsampleBranches.SubPixel }),
        new("without attention", n => n with { AttentionHeads = 0 }),
        new("full attention, f = 1", n => n with { AttentionReduction = 1 }),
        new("attention, f = 2", n => n with { AttentionReduction = 2 }),
        new("attention, f = 4", n => n with { AttentionReduction = 4 }),
        new("without shortcuts") { RemovesShortcuts = true },
    ];
}
