using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

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
    /// var model = ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions { Preset = NetworkPreset.Tiny, Epochs = 40, Seed = 1 }).Fit(train);
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
    /// <param name="outputColumnName">The column of what the trained model predicts.</param>
    /// <param name="seed">Of initial weights, order and augmentation; null draws one from the <see cref="MLContext"/>, whose state any other call moves on.</param>
    /// <example><code>var model = ml.Saliency.Trainers.BinaryDenseNet(steps: 2000, seed: 1).Fit(train);</code></example>
    public SaliencyTrainer BinaryDenseNet(
        string labelColumnName = ImageDataColumns.Label,
        string imageColumnName = ImageDataColumns.Image,
        int steps = 1000,
        string outputColumnName = ImageDataColumns.Saliency,
        long? seed = null) =>
        BinaryDenseNet(new SaliencyTrainerOptions
        {
            LabelColumnName = labelColumnName,
            ImageColumnName = imageColumnName,
            Steps = steps,
            SaliencyColumnName = outputColumnName,
            Seed = seed,
        });
}

/// <summary>
/// Trains a binary (or full-precision) network for salient-object detection; see
/// <see cref="SaliencyTrainers.BinaryDenseNet(SaliencyTrainerOptions)"/>. Masks hold gray values, object above 128.
/// </summary>
/// <example>
/// <code>
/// SaliencyTrainer trainer = ml.Saliency.Trainers.BinaryDenseNet(steps: 2000, seed: 1);
/// SaliencyTransformer model = trainer.Fit(train);
/// </code>
/// </example>
public sealed class SaliencyTrainer : DenseNetworkTrainer<SaliencyTransformer>
{
    private readonly SaliencyTrainerOptions _options;
    private readonly SaliencyTransformerOptions _scoring;

    internal SaliencyTrainer(MLContext context, SaliencyTrainerOptions options)
        : base(context, options, options.ToTransformerOptions()) => (_options, _scoring) = (options, options.ToTransformerOptions());

    private protected override DenseNetwork InitialNetwork(long seed) => _options.ToInitialNetwork(DenseTask.Saliency, [], [], seed);

    private protected override SaliencyTransformer Transformer(DenseNetwork network) => new(Context, network, _scoring);

    private protected override double Measure(IDataView scored) =>
        new SaliencyEvaluator(new(_options.LabelColumnName, _scoring.SaliencyColumnName, _scoring.MaskHeightColumnName, _scoring.MaskWidthColumnName))
            .Evaluate(scored, new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF })
            .MeanAbsoluteError;
}

/// <summary>Options of <see cref="SaliencyTrainers.BinaryDenseNet(SaliencyTrainerOptions)"/>. Masks hold gray values, object above 128.</summary>
/// <example>
/// <code>
/// SaliencyTrainerOptions options = new() { Preset = NetworkPreset.Small, MaxDuration = TimeSpan.FromMinutes(30), EarlyStopping = new EarlyStopping(), Seed = 1 };
/// SaliencyTransformer model = ml.Saliency.Trainers.BinaryDenseNet(options).Fit(train);
/// </code>
/// </example>
public sealed record SaliencyTrainerOptions : DenseTrainerOptions
{
    /// <summary>The column the masks are read from: a vector of one byte per pixel, row-major, of the image's size.</summary>
    public string LabelColumnName { get; init; } = ImageDataColumns.Label;

    /// <summary>Output column of the trained transformer: saliency 0..1.</summary>
    public string SaliencyColumnName { get; init; } = ImageDataColumns.Saliency;

    /// <summary>The options of the loss and of what becomes of it.</summary>
    public SaliencyTask Task { get; init; } = new();

    internal override IReadOnlyList<string> LabelColumns => [LabelColumnName];

    internal override IReadOnlyList<LearnedTask> LearnedTasks(DenseNetwork network) => [new(network.Heads[0].Name, Task)];

    internal SaliencyTransformerOptions ToTransformerOptions() => WithCommonNames(new SaliencyTransformerOptions { SaliencyColumnName = SaliencyColumnName });
}
