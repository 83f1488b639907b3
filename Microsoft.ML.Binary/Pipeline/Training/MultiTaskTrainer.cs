using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary;

/// <summary>The trainers of <see cref="MultiTaskCatalog.Trainers"/>.</summary>
public sealed class MultiTaskTrainers
{
    private readonly MLContext _context;

    internal MultiTaskTrainers(MLContext context) => _context = context;

    /// <summary>A network of several tasks with one-bit weights and activations (or its full-precision twin).</summary>
    /// <param name="options">What tasks there are, how large a network, how long to train, and more.</param>
    /// <exception cref="ArgumentException">The tasks, their classes or their colours are not given or do not fit each other.</exception>
    /// <example>
    /// <code>
    /// IDataView train = ml.Data.LoadImageTasks("images", [new("classes", "masks") { NumberOfClasses = 3 }, new("person", "people", MaskKind.Saliency)]);
    /// MultiTaskTransformer model = ml.MultiTask.Trainers.BinaryDenseNet(new MultiTaskTrainerOptions
    /// {
    ///     Tasks =
    ///     [
    ///         new("classes", new SegmentationTask()) { NumberOfClasses = 3 },
    ///         new("person", new SaliencyTask()),
    ///         new("edges", new EdgesTask()) { From = "classes" },
    ///     ],
    ///     MaxDuration = TimeSpan.FromMinutes(30),
    /// }).Fit(train);
    /// </code>
    /// </example>
    public MultiTaskTrainer BinaryDenseNet(MultiTaskTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MultiTaskTrainer(_context, options with { Tasks = [.. options.Tasks], ScoredTasks = [.. options.ScoredTasks] });
    }
}

/// <summary>
/// Trains several dense tasks on one encoder: the loss is the sum of theirs, weighed as <see cref="TrainingOptions.TaskWeighting"/> says; see <see cref="MultiTaskTrainers.BinaryDenseNet(MultiTaskTrainerOptions)"/>.
/// </summary>
/// <example>
/// <code>
/// MultiTaskTrainer trainer = ml.MultiTask.Trainers.BinaryDenseNet(new() { Tasks = tasks, Steps = 2000, Seed = 1 });
/// MultiTaskTransformer model = trainer.Fit(train);
/// </code>
/// </example>
public sealed class MultiTaskTrainer : DenseNetworkTrainer<MultiTaskTransformer>
{
    private readonly MultiTaskTrainerOptions _options;
    private readonly MultiTaskTransformerOptions _scoring;
    private readonly ImmutableArray<TaskHead> _heads;

    internal MultiTaskTrainer(MLContext context, MultiTaskTrainerOptions options)
        : this(context, options, options.ToTransformerOptions(), options.ToHeads())
    {
    }

    private MultiTaskTrainer(MLContext context, MultiTaskTrainerOptions options, MultiTaskTransformerOptions scoring, ImmutableArray<TaskHead> heads)
        : base(context, options, scoring, heads) => (_options, _scoring, _heads) = (options, scoring, heads);

    private protected override DenseNetwork InitialNetwork(long seed) => _options.ToInitialNetwork(_heads, seed);

    private protected override MultiTaskTransformer Transformer(DenseNetwork network) => new(Context, network, _scoring);

    private protected override double Measure(IDataView scored) =>
        new MultiTaskEvaluator(_options.Tasks, _options.MaskHeightColumnName, _options.MaskWidthColumnName, count: 1).Evaluate(scored).Tasks[0].Metrics.ValidationFigure;
}

/// <summary>Options of <see cref="MultiTaskTrainers.BinaryDenseNet(MultiTaskTrainerOptions)"/>.</summary>
/// <example>
/// <code>
/// MultiTaskTrainerOptions options = new()
/// {
///     Tasks = [new("classes", new SegmentationTask()) { NumberOfClasses = 3 }, new("edges", new EdgesTask()) { From = "classes" }],
///     Decoders = TaskDecoders.Light,
///     Steps = 2000,
///     Seed = 1,
/// };
/// </code>
/// </example>
public sealed record MultiTaskTrainerOptions : DenseTrainerOptions
{
    /// <summary>The tasks, of different names, at least one. The first one is what <see cref="DenseTrainerOptions.ValidationSet"/> measures, and what callers get that ask for one result.</summary>
    public required IReadOnlyList<DenseTaskOptions> Tasks { get; init; }

    /// <summary>What the tasks have of their own; null takes <see cref="TaskDecoders.Light"/>. Not beside an <see cref="DenseTrainerOptions.InitialNetwork"/>, which has its own.</summary>
    public TaskDecoders? Decoders { get; init; }

    /// <summary>The variational information bottleneck behind the encoder while training; none beside an <see cref="DenseTrainerOptions.InitialNetwork"/>.</summary>
    public TaskBottleneck Bottleneck { get; init; } = TaskBottleneck.None;

    /// <summary>The tasks whose class probabilities are an output column too (<see cref="MultiTaskTransformerOptions.ScoredTasks"/>).</summary>
    public IReadOnlyList<string> ScoredTasks { get; init; } = [];

    internal override IReadOnlyList<string> LabelColumns => [.. Tasks.Where(task => task.From is null).Select(task => task.LabelColumn(Tasks))];

    internal override IReadOnlyList<LearnedTask> LearnedTasks(DenseNetwork network) => [.. Tasks.Select(task => task.ToLearned())];

    internal MultiTaskTransformerOptions ToTransformerOptions() => WithCommonNames(new MultiTaskTransformerOptions { ScoredTasks = ScoredTasks });

    /// <summary>The heads that the tasks are learned by.</summary>
    /// <exception cref="ArgumentException">There is no task, two have one name, or the classes of one are not given or do not fit.</exception>
    internal ImmutableArray<TaskHead> ToHeads()
    {
        if (Tasks.Count == 0)
        {
            throw new ArgumentException($"There is no task; {nameof(Tasks)} must list at least one.", nameof(Tasks));
        }

        TaskImages.CheckNames(Tasks.Select(task => task.Name), nameof(Tasks));
        return [.. Tasks.Select(task => task.ToHead(InitialNetwork))];
    }

    /// <summary>The network to train: <see cref="DenseTrainerOptions.InitialNetwork"/> for the classes of the heads, which must be its own, or one with random weights.</summary>
    internal DenseNetwork ToInitialNetwork(ImmutableArray<TaskHead> heads, long seed)
    {
        if (InitialNetwork is null)
        {
            return MultiTaskNetwork.Build(ToConfiguration(heads[0].Channels, seed), heads, Decoders ?? TaskDecoders.Light, Bottleneck);
        }

        CheckNoShape();
        if (Decoders is not null || Bottleneck != TaskBottleneck.None)
        {
            throw new ArgumentException(
                $"{nameof(Decoders)} and {nameof(Bottleneck)} are for networks with random weights; {nameof(InitialNetwork)} has its own decoders, and goes on as it is.");
        }

        return FineTuning.Start(InitialNetwork, heads, seed);
    }
}
