namespace Microsoft.ML.Binary;

/// <summary>The trainers of <see cref="SegmentationCatalog.Trainers"/>.</summary>
public sealed class SegmentationTrainers
{
    private readonly MLContext _context;

    internal SegmentationTrainers(MLContext context) => _context = context;

    /// <summary>A network with one-bit weights and activations (or its full-precision twin), with all options.</summary>
    /// <param name="options">What classes there are, how large a network, how long to train, and more.</param>
    /// <exception cref="ArgumentException">The classes or their colours are not given or do not fit each other.</exception>
    /// <example>
    /// <code>
    /// var trainer = ml.Segmentation.Trainers.BinaryDenseNet(new SegmentationTrainerOptions
    /// {
    ///     ClassNames = ["sky", "road", "car"],
    ///     Preset = NetworkPreset.Small,
    ///     MaxDuration = TimeSpan.FromMinutes(30),
    ///     ValidationSet = valid,
    ///     MetricsCallback = progress => Console.WriteLine($"{progress.Fraction:P0} loss {progress.Loss:F3} mIoU {progress.ValidationMetric:F3}"),
    /// });
    /// SegmentationTransformer model = trainer.Fit(train);
    /// </code>
    /// </example>
    public SegmentationTrainer BinaryDenseNet(SegmentationTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SegmentationTrainer(_context, options);
    }

    /// <summary>A network with one-bit weights and activations.</summary>
    /// <param name="numberOfClasses">Number of classes, 2 to 255.</param>
    /// <param name="labelColumnName">The column of masks.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="steps">Steps of training.</param>
    /// <example><code>var model = ml.Segmentation.Trainers.BinaryDenseNet(numberOfClasses: 11, steps: 2000).Fit(train);</code></example>
    public SegmentationTrainer BinaryDenseNet(
        int numberOfClasses, string labelColumnName = ImageDataColumns.Label, string imageColumnName = ImageDataColumns.Image, int steps = 1000) =>
        BinaryDenseNet(new SegmentationTrainerOptions
        {
            NumberOfClasses = numberOfClasses,
            LabelColumnName = labelColumnName,
            ImageColumnName = imageColumnName,
            Steps = steps,
        });
}
