using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary;

/// <summary>What the trainers of all tasks are told.</summary>
/// <example>
/// <code>
/// SegmentationTrainerOptions options = new()
/// {
///     NumberOfClasses = 3,
///     Preset = NetworkPreset.Tiny,
///     Epochs = 40,                                                        // or Steps, or MaxDuration
///     BatchSize = 4,
///     Seed = 1,
///     CheckpointPath = "road.checkpoint",
///     Resume = true,
///     Training = new() { Augmentation = new() { Flip = false } },         // all that the engine's trainer knows
/// };
/// </code>
/// </example>
public abstract record DenseTrainerOptions
{
    private protected DenseTrainerOptions()
    {
    }

    /// <summary>The column the images are read from.</summary>
    public string ImageColumnName { get; init; } = ImageDataColumns.Image;

    /// <summary>Output column of the trained transformer: the mask's rows.</summary>
    public string MaskHeightColumnName { get; init; } = ImageDataColumns.MaskHeight;

    /// <summary>Output column of the trained transformer: the mask's pixels in a row.</summary>
    public string MaskWidthColumnName { get; init; } = ImageDataColumns.MaskWidth;

    /// <summary>Size of the network; null takes <see cref="NetworkPreset.Small"/>. The trainers of one task (<c>ml.Segmentation</c>, <c>ml.Saliency</c>) give it the defaults of that task besides (<see cref="NetworkConfiguration.WithDefaultsOf"/>).</summary>
    public NetworkPreset? Preset { get; init; }

    /// <summary>One-bit, or the full-precision twin; null takes <see cref="Precision.Binary"/>.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Replaces <see cref="Preset"/> and <see cref="Precision"/> by a network of your own shape.</summary>
    public NetworkConfiguration? Network { get; init; }

    /// <summary>
    /// Start from this network instead of from random weights: one of <see cref="PretrainedNetworks"/>, whose terms then hold for the result
    /// too, or one that was trained before. Size and precision are those of this network, so that <see cref="Preset"/>,
    /// <see cref="Precision"/> and <see cref="Network"/> may not be given beside it. It may be one for other classes or for the other task (where several are learned, for other classes of the
    /// same tasks): logits of classes of the same name keep their weights (see <see cref="FineTuning"/>).
    /// </summary>
    public DenseNetwork? InitialNetwork { get; init; }

    /// <summary>
    /// The size that the network works at: training images are brought to it when they are read, and so is every image that the trained network
    /// is applied to. Null takes that of the <see cref="InitialNetwork"/> if it has one, else the median longest side of the training images, at
    /// most 480, for which all of them are read once more; the log says what it is. <see cref="WorkingSize.Own"/> leaves images as they are.
    /// </summary>
    public WorkingSize? WorkingSize { get; init; }

    /// <summary>
    /// How bright images are made, for training and whenever the trained network is applied: the mean of their pixel values. Null takes that of <see cref="Training"/> if it has one, else that of the
    /// <see cref="InitialNetwork"/>, else leaves images as they are, as <see cref="ImageExposure.AsIs"/> does.
    /// </summary>
    public ImageExposure? Exposure { get; init; }

    /// <summary>
    /// Train for this many steps of the optimiser. At most one of Steps, <see cref="Epochs"/>, <see cref="MaxDuration"/> may be given; without any,
    /// the budget is that of <see cref="Training"/>, by default 1,000 steps.
    /// </summary>
    public int? Steps { get; init; }

    /// <summary>Train for this many passes over the data.</summary>
    public int? Epochs { get; init; }

