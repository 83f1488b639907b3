using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// The views of an image that a network is run on: at which size, at how many scales, and whether mirrored too. The logits of each view are
/// enlarged or reduced to the image's own size; of several views the mean counts, which takes longer and is usually a little better. Beside the network
/// these options are all that decides about results.
/// </summary>
/// <example>
/// <code>
/// ViewOptions twice = new() { Size = WorkingSize.Of(960), Scales = [0.75, 1], Mirrored = true };                         // four runs, averaged
/// using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Views = twice });
/// </code>
/// </example>
public sealed record ViewOptions
{
    /// <summary>The most scales.</summary>
    public const int MaxScales = 16;

    private const double SmallestScale = 0.1, LargestScale = 8;

    /// <summary>One view, at the size that the network was trained at.</summary>
    public static ViewOptions AsTrained { get; } = new();

    /// <summary>One view: the image as it is.</summary>
    public static ViewOptions AsIs { get; } = new() { Size = WorkingSize.Own };

    /// <summary>The size of images at scale 1; null, the default, takes the network's (<see cref="DenseNetwork.WorkingSize"/>).</summary>
    public WorkingSize? Size { get; init; }

    /// <summary>
    /// A view for each of these enlargements of that size, 0.1 to 8; the longest side is rounded to the nearest pixel, halves up. At least one,
    /// at most <see cref="MaxScales"/>.
    /// </summary>
    /// <exception cref="ArgumentException">There are none or too many, or one is out of range.</exception>
    public ImmutableArray<double> Scales
    {
        get;
        init
        {
            if (value.IsDefaultOrEmpty || value.Length > MaxScales || !value.All(IsScale))
            {
                string given = value.IsDefaultOrEmpty ? "none" : string.Join(", ", value.Select(scale => scale.ToString(CultureInfo.InvariantCulture)));
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"Scales are {given}; there must be 1 to {MaxScales}, each from {SmallestScale} to {LargestScale}."),
                    nameof(Scales));
            }

            field = value;
        }
    }

    = [1];

    /// <summary>Whether each view is also looked at with left and right exchanged. Twice the time.</summary>
    public bool Mirrored { get; init; }

    /// <summary>How far the keys and values of attention are reduced; the default is as far as the network was trained with.</summary>
    public AttentionReduction AttentionReduction { get; init; }

    /// <summary>
    /// Whether the image is seen in parts, so that memory does not grow with it; null, the default, for no. Only for images as they are, at one scale.
    /// An image that was decoded smaller than it is is seen whole.
    /// </summary>
    public ViewTiles? Tiles { get; init; }

    /// <summary>One view of so many pixels along the longest side.</summary>
    /// <param name="longestSide">From 1 to <see cref="WorkingSize.MaxSide"/>.</param>
    public static ViewOptions At(int longestSide) => new() { Size = WorkingSize.Of(longestSide) };

    /// <summary>One view: the image as it is, in tiles.</summary>
    /// <param name="tiles">Null for tiles that suit the network.</param>
    public static ViewOptions InTiles(ViewTiles? tiles = null) => AsIs with { Tiles = tiles ?? ViewTiles.Auto };

    /// <inheritdoc/>
    public bool Equals(ViewOptions? other) =>
        other is not null && (Size, Mirrored, AttentionReduction, Tiles) == (other.Size, other.Mirrored, other.AttentionReduction, other.Tiles) && Scales.SequenceEqual(other.Scales);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Size, Mirrored, Scales.Length, AttentionReduction, Tiles);

    /// <summary>What these options come to for a network, for people.</summary>
    public string Describe(DenseNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        WorkingSize trained = network.WorkingSize, size = Size ?? trained;
        string text = size.IsOwn ? "each image's own size" : $"longest side {size}";
        text += Size is null && !trained.IsOwn ? " (as trained)" : "";
        text += Scales is [1] ? "" : $", scales {string.Join(", ", Scales.Select(scale => scale.ToString(CultureInfo.InvariantCulture)))}";
        text += Mirrored ? ", mirrored too" : "";
        text += network.Exposure.IsAsIs ? "" : $", exposure {network.Exposure}";
        text += Tiles is null ? "" : $", in tiles ({Tiles})";
        return AttentionReduction == AttentionReduction.AsTrained ? text : $"{text}, attention reduction {AttentionReduction}";
    }

    /// <summary>Whether there can be a view of this scale.</summary>
    public static bool IsScale(double scale) => scale is >= SmallestScale and <= LargestScale;
}
