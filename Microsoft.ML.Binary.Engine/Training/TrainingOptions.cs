using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>How the losses of several tasks are weighed against each other.</summary>
/// <example>
/// <code>
/// MultiTaskTrainerOptions options = new() { Tasks = tasks, Training = new() { TaskWeighting = TaskWeighting.Uncertainty } };           // weights are learned
/// </code>
/// </example>
public enum TaskWeighting
{
    /// <summary>The loss is the sum of the tasks' losses, each times <see cref="LearnedTask.Weight"/>.</summary>
    Fixed,

    /// <summary>
    /// By homoscedastic uncertainty (Kendall, Gal and Cipolla, CVPR 2018): the loss is the sum of w (exp(-s) L + s) over tasks of loss L and <see cref="LearnedTask.Weight"/> w, where
    /// s is learned and starts at log L of the first batch that has a loss, so that it does not matter how large the losses of the tasks are. The sum may become negative.
    /// </summary>
    Uncertainty,
}

/// <summary>How to train a network, whatever it learns (<see cref="TrainingTask"/> has the options of that). The defaults are the recipe of <c>docs/training.md</c>.</summary>
/// <example>
/// <code>
/// TrainingOptions options = new()
/// {
///     Budget = TrainingBudget.OfSteps(2000),
///     BatchSize = 8,
///     CropWidth = 256,
///     CropHeight = 192,
///     LearningRate = 4e-3f,
///     CheckpointPath = "run.checkpoint",
///     Seed = 1,
/// };
/// </code>
/// </example>
public sealed record TrainingOptions
{
    /// <summary>How long to train.</summary>
    public TrainingBudget Budget { get; init; } = TrainingBudget.OfSteps(1000);

    /// <summary>Images per step, at least 1.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>
    /// Batches per step, at least 1: their gradients are averaged before the weights change, which acts like a batch so many times larger in the memory of
    /// one (batch norms still go by the statistics of each).
    /// </summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>
    /// The size that training images are brought to when they are read, before anything else is done with them: that at which the trained network
    /// will see images, so give it to the <see cref="DenseNetwork"/> too. Masks follow by vote: a pixel gets the label that covers most of its area, of
    /// equal ones the lowest; it is ignored where more than half of its area is. Crops and enlargements are relative to it. By default images
    /// stay as they are.
    /// </summary>
    public WorkingSize WorkingSize { get; init; }

    /// <summary>
    /// How bright training images are made when they are read, by the curve of each image before it is brought to <see cref="WorkingSize"/>: as the trained network will see images, so give it to the
    /// <see cref="DenseNetwork"/> too. By default they stay as they are. A network of an exposure keeps more of its accuracy in light that it never saw.
    /// </summary>
    public ImageExposure Exposure { get; init; }

    /// <summary>Height of the random crops in pixels, 1..8192; rounded up to a multiple of the network's largest stride.</summary>
    public int CropHeight { get; init; } = 192;

    /// <summary>Width of the random crops in pixels, 1..8192; rounded up to a multiple of the network's largest stride.</summary>
    public int CropWidth { get; init; } = 256;

    /// <summary>Highest learning rate of AdamW, above 0.</summary>
    public float LearningRate { get; init; } = 8e-3f;

    /// <summary>Factor of the learning rate of static gates (<see cref="Gate"/>), above 0.</summary>
    public float GateRate { get; init; } = 1;

    /// <summary>
    /// Factor of the learning rate of channel scaling (<see cref="SqueezeExcitation"/>), above 0: one-bit weights want a rate at which real-valued products would run
    /// into the ends of their sigmoids.
    /// </summary>
    public float ScalingRate { get; init; } = 0.1f;

    /// <summary>Decoupled weight decay of real-valued weights (Loshchilov and Hutter, arXiv 1711.05101), at least 0; one-bit weights are clipped instead.</summary>
    public float WeightDecay { get; init; } = 1e-2f;

    /// <summary>Part of the budget during which the learning rate rises from 0, at least 0 and below 1; then it falls along a cosine.</summary>
    public float WarmUp { get; init; } = 0.03f;

    /// <summary>Decay of the moving average of the weights that becomes the result, at least 0 and below 1; 0 takes the last weights.</summary>
    public float AverageDecay { get; init; } = 0.998f;

