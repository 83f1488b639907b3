using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

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
    ///     Seed = 1,
    ///     ValidationSet = validation,
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
    /// <param name="outputColumnName">The column of what the trained model predicts.</param>
    /// <param name="seed">Of initial weights, order and augmentation; null draws one from the <see cref="MLContext"/>, whose state any other call moves on.</param>
    /// <example><code>var model = ml.Segmentation.Trainers.BinaryDenseNet(numberOfClasses: 11, steps: 2000, seed: 1).Fit(train);</code></example>
    public SegmentationTrainer BinaryDenseNet(
        int numberOfClasses,
        string labelColumnName = ImageDataColumns.Label,
        string imageColumnName = ImageDataColumns.Image,
        int steps = 1000,
        string outputColumnName = ImageDataColumns.PredictedLabel,
        long? seed = null) =>
        BinaryDenseNet(new SegmentationTrainerOptions
        {
            NumberOfClasses = numberOfClasses,
            LabelColumnName = labelColumnName,
            ImageColumnName = imageColumnName,
            Steps = steps,
            PredictedLabelColumnName = outputColumnName,
            Seed = seed,
        });
}

/// <summary>
/// Trains a binary (or full-precision) network for semantic segmentation; see
/// <see cref="SegmentationTrainers.BinaryDenseNet(SegmentationTrainerOptions)"/>. Masks hold class indices 0 .. classes - 1; 255, or another
/// <see cref="SegmentationTask.IgnoreLabel"/>, is ignored.
/// </summary>
/// <example>
/// <code>
/// SegmentationTrainer trainer = ml.Segmentation.Trainers.BinaryDenseNet(numberOfClasses: 3, steps: 2000, seed: 1);
/// SegmentationTransformer model = trainer.Fit(train);
/// </code>
/// </example>
public sealed class SegmentationTrainer : DenseNetworkTrainer<SegmentationTransformer>
{
    private readonly SegmentationTrainerOptions _options;
    private readonly SegmentationTransformerOptions _scoring;
    private readonly ImmutableArray<string> _names;
    private readonly ImmutableArray<string> _colors;

    internal SegmentationTrainer(MLContext context, SegmentationTrainerOptions options)
        : base(context, options, options.ToTransformerOptions())
    {
        (_options, _scoring) = (options, options.ToTransformerOptions());
        (_names, _colors) = options.Classes();
    }

    private protected override DenseNetwork InitialNetwork(long seed) => _options.ToInitialNetwork(DenseTask.Segmentation, _names, _colors, seed);

    private protected override SegmentationTransformer Transformer(DenseNetwork network) => new(Context, network, _scoring);

    private protected override double Measure(IDataView scored) =>
        new SegmentationEvaluator(new(_options.LabelColumnName, _scoring.PredictedLabelColumnName, _scoring.MaskHeightColumnName, _scoring.MaskWidthColumnName))
            .Evaluate(scored, null, new() { KeepImages = false, IgnoreIndex = _options.Task.IgnoreLabel })
            .MeanIoU;
}

/// <summary>Options of <see cref="SegmentationTrainers.BinaryDenseNet(SegmentationTrainerOptions)"/>.</summary>
/// <example>
/// <code>
/// SegmentationTrainerOptions options = new()
/// {
///     ClassNames = ["background", "inside", "contour"],
///     Palette = Palette.Parse("#1B1B22, #F0A030, #E4572E"),
///     InitialNetwork = PretrainedNetworks.Load(PretrainedModel.Nuclei),
///     Steps = 500,
///     Seed = 1,
/// };
/// SegmentationTransformer model = ml.Segmentation.Trainers.BinaryDenseNet(options).Fit(train);
/// </code>
/// </example>
public sealed record SegmentationTrainerOptions : DenseTrainerOptions
{
    /// <summary>The column the masks are read from: a vector of one byte per pixel, row-major, of the image's size.</summary>
    public string LabelColumnName { get; init; } = ImageDataColumns.Label;

    /// <summary>
    /// Number of classes, 2 to 255; may be left out where <see cref="ClassNames"/> or an <see cref="DenseTrainerOptions.InitialNetwork"/> for
    /// segmentation are given.
    /// </summary>
    public int? NumberOfClasses { get; init; }

    /// <summary>
    /// Names of the classes, in the order of their indices. Null takes those of an <see cref="DenseTrainerOptions.InitialNetwork"/> with as
    /// many classes, and else names them "0", "1", ...
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Colours of the classes, at least one each; null takes those of the initial network along with its names, or <see cref="Imaging.Palette.Default"/>.</summary>
    public Palette? Palette { get; init; }

    /// <summary>Output column of the trained transformer: class indices.</summary>
    public string PredictedLabelColumnName { get; init; } = ImageDataColumns.PredictedLabel;

    /// <summary>Output column of the trained transformer: class probabilities; null makes none.</summary>
    public string? ScoreColumnName { get; init; }

    private TaskHead? KnownClasses => InitialNetwork is { Task: DenseTask.Segmentation } network ? network.Heads[0] : null;

    /// <summary>The options of the loss: weights of the classes, soft IoU, the label that is ignored.</summary>
    public SegmentationTask Task { get; init; } = new();

    internal override IReadOnlyList<string> LabelColumns => [LabelColumnName];

    internal override IReadOnlyList<LearnedTask> LearnedTasks(DenseNetwork network) => [new(network.Heads[0].Name, Task)];

    internal SegmentationTransformerOptions ToTransformerOptions() =>
        WithCommonNames(new SegmentationTransformerOptions { PredictedLabelColumnName = PredictedLabelColumnName, ScoreColumnName = ScoreColumnName });

    internal (ImmutableArray<string> Names, ImmutableArray<string> Colors) Classes() =>
        TaskClasses.Of(task: null, NumberOfClasses ?? ClassNames?.Count ?? KnownClasses?.Channels, ClassNames, Palette, KnownClasses);
}
