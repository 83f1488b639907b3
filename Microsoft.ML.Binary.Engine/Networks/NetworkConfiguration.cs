using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>Places of <see cref="Graph.SqueezeExcitation"/>; they may be combined.</summary>
/// <example>
/// <code>
/// NetworkConfiguration configuration = NetworkConfiguration.For(NetworkPreset.Small, outputs: 11) with { Scaling = ChannelScaling.Stride16 | ChannelScaling.Head };
/// </code>
/// </example>
[Flags]
public enum ChannelScaling
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>The convolutions at stride 8, in front of the sum with their shortcuts.</summary>
    Stride8 = 1,

    /// <summary>The convolutions at strides 16 and 32, in front of the sum with their shortcuts.</summary>
    Stride16 = 2,

    /// <summary>In front of each upsampler.</summary>
    Upsampling = 4,

    /// <summary>In front of the classifier.</summary>
    Head = 8,

    /// <summary>All of them.</summary>
    All = Stride8 | Stride16 | Upsampling | Head,
}

/// <summary>Places where thresholds of signs, and of levels, follow the image (<see cref="Graph.AdaptiveShift"/>); they may be combined.</summary>
/// <example>
/// <code>
/// NetworkConfiguration adaptive = NetworkConfiguration.For(NetworkPreset.Small, outputs: 1) with { AdaptiveThresholds = AdaptiveThresholds.Encoder };
/// </code>
/// </example>
[Flags]
public enum AdaptiveThresholds
{
    /// <summary>Nowhere: one learned threshold for each channel.</summary>
    None = 0,

    /// <summary>The encoder's convolutions, those of attention's result and of a bottleneck included.</summary>
    Encoder = 1,

    /// <summary>The upsamplers: their branches but nearest, whose enlarged maps are stored then, and dynamic gates.</summary>
    Upsampling = 2,

    /// <summary>The convolutions after the last upsampler.</summary>
    Head = 4,

    /// <summary>All of them.</summary>
    All = Encoder | Upsampling | Head,
}

/// <summary>Everything that decides the shape of a <see cref="DenseNetworkBuilder"/>.</summary>
/// <example>
/// <code>
/// NetworkConfiguration wide = NetworkConfiguration.For(NetworkPreset.Small, outputs: 3) with { Width = 64, Gates = UpsampleGates.Dynamic };
/// </code>
/// </example>
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

    /// <summary>Dilations at stride 16, one or more of 1..64, repeated in turn after the strided convolution.</summary>
    public ImmutableArray<int> Stride16Dilations { get; init; } = [1, 2, 4];

    /// <summary>The upsampling branches, one or more.</summary>
    public UpsampleBranches Branches { get; init; } = UpsampleBranches.All;

    /// <summary>What decides how much each branch counts.</summary>
    public UpsampleGates Gates { get; init; } = UpsampleGates.Static;

    /// <summary>Whether a real-valued shortcut goes around the branches of each upsampler. Without it they have to carry everything.</summary>
    public bool HasUpsampleShortcut { get; init; } = true;

    /// <summary>Binary 3x3 convolutions after the last upsampler, 0..64.</summary>
    public int RefineDepth { get; init; } = 1;

    /// <summary>Attention heads, a divisor of the 4 * <see cref="Width"/> channels at stride 16; 0 builds no attention.</summary>
    public int AttentionHeads { get; init; } = 4;

    /// <summary>Reduction f of the attention's keys and values along each axis, 1..64; 1 is full attention.</summary>
    public int AttentionReduction { get; init; } = 8;

    /// <summary>The stride at which attention works: 16, or 32 where <see cref="Stride32Depth"/> is above 0.</summary>
    public int AttentionStride { get; init; } = 16;

    /// <summary>
    /// Binary 3x3 convolutions at stride 32, the strided one that leads there included, 0..64; 0 builds no such stage. Its map, of 4 * <see cref="Width"/> channels, is
    /// enlarged and added to that of stride 16 (context at little cost); before training it adds nothing. Images are padded to multiples of 32 then.
    /// </summary>
    public int Stride32Depth { get; init; }

    /// <summary>
    /// Bits of the activations that the 3x3 convolutions of the encoder and after the last upsampler read: 1 (signs) or 2 (<see cref="Graph.ActivationLevels"/>).
    /// Attention, the upsamplers' branches and gates, and the convolution that brings the map of stride 32 back read signs.
    /// </summary>
    public int ActivationBits { get; init; } = 1;

    /// <summary>Where thresholds of signs follow the image. The full-precision twin has none.</summary>
    public AdaptiveThresholds AdaptiveThresholds { get; init; } = AdaptiveThresholds.None;

    /// <summary>Where channels are scaled by what the whole map shows (squeeze-and-excitation).</summary>
    public ChannelScaling Scaling { get; init; } = ChannelScaling.None;

    /// <summary>Channels for each hidden value of the channel scaling, 1..64.</summary>
    public int ScalingReduction { get; init; } = 8;

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

    /// <summary>
    /// The same with what measured best for a task, which trainers and the tool take: for saliency, thresholds that follow the image in the encoder (docs/training.md, "Saliency, in the
    /// paper's setting and in ours").
    /// </summary>
    public NetworkConfiguration WithDefaultsOf(DenseTask task) => task == DenseTask.Saliency ? this with { AdaptiveThresholds = AdaptiveThresholds.Encoder } : this;
}
