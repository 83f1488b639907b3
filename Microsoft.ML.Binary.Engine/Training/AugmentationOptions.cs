namespace Microsoft.ML.Binary.Training;

/// <summary>Random changes of training images. Every range is drawn from uniformly (of gamma, the exponent); geometry moves image and mask together.</summary>
/// <example>
/// <code>
/// TrainingOptions options = new() { Augmentation = new() { Flip = false, Blur = 0 } };     // or AugmentationOptions.None
/// </code>
/// </example>
public sealed record AugmentationOptions
{
    /// <summary>Smallest enlargement before cropping, above 0.</summary>
    public float MinScale { get; init; } = 0.6f;

    /// <summary>Largest enlargement before cropping, at least <see cref="MinScale"/>.</summary>
    public float MaxScale { get; init; } = 1.6f;

    /// <summary>Crops lie anywhere in the enlarged image; otherwise, and where they are larger than it, in its middle.</summary>
    public bool RandomPlacement { get; init; } = true;

    /// <summary>Mirror left and right half of the time.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Brightness and contrast change by factors in 1 - x .. 1 + x, in 0..1.</summary>
    public float Contrast { get; init; } = 0.4f;

    /// <summary>Colourfulness and the balance of red, green, blue change by factors in 1 - x .. 1 + x, in 0..1.</summary>
    public float Color { get; init; } = 0.2f;

    /// <summary>Gamma is 2 to a power drawn from -x .. x; x in 0..4.</summary>
    public float Gamma { get; init; } = 0.6f;

    /// <summary>Blur is drawn from 0..x; at 1 each pixel becomes the mean of 3x3. In 0..1.</summary>
    public float Blur { get; init; } = 0.5f;

    /// <summary>The standard deviation of noise, in gray levels, is drawn from 0..x. In 0..128.</summary>
    public float Noise { get; init; } = 6;

    /// <summary>No change at all, for data that must be taken as it is: the crop is centred and not scaled.</summary>
    public static AugmentationOptions None { get; } = new()
    {
        MinScale = 1,
        MaxScale = 1,
        RandomPlacement = false,
        Flip = false,
        Contrast = 0,
        Color = 0,
        Gamma = 0,
        Blur = 0,
        Noise = 0,
    };

    /// <summary>The same geometry, with this much of the changes of colour, sharpness and noise: 1 leaves them, 0 makes none.</summary>
    /// <param name="strength">Their factor, 0 to 2.</param>
    /// <exception cref="ArgumentException">The strength is out of range, or what comes of it.</exception>
    public AugmentationOptions WithPhotometricStrength(float strength)
    {
        TrainingOptions.Check(strength is >= 0 and <= 2, "The photometric strength", strength, "from 0 to 2");
        AugmentationOptions changed = this with { Contrast = Contrast * strength, Color = Color * strength, Gamma = Gamma * strength, Blur = Blur * strength, Noise = Noise * strength };
        changed.Check();
        return changed;
    }

    internal void Check()
    {
        TrainingOptions.Check(MinScale > 0 && float.IsFinite(MinScale), nameof(MinScale), MinScale, "above 0");
        TrainingOptions.Check(MaxScale >= MinScale && float.IsFinite(MaxScale), nameof(MaxScale), MaxScale, $"at least MinScale, {MinScale}");
        TrainingOptions.Check(Contrast is >= 0 and <= 1, nameof(Contrast), Contrast, "from 0 to 1");
        TrainingOptions.Check(Color is >= 0 and <= 1, nameof(Color), Color, "from 0 to 1");
        TrainingOptions.Check(Gamma is >= 0 and <= 4, nameof(Gamma), Gamma, "from 0 to 4");
        TrainingOptions.Check(Blur is >= 0 and <= 1, nameof(Blur), Blur, "from 0 to 1");
        TrainingOptions.Check(Noise is >= 0 and <= 128, nameof(Noise), Noise, "from 0 to 128");
    }
}