    /// <summary>
    /// Weight of the loss of a second classifier on the deepest map, which is trained beside the network's own and dropped afterwards (deep
    /// supervision; Lee et al., arXiv 1409.5185); at least 0, and 0 trains without. Of several tasks it learns that of the first head alone. The reported loss includes it. A network whose
    /// largest stride is 1, or has no real-valued map there in front of the classifier, is refused.
    /// </summary>
    public float DeepSupervision { get; init; }

    /// <summary>
    /// A network of the same task and outputs to learn from, besides the masks (distillation; Hinton et al., arXiv 1503.02531): usually the
    /// trained float twin. It looks at each training image, at <see cref="WorkingSize"/> and <see cref="Exposure"/> and else unchanged, once for as long as that stays in memory, and its probabilities take
    /// part in the loss; null learns from the masks alone.
    /// </summary>
    public DenseGraph? Teacher { get; init; }

    /// <summary>
    /// Share of the <see cref="Teacher"/>'s probabilities in what cross-entropy learns, 0..1; the masks have the rest, and the other parts of the
    /// loss to themselves.
    /// </summary>
    public float DistillationWeight { get; init; } = 0.5f;

    /// <summary>
    /// A network of the same heads to take feature maps from, usually the trained float twin: it sees the same crops, and maps of the nodes <see cref="FeatureTaps"/>,
    /// brought to length 1, are drawn towards its own (after Bi-MTDP, arXiv 2405.14136). Null learns without.
    /// </summary>
    public DenseGraph? FeatureTeacher { get; init; }

    /// <summary>Weight of the distance from the <see cref="FeatureTeacher"/>'s maps in the loss, at least 0.</summary>
    public float FeatureWeight { get; init; } = 1;

    /// <summary>Names of the nodes whose maps are compared; null takes what the encoder and the last upsamplers put out.</summary>
    public IReadOnlyList<string>? FeatureTaps { get; init; }

    /// <summary>How the losses of several tasks are weighed against each other.</summary>
    public TaskWeighting TaskWeighting { get; init; } = TaskWeighting.Uncertainty;

    /// <summary>Weight of the divergence of a network's <see cref="Bottleneck"/> in the loss, at least 0.</summary>
    public float BottleneckWeight { get; init; } = 1e-3f;

    /// <summary>Part of the budget during which <see cref="BottleneckWeight"/> rises from 0, 0..1.</summary>
    public float BottleneckRamp { get; init; } = 0.3f;

    /// <summary>Random changes of the training images.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Seed of sample order, augmentation and the classifier of <see cref="DeepSupervision"/>. (Initial weights have their own in the network's configuration.)</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Threads; 0 takes all cores. The result does not depend on their number.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Decoded training images are kept up to this many bytes, at least 1; a larger set is streamed anew each epoch, through a shuffle buffer of that size. Such a set should come in an
    /// order that has nothing to do with what images show: what stands together stays near each other.
    /// </summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Where to write checkpoints, and where <see cref="Resume"/> reads one; null writes none. One that cannot be written does not end training, if the place could
    /// be written to before: <see cref="OnWarning"/> is told.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Steps between checkpoints, at least 1.</summary>
    public int CheckpointInterval { get; init; } = 200;

    /// <summary>
    /// Continue from the checkpoint at <see cref="CheckpointPath"/>; for step and epoch budgets bit for bit as if never interrupted. Network,
    /// data and options must be those of the interrupted run, except that the <see cref="Budget"/> may be larger: the schedule then goes on at
    /// the part of the new budget that is used up, so that the learning rate rises again. A run that was finished gives its result again; a budget below what has
    /// been done is refused.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>The checkpoint that <see cref="Resume"/> reads; null reads the one at <see cref="CheckpointPath"/>.</summary>
    public string? ResumePath { get; init; }

    /// <summary>
    /// Start from what the checkpoint of another run of a network of the same structure has learned: the weights as they were in training, one-bit ones with how sure each was (a
    /// network file has their signs alone), logits before they were sharpened, and the moments of the optimiser. Data, sizes, loss and all other options but
    /// <see cref="DeepSupervision"/> may be others, and the schedule starts anew (a warm restart; Loshchilov and Hutter, arXiv 1608.03983). Of the network that training is given
    /// the structure counts alone, so that classes must have the order that they had in the other run, and <see cref="MeasuresInitialStatistics"/> has no effect. It may not be the file at
    /// <see cref="CheckpointPath"/>, which the run writes over, and is to be given again where such a run is resumed. Null starts from the network as it is.
    /// </summary>
    public string? RestartPath { get; init; }

