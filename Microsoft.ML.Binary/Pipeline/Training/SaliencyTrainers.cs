namespace Microsoft.ML.Binary;

/// <summary>The trainers of <see cref="SaliencyCatalog.Trainers"/>.</summary>
public sealed class SaliencyTrainers
{
    private readonly MLContext _context;

    internal SaliencyTrainers(MLContext context) => _context = context;

    /// <summary>A network with one-bit weights and activations (or its full-precision twin), with all options.</summary>
    /// <param name="options">How large a network, how long to train, and more.</param>
    /// <example>
    /// <code>
    /// var model = ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions { Preset = NetworkPreset.Tiny, Epochs = 40 }).Fit(train);
    /// </code>
    /// </example>
    public SaliencyTrainer BinaryDenseNet(SaliencyTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SaliencyTrainer(_context, options);
    }

    /// <summary>A network with one-bit weights and activations.</summary>
    /// <param name="labelColumnName">The column of masks.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="steps">Steps of training.</param>
    /// <example><code>var model = ml.Saliency.Trainers.BinaryDenseNet(steps: 2000).Fit(train);</code></example>
    public SaliencyTrainer BinaryDenseNet(
        string labelColumnName = ImageDataColumns.Label, string imageColumnName = ImageDataColumns.Image, int steps = 1000) =>
        BinaryDenseNet(new SaliencyTrainerOptions { LabelColumnName = labelColumnName, ImageColumnName = imageColumnName, Steps = steps });
}
