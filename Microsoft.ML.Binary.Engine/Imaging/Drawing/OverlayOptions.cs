namespace Microsoft.ML.Binary.Imaging;

/// <summary>How <see cref="Overlay"/> and <see cref="ComparisonPanel"/> draw.</summary>
/// <example>
/// <code>
/// OverlayOptions options = new() { Palette = Palette.Parse("#1B1B22, #F0A030, #E4572E"), Opacity = 0.6f, Contours = false };
/// </code>
/// </example>
public sealed record OverlayOptions
{
    /// <summary>The options that are used when none are given.</summary>
    public static OverlayOptions Default { get; } = new();

    /// <summary>Colours of the classes.</summary>
    public Palette Palette { get; init; } = Palette.Default;

    /// <summary>How much of a class's colour covers the image: 0 (nothing) to 1 (all).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside of 0..1.</exception>
    public float Opacity
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The opacity must be between 0 and 1.");
    } = 0.5f;

    /// <summary>Whether lines are drawn where two classes meet and around salient objects.</summary>
    public bool Contours { get; init; } = true;

    /// <summary>
    /// Names by class index; when given, a legend of the classes that occur is added below the picture. A class without a name is shown by
    /// its index.
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>The label of pixels without a class; they are left uncovered.</summary>
    public byte IgnoreIndex { get; init; } = SegmentationMask.DefaultIgnoreIndex;
}
