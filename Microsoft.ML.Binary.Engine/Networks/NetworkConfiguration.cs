using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Networks;

/// <summary>Everything that decides the shape of a <see cref="BinaryDenseNetwork"/>.</summary>
public sealed record NetworkConfiguration
{
    /// <summary>Output channels: classes (2..255) for segmentation, 1 for saliency.</summary>
    public required int Outputs { get; init; }

    /// <summary>Channels at stride 4; twice that at stride 8, four times at stride 16. A multiple of 8 from 8 to 1024.</summary>
    public int Width { get; init; } = 48;

    /// <summary>Binary 3x3 convolutions at stride 4, 0..64.</summary>
    public int Stride4Depth { get; init; } = 3;

    /// <summary>Binary 3x3 convolutions at stride 8, the strided one that leads there included, 1..64.</summary>
    public int Stride8Depth { get; init; } = 4;

    /// <summary>Binary 3x3 convolutions at stride 16, the strided one that leads there included, 1..64.</summary>
    public int Stride16Depth { get; init; } = 8;

    /// <summary>Dilations at stride 16, one or more of 1..64, repeated in turn behind the strided convolution.</summary>
    public ImmutableArray<int> Stride16Dilations { get; init; } = [1, 2, 4];

    /// <summary>The upsampling branches, one or more.</summary>
    public UpsampleBranches Branches { get; init; } = UpsampleBranches.All;

    /// <summary>Binary 3x3 convolutions behind the last upsampler, 0..64.</summary>
    public int RefineDepth { get; init; } = 1;

    /// <summary>Attention heads, a divisor of the 4 * <see cref="Width"/> channels at stride 16; 0 builds no attention.</summary>
    public int AttentionHeads { get; init; } = 4;

    /// <summary>Reduction f of the attention's keys and values along each axis, 1..64; 1 is full attention.</summary>
    public int AttentionReduction { get; init; } = 8;

    /// <summary>Binary, or the full-precision twin.</summary>
    public Precision Precision { get; init; } = Precision.Binary;

    /// <summary>Seed of the initial weights.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The configuration of a preset.</summary>
    public static NetworkConfiguration For(NetworkPreset preset, int outputs, Precision precision = Precision.Binary, long seed = 1)
    {
        NetworkConfiguration small = new() { Outputs = outputs, Precision = precision, Seed = seed };
        return preset switch
        {
            // Half the width is a quarter of the binary work, but half of the stem's; one convolution less at stride 4 makes up for that.
            NetworkPreset.Tiny => small with { Width = 24, Stride4Depth = 2 },
            NetworkPreset.Small => small,
            NetworkPreset.Base => small with { Width = 80 },
            _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "There is no such preset."),
        };
    }
}
