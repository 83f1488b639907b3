using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What several tasks have beside a <see cref="TrainingJob"/>, whose own task and masks are not looked at.</summary>
internal sealed record MultiTaskJob(
    TrainingJob Common, string TaskFile, string? ValidationTaskFile, TaskDecoders Decoders, TaskBottleneck Bottleneck, TaskWeighting Weighting, string? FeatureTeacher);

/// <summary>One run of <c>mlbinary train --tasks</c>.</summary>
internal sealed class MultiTaskRunner : TrainingJobRunner
{
    private readonly MultiTaskJob _job;
    private readonly TaskData _data;
    private readonly TaskData? _validation;
    private readonly DenseGraph? _teacher;

    public MultiTaskRunner(MultiTaskJob job, Terminal terminal)
        : base(job.Common, terminal)
    {
        _job = job;
        _data = TaskData.Open(job.TaskFile, Job.Images, Job.Folders);
        _validation = Job.ValidationImages is { } images ? TaskData.OpenValidation(job.ValidationTaskFile ?? job.TaskFile, images, Job.Folders, _data) : null;
        ModelSource? source = Job.Transfer is { } transfer ? ModelSource.Load(transfer) : null;
        WorkingSize size = FindSize(source is null ? null : (source.WorkingSize, source.Name));
        NetworkConfiguration preset = NetworkConfiguration.For(Job.Preset, 1, Job.Precision, Job.Training.Seed);
        DenseNetwork built = MultiTaskNetwork.Build(Job.Network?.Apply(preset) ?? preset, _data.Heads, job.Decoders, job.Bottleneck, size).WithExposure(ExposureFrom(source?.Network));
        Initial = Writable(() => source is null ? built : built.WithGraph(Transferred(WithClassesOf(built, source.Network), source.Name, built.Graph)));
        _teacher = job.FeatureTeacher is { } teacher ? Teacher(teacher) : null;
        Options().CheckFor(Initial, _data.Tasks);
        _validation?.CheckMasks(Threads, terminal.Warn);
    }

    protected override DenseNetwork Initial { get; }

    protected override IReadOnlyList<string> Images => field ??= [.. _data.Images.Select(image => image.ImagePath)];

    protected override int ValidationCount => _validation?.Images.Count ?? 0;

    protected override string MeasureName => _data.Tasks[0].Task.MeasureName;

    protected override string Title =>
        $"{string.Join(", ", Initial.Heads.Select(head => $"{head.Name} ({head.Task.Name}{(head.ClassNames.IsEmpty ? "" : $", {head.ClassNames.Length} classes")})"))}, {Job.Preset} ({Job.Precision})";

    protected override TrainingResult Train(TrainingOptions options, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
        DenseTrainer.TrainTasks(Initial, _data.Tasks, () => _data.Read(Threads), options, progress, cancellation);

    protected override TrainingOptions Complete(TrainingOptions options) => options with
    {
        FeatureTeacher = _teacher,
        TaskWeighting = _job.Weighting,
        MeasuresInitialStatistics = Job.Transfer is not null,
    };

    protected override double Validate(DenseGraph graph) =>
        new TaskPredictions(Initial.WithGraph(graph), _validation!).Measure(Threads, only: _data.Tasks[0].Name).Tasks[0].Metrics.ValidationFigure;

    protected override IEnumerable<(string Name, string Value)> Facts(TrainingResult result) =>
    [
        ("preset", Job.Preset.ToString()),
        .. Job.Transfer is { } transfer ? new[] { ("transfer", Path.GetFileName(transfer)) } : [],
        ("taskWeights", string.Join(", ", _data.Tasks.Select(task => Invariant($"{task.Name} {task.Weight}")))),
        ("taskWeighting", _job.Weighting.ToString()),
        .. result.TaskWeights.IsEmpty ? [] : new[] { ("taskFactors", string.Join(", ", Initial.Heads.Zip(result.TaskWeights, (head, factor) => Invariant($"{head.Name} {factor:G3}")))) },
        ("decoders", _job.Decoders.ToString()),
        ("bottleneck", _job.Bottleneck.ToString()),
        ("featureTeacher", Path.GetFileName(_job.FeatureTeacher) ?? "none"),
    ];

    /// <summary>
    /// The trainable graph of a network to start from, with the logits of heads that have a name and task of what is trained in the order of the classes there: weights pass on by the names of
    /// tensors, which say nothing of classes.
    /// </summary>
    private DenseGraph WithClassesOf(DenseNetwork built, DenseNetwork source) => FineTuning.Start(
        source,
        [.. source.Heads.Select(head => built.Heads.FirstOrDefault(trained => trained.Name == head.Name && trained.Task == head.Task) is { } other
            && !ClassList.AreNumbers(head.ClassNames) && !ClassList.AreNumbers(other.ClassNames) ? other : head)],
        Job.Training.Seed).Graph;

    private DenseGraph Teacher(string path)
    {
        DenseNetwork network = ModelSource.Load(path).Network;
        CheckExposure(network, path, Initial.Exposure);
        string[] expected = [.. Initial.Heads.Select(Describe)], actual = [.. network.Heads.Select(Describe)];
        return expected.SequenceEqual(actual)
            ? network.Unfreeze().Graph
            : throw new InvalidDataException($"{path}: a teacher of features must have the heads of what is trained, {string.Join(", ", expected)}, and this network has {string.Join(", ", actual)}.");

        static string Describe(TaskHead head) => $"'{head.Name}' ({head.Task.Name}{(head.Task.HasClasses ? $", {head.Channels} classes" : "")})";
    }
}