    /// <summary>Train for this long; the result then depends on the speed of the machine.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>
    /// Data of the same columns that the network is measured on during training (every <see cref="TrainingOptions.ValidationInterval"/>
    /// steps, which the progress reports show from then on, and at the end, which the log shows): mean IoU for segmentation, mean absolute error
    /// for saliency. The figure decides nothing: where the data cannot be read at the end, the log says so, and the network is the result all the same, without a figure.
    /// </summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>
    /// Sets some of the training rows aside, measures the network on them again and again, and makes the best one the result; training ends early where nothing
    /// better has come for a while. Null takes that of <see cref="Training"/>, by default none. It goes by its own rows, not by the <see cref="ValidationSet"/>.
    /// </summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>
    /// Seed of initial weights, sample order and augmentation; null draws one from the <see cref="MLContext"/> and its seed. (Where
    /// <see cref="Network"/> is given, the weights have that configuration's seed.)
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>
    /// Threads of training and of the trained transformer, at most <see cref="Inference.InferenceOptions.MaxThreads"/>; 0 takes all cores. Null takes those of <see cref="Training"/> to train, and all cores
    /// for the transformer.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>Images per step; null takes that of <see cref="Training"/>.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Height of the random crops in pixels; null takes that of <see cref="Training"/>.</summary>
    public int? CropHeight { get; init; }

    /// <summary>Width of the random crops in pixels; null takes that of <see cref="Training"/>.</summary>
    public int? CropWidth { get; init; }

    /// <summary>Highest learning rate; null takes that of <see cref="Training"/>.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Where to write checkpoints; null writes none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>
    /// Continue from the checkpoint at <see cref="CheckpointPath"/>. Give the <see cref="Seed"/> and the rows of the interrupted run: that there are as many is all that is looked at of them. Refused
    /// in cross-validation, where all folds would share it.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Everything else about training that no task has of its own: augmentation, weight decay, intervals. What is given above wins: its
    /// <see cref="TrainingOptions.Seed"/> is always replaced (see <see cref="Seed"/>), and its <see cref="TrainingOptions.Budget"/> where
    /// <see cref="Steps"/>, <see cref="Epochs"/> or <see cref="MaxDuration"/> is given.
    /// </summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>
    /// The most bytes that the network file of the trained network may have (without the rest of an ML.NET model): the width of every channel, 0 to 8 bits, is searched while training
    /// (<see cref="MixedPrecisionSearch"/>). Null trains a network of one width.
    /// </summary>
    public int? MaxBytes { get; init; }

    /// <summary>
    /// How to search for widths, with one strength or a limit; its <see cref="MixedPrecisionOptions.Training"/> is replaced. With <see cref="MaxBytes"/> its cost and limit are replaced too. Null takes the
    /// defaults where <see cref="MaxBytes"/> is given, and else does not search.
    /// </summary>
    public MixedPrecisionOptions? MixedPrecision { get; init; }

    /// <summary>Is called with each progress report, on the thread that trains.</summary>
    public Action<TrainingProgress>? MetricsCallback { get; init; }

    /// <summary>
    /// Ends training early; the network as it is then is the result: before the first step, also while data are read, the one that training was to begin with, of which the log warns.
    /// <c>CrossValidate</c> ends with an <see cref="OperationCanceledException"/> instead.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The columns the masks are read from.</summary>
    internal abstract IReadOnlyList<string> LabelColumns { get; }

    /// <summary>What each head of a network learns, with the options of its loss.</summary>
    internal abstract IReadOnlyList<LearnedTask> LearnedTasks(DenseNetwork network);

    internal NetworkPreset PresetOrDefault => Preset ?? NetworkPreset.Small;

    /// <summary>The working size, unless it is to be found out from the training images.</summary>
    internal WorkingSize? KnownWorkingSize => WorkingSize
        ?? (!Training.WorkingSize.IsOwn ? Training.WorkingSize : InitialNetwork is { WorkingSize.IsOwn: false } network ? network.WorkingSize : null);

    /// <summary>How bright a network that starts from another sees images.</summary>
    internal ImageExposure ExposureOf(DenseNetwork initial) => Exposure ?? (Training.Exposure.IsAsIs ? initial.Exposure : Training.Exposure);

