using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>One run of <c>mlbinary train --task</c>.</summary>
internal sealed class SingleTaskRunner : TrainingJobRunner
{
    /// <summary>The most images of which it is said that a trained network would be the better start.</summary>
    private const int FewImages = 100;

    private readonly IReadOnlyList<ImagePair> _pairs, _validationPairs;
    private readonly ModelSource? _source;
    private readonly ClassList _classes;
    private readonly TrainingTask _task;
    private readonly DenseGraph? _teacher;

    public SingleTaskRunner(TrainingJob job, Terminal terminal)
        : base(job, terminal)
    {
        _pairs = ImageFolder.Pair(job.Images, job.Masks, job.Folders);
        _validationPairs = job.ValidationImages is null ? [] : ImageFolder.Pair(job.ValidationImages, job.ValidationMasks!, job.Folders);
        _source = (job.From ?? job.Transfer) is { } source ? ModelSource.Load(source) : null;
        _classes = !job.Task.Task.HasClasses ? new([], [])
            : (job.Classes is null ? ClassList.FromMasks(_pairs) : ClassList.Parse(job.Classes)).NamedAs(_source?.Network);
        _task = job.Task.WithClassNames(_classes.Names);
        WorkingSize size = FindSize(_source is null ? null : (_source.WorkingSize, _source.Name));
        _teacher = job.Teacher is null ? null : Teacher(job.Teacher);
        DenseGraph graph = StartGraph();
        Initial = Writable(() => new(graph, _task.Task, _classes.Names, _classes.Colors, workingSize: size, exposure: ExposureFrom(_source?.Network)));
        Options().CheckFor(graph, _task);
        if (_validationPairs.Count > 0)
        {
            DenseTrainer.CheckValidation(
                _task, _classes.Names.Length, LabelledImages.Stream(_validationPairs, _task.Task, NumberOfClasses, Threads, _classes.MaskColors), terminal.Warn);
        }
    }

    /// <summary>The network to start with, trainable.</summary>
    public DenseGraph InitialGraph => Initial.Graph;

    /// <summary>What is learned.</summary>
    public TrainingTask Task => _task;

    /// <summary>Whether there are images to validate on.</summary>
    public bool Validates => _validationPairs.Count > 0;

    protected override DenseNetwork Initial { get; }

    protected override IReadOnlyList<string> Images => field ??= [.. _pairs.Select(pair => pair.ImagePath)];

    protected override int ValidationCount => _validationPairs.Count;

    protected override string MeasureName => _task.MeasureName;

    protected override string Title =>
        $"{_task.Task}{(NumberOfClasses is { } count ? $", {Plural.Of(count, "class", "classes")}" : "")}, {(Job.From is null ? $"{Job.Preset} ({Job.Precision})" : $"from {_source!.Name}")}";

    protected override TrainingBudget Budget => Job.Budget is null && Job.From is not null ? TrainingOptions.ForFineTuning(_pairs.Count).Budget : base.Budget;

    // A pretrained network is no file, whatever it is called.
    protected override bool ReplacesStart => Job.From is not null && _source!.FileBytes is not null && RealPath.AreSame(_source.Name, Job.Out);

    protected override string? Advice => _pairs.Count <= FewImages && Job is { From: null, Transfer: null, Training: { ResumePath: null, RestartPath: null }, Network: null, Precision: Precision.Binary, MeansNoStart: false }
        ? $"{Plural.Of(_pairs.Count, "image")}: starting from a trained network usually gives more: --from {PretrainedModel.Words} (research only) or --from {PretrainedModel.Nuclei} (any use)."
        : null;

    private int? NumberOfClasses => _task.Task.HasClasses ? _classes.Names.Length : null;

    /// <summary>One pass over the training data, which training brings to the working size.</summary>
    public IEnumerable<TrainingSample> ReadData() =>
        LabelledImages.Stream(MixedOrder.Of(_pairs), _task.Task, NumberOfClasses, Threads, _classes.MaskColors, Initial.WorkingSize.LongestSide);

    /// <summary>One figure of a network, higher where it is better: on the images to validate on, and where there are none, on those trained on.</summary>
    public double Accuracy(DenseNetwork network)
    {
        using ModelPredictions predictions = new(network, Validates ? _validationPairs : _pairs, colors: _classes.MaskColors);
        PredictionEvaluation evaluation = new(predictions, Threads);
        return CliTask.Of(_task.Task).Accuracy(evaluation);
    }

    protected override TrainingResult Train(TrainingOptions options, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
        DenseTrainer.Train(Initial.Graph, _task, ReadData, options, progress, cancellation);

    protected override TrainingOptions Complete(TrainingOptions options) => options with
    {
        Teacher = _teacher,
        MeasuresInitialStatistics = _source is not null,
    };

    protected override double Validate(DenseGraph graph)
    {
        using ModelPredictions predictions = new(Initial.WithGraph(graph), _validationPairs, colors: _classes.MaskColors);
        PredictionEvaluation evaluation = new(predictions, Threads);
        return CliTask.Of(_task.Task).Measure(evaluation);
    }

    protected override IEnumerable<(string Name, string Value)> Facts(TrainingResult result)
    {
        yield return Job.From is null ? ("preset", Job.Preset.ToString()) : ("from", Path.GetFileName(_source!.Name));
        yield return ("teacher", Job.Teacher is { } teacher ? Invariant($"{Path.GetFileName(teacher)}, share {Job.Training.DistillationWeight}") : "none");
        if (Job.Transfer is not null)
        {
            yield return ("transfer", Path.GetFileName(_source!.Name));
        }

        if (_task is SegmentationTask segmentation && segmentation.SoftIoUWeight != new SegmentationTask().SoftIoUWeight)
        {
            yield return ("softIoU", Text(segmentation.SoftIoUWeight));
        }

        if (_task is SaliencyTask { SoftFBetaSquared: { } betaSquared })
        {
            yield return ("softF", Text(betaSquared));
        }
    }

    private DenseGraph StartGraph()
    {
        DenseGraph? source = _source is null ? null : FineTuning.Start(_source.Network, _task.Task, _classes.Names, seed: Job.Training.Seed).Graph;
        if (source is not null && Job.Transfer is null)
        {
            return source;
        }

        NetworkConfiguration preset = NetworkConfiguration.For(Job.Preset, NumberOfClasses ?? 1, Job.Precision, Job.Training.Seed).WithDefaultsOf(_task.Task);
        DenseGraph initial = DenseNetworkBuilder.Build(Job.Network?.Apply(preset) ?? preset);
        return source is null ? initial : Transferred(source, _source!.Name, initial);
    }

    private DenseGraph Teacher(string path)
    {
        DenseNetwork network = ModelSource.Load(path).Network.Freeze();
        if (network.Task != _task.Task || network.Graph.LogitChannels != (NumberOfClasses ?? 1))
        {
            throw new InvalidDataException(
                $"{path}: a teacher must have the task and classes of what is trained, and this is a {network.Task} network of {Plural.Of(network.Graph.LogitChannels, "output")}.");
        }

        CheckExposure(network, path, ExposureFrom(_source?.Network));
        return _classes.FirstDifference(network.ClassNames) is { } index
            ? throw new InvalidDataException(
                $"{path}: a teacher must have the classes of what is trained, in the same order, and its class {index} is '{network.ClassNames[index]}', not '{_classes.Names[index]}'.")
            : network.Graph;
    }
}