    /// <summary>
    /// Before the first step, give the batch norms the statistics of the training data and change their scale and shift so that the network
    /// still computes what it did. For a network with trained weights whose statistics are unknown (<see cref="Unfreezing"/>) or of other
    /// data: its first steps then change what it knows instead of losing it. Batch norms of new parts, which have no statistics yet, keep scale and shift.
    /// Thresholds that are to follow the image and are static yet (<see cref="WeightTransfer"/>) begin to follow it, from where they were on average: this alone changes what the network computes.
    /// </summary>
    public bool MeasuresInitialStatistics { get; init; }

    /// <summary>Steps between progress reports, at least 1.</summary>
    public int ReportInterval { get; init; } = 20;

    /// <summary>
    /// Is told, on the thread that trains, of a checkpoint that could not be written, and before the first step what is likely to be wrong with the data: a class without a pixel, masks
    /// without an object, most pixels ignored (<see cref="Imaging.MaskSurvey"/>). Data that nothing could be learned from are an error instead.
    /// </summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>
    /// Measures a network during training (for example mIoU on a validation set) every <see cref="ValidationInterval"/> steps,
    /// which the progress reports show from then on, and once more at the end, for <see cref="TrainingResult.ValidationMetric"/>. It decides nothing (<see cref="EarlyStopping"/> does).
    /// </summary>
    public Func<DenseGraph, double>? Validate { get; init; }

    /// <summary>
    /// Gets the result when training is over, before the last checkpoint is written: where the disk has room for one of them only, let it be the model. An
    /// exception in it ends training, after the checkpoint. The last <see cref="Validate"/> comes after both, so that what fails in it does not cost the result, whose
    /// <see cref="TrainingResult.ValidationMetric"/> is null here until then.
    /// </summary>
    public Action<TrainingResult>? Completed { get; init; }

    /// <summary>Steps between validations, at least 1.</summary>
    public int ValidationInterval { get; init; } = 500;

    /// <summary>
    /// Sets samples aside, makes the network that does best on them the result, and ends training where nothing better comes; null trains on all samples to
    /// the end. Where there is no <see cref="Validate"/>, reports and result show its figure.
    /// </summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>The search for widths that goes on while training.</summary>
    internal MixedPrecision.GateSearchPlan? Search { get; init; }