    /// <summary>What is known before images are read: training of images as they are, which nothing measures but what <see cref="Training"/> has.</summary>
    internal TrainingOptions ToTrainingOptions(long seed) => Training with
    {
        WorkingSize = Graph.WorkingSize.Own,
        Budget = Budget(),
        BatchSize = BatchSize ?? Training.BatchSize,
        CropHeight = CropHeight ?? Training.CropHeight,
        CropWidth = CropWidth ?? Training.CropWidth,
        LearningRate = LearningRate ?? Training.LearningRate,
        Seed = seed,
        Threads = Threads ?? Training.Threads,
        CheckpointPath = CheckpointPath ?? Training.CheckpointPath,
        Resume = Resume || Training.Resume,
        EarlyStopping = EarlyStopping ?? Training.EarlyStopping,
        MeasuresInitialStatistics = InitialNetwork is not null || Training.MeasuresInitialStatistics,
    };

    /// <summary>How to search for widths; null where that is not asked for.</summary>
    internal MixedPrecisionOptions? ToSearchOptions(TrainingOptions training, DenseNetwork initial)
    {
        if (MaxBytes is null && MixedPrecision is null)
        {
            return null;
        }

        if (initial.Heads.Length > 1)
        {
            throw new ArgumentException($"{nameof(MaxBytes)} and {nameof(MixedPrecision)} are for networks of one task; leave them out where several are learned.");
        }

        MixedPrecisionOptions search = (MixedPrecision ?? new()) with { Training = training };
        if (MaxBytes is { } bytes)
        {
            return search with { Cost = WidthCost.Weights, Limit = MixedPrecisionSearch.BitsWithin(initial, bytes, search.Precisions) };
        }

        return search.Limit is not null || search.Strengths.Length == 1
            ? search
            : throw new ArgumentException($"{nameof(MixedPrecision)} has {search.Strengths.Length} strengths; a trainer makes one network, so give it one, or a limit.");
    }

    /// <summary>The names and threads that trainer and transformer have in common.</summary>
    private protected TOptions WithCommonNames<TOptions>(TOptions options)
        where TOptions : DenseTransformerOptions => options with
        {
            ImageColumnName = ImageColumnName,
            MaskHeightColumnName = MaskHeightColumnName,
            MaskWidthColumnName = MaskWidthColumnName,
            Threads = Threads ?? 0,
        };

    /// <summary>The network to train: <see cref="InitialNetwork"/> for the task and the classes, or one with random weights.</summary>
    internal DenseNetwork ToInitialNetwork(DenseTask task, ImmutableArray<string> classNames, ImmutableArray<string> palette, long seed)
    {
        if (InitialNetwork is null)
        {
            return new DenseNetwork(DenseNetworkBuilder.Build(ToConfiguration(Math.Max(1, classNames.Length), seed, task)), task, classNames, palette);
        }

        CheckNoShape();
        return FineTuning.Start(InitialNetwork, task, classNames, palette, seed);
    }

    /// <summary>Checks that the shape of a network is not given beside the network.</summary>
    private protected void CheckNoShape()
    {
        if (Network is not null || Preset is not null || Precision is not null)
        {
            throw new ArgumentException(
                $"{nameof(Network)}, {nameof(Preset)} and {nameof(Precision)} are for networks with random weights; {nameof(InitialNetwork)} has its own.");
        }
    }

    private protected NetworkConfiguration ToConfiguration(int outputs, long seed, DenseTask? task = null)
    {
        if (Network is null)
        {
            NetworkConfiguration preset = NetworkConfiguration.For(PresetOrDefault, outputs, Precision ?? Binary.Precision.Binary, seed);
            return task is { } single ? preset.WithDefaultsOf(single) : preset;
        }

        return Network.Outputs == outputs
            ? Network
            : throw new ArgumentException($"The network's configuration has {Network.Outputs} outputs, and {outputs} are needed.");
    }

    private TrainingBudget Budget()
    {
        int given = (Steps is null ? 0 : 1) + (Epochs is null ? 0 : 1) + (MaxDuration is null ? 0 : 1);
        return given > 1
            ? throw new ArgumentException(
                $"{nameof(Steps)}, {nameof(Epochs)} and {nameof(MaxDuration)} are three ways to say how long to train; give one of them.")
            : Steps is int steps ? TrainingBudget.OfSteps(steps)
            : Epochs is int epochs ? TrainingBudget.OfEpochs(epochs)
            : MaxDuration is TimeSpan duration ? TrainingBudget.OfDuration(duration)
            : Training.Budget;
    }
}