    /// <summary>
    /// The recipe for going on from a trained network with few labelled images of something else: 50 steps per image, at least 600 and at most 3,000 (ten minutes on two
    /// cores for the preset Small at the usual crops), batch norms measured on the images before the first step, all else as usual.
    /// </summary>
    /// <param name="images">Labelled images, at least 1.</param>
    public static TrainingOptions ForFineTuning(int images)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        return new() { Budget = TrainingBudget.OfSteps((int)Math.Clamp(50L * images, 600, 3000)), MeasuresInitialStatistics = true };
    }

    /// <summary>Checks the options for a network before any data is read; training does so too.</summary>
    /// <param name="graph">The network that is to be trained.</param>
    /// <param name="task">What it is to learn, and by which loss.</param>
    /// <exception cref="ArgumentException">An option is out of range, or does not fit the graph; the message names it.</exception>
    public void CheckFor(DenseGraph graph, TrainingTask task)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(task);
        CheckFor(graph, TrainedHead.Single(graph, task));
    }

    /// <summary>Checks the options for a network of several tasks before any data is read; training does so too.</summary>
    /// <param name="network">The network that is to be trained.</param>
    /// <param name="tasks">What each of its heads is to learn.</param>
    /// <exception cref="ArgumentException">An option is out of range, or does not fit the network; the message names it.</exception>
    public void CheckFor(DenseNetwork network, IReadOnlyList<LearnedTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(tasks);
        CheckExposure(network);
        CheckFor(network.Graph, TrainedHead.Of(network, tasks));
    }

    internal void CheckFor(DenseGraph graph, ImmutableArray<TrainedHead> heads)
    {
        Check(BatchSize >= 1, nameof(BatchSize), BatchSize, "at least 1");
        Check(GradientAccumulation >= 1, nameof(GradientAccumulation), GradientAccumulation, "at least 1");
        Check(CropHeight is >= 1 and <= 8192, nameof(CropHeight), CropHeight, "from 1 to 8192");
        Check(CropWidth is >= 1 and <= 8192, nameof(CropWidth), CropWidth, "from 1 to 8192");
        Check(LearningRate > 0 && float.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0");
        Check(GateRate > 0 && float.IsFinite(GateRate), nameof(GateRate), GateRate, "above 0");
        Check(ScalingRate > 0 && float.IsFinite(ScalingRate), nameof(ScalingRate), ScalingRate, "above 0");
        Check(WeightDecay >= 0 && float.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "at least 0");
        Check(WarmUp is >= 0 and < 1, nameof(WarmUp), WarmUp, "at least 0 and below 1");
        Check(AverageDecay is >= 0 and < 1, nameof(AverageDecay), AverageDecay, "at least 0 and below 1");
        Check(Threads >= 0, nameof(Threads), Threads, "at least 0 (0 takes all cores)");
        Check(CacheBytes >= 1, nameof(CacheBytes), CacheBytes, "at least 1");
        Check(CheckpointInterval >= 1, nameof(CheckpointInterval), CheckpointInterval, "at least 1");
        Check(ReportInterval >= 1, nameof(ReportInterval), ReportInterval, "at least 1");
        Check(ValidationInterval >= 1, nameof(ValidationInterval), ValidationInterval, "at least 1");
        Check(!Resume || CheckpointPath is not null || ResumePath is not null, nameof(Resume), Resume, "false where no CheckpointPath is given");
        foreach (TrainedHead head in heads)
        {
            head.Task.CheckFor(head.Channels);
            Check(graph.Types[head.Logits].Stride == 1, "The stride of the logits", graph.Types[head.Logits].Stride, "1, the size of the masks");
        }

        Check(DeepSupervision >= 0 && float.IsFinite(DeepSupervision), nameof(DeepSupervision), DeepSupervision, "at least 0");
        if (DeepSupervision > 0)
        {
            AuxiliaryHead.Find(graph);
        }

        Check(DistillationWeight is >= 0 and <= 1, nameof(DistillationWeight), DistillationWeight, "from 0 to 1");
        Check(Teacher is null || Teacher.LogitChannels == graph.LogitChannels, nameof(Teacher), $"a network of {Teacher?.LogitChannels} outputs", $"one of {graph.LogitChannels}, like the one that is trained");
        Check(Teacher is null || heads.Length == 1, nameof(Teacher), "a network", $"null where several tasks are learned; {nameof(FeatureTeacher)} is for those");
        Check(Teacher is null || heads[0].Task.LearnsFromTeacher, nameof(Teacher), "a network", $"null for {heads[0].Task.Task.Name}, whose loss takes no teacher's probabilities");
        Check(FeatureWeight >= 0 && float.IsFinite(FeatureWeight), nameof(FeatureWeight), FeatureWeight, "at least 0");
        Check(BottleneckWeight >= 0 && float.IsFinite(BottleneckWeight), nameof(BottleneckWeight), BottleneckWeight, "at least 0");
        Check(BottleneckRamp is >= 0 and <= 1, nameof(BottleneckRamp), BottleneckRamp, "from 0 to 1");
        Check(Enum.IsDefined(TaskWeighting), nameof(TaskWeighting), TaskWeighting, "fixed or by uncertainty");
        if (FeatureTeacher is not null)
        {
            Data.FeatureTeacher.Find(FeatureTeacher, graph, FeatureTaps);
        }

        Augmentation.Check();
        EarlyStopping?.Check();

        // A run that writes over the checkpoint it starts from could not be resumed, and what it starts from would be lost.
        Check(
            RestartPath is null || CheckpointPath is null || !RealPath.AreSame(RestartPath, CheckpointPath),
            nameof(RestartPath), $"'{RestartPath}'", $"another file than {nameof(CheckpointPath)}, which the run writes over");
    }

    /// <summary>The same with the paths of now, wherever the program goes while it trains.</summary>
    internal TrainingOptions WithFullPaths()
    {
        return this with { CheckpointPath = Full(CheckpointPath), ResumePath = Full(ResumePath), RestartPath = Full(RestartPath) };

        static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
    }

    /// <summary>Checks that images are trained on as the network will see them.</summary>
    /// <exception cref="ArgumentException">The exposures differ.</exception>
    internal void CheckExposure(DenseNetwork network)
    {
        if (Exposure != network.Exposure)
        {
            throw new ArgumentException(
                $"The network sees images at an exposure of {network.Exposure}, and the options train it at {Exposure}; give both the same ({nameof(DenseNetwork)}.{nameof(DenseNetwork.WithExposure)}).",
                nameof(network));
        }
    }

    internal static void Check(bool condition, string name, object value, string expected)
    {
        if (!condition)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it must be {expected}."), name);
        }
    }
}
