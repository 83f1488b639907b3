using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Resampling;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// What a network learns: the task, how its masks are meant, its loss with the options of that, and what measures its results. There is a record for
/// each task, so that no task can be given the options of another.
/// </summary>
/// <example>
/// <code>
/// TrainingTask task = TrainingTask.For(network.Task);                     // the usual loss
/// Console.WriteLine($"{task.MeasureName}, {(task.LowerIsBetter ? "lower" : "higher")} is better");
/// </code>
/// </example>
public abstract record TrainingTask
{
    private static readonly TrainingTask[] All = [new SegmentationTask(), new SaliencyTask(), new EdgesTask { Source = EdgeSource.Edges }];

    private protected TrainingTask()
    {
    }

    /// <summary>The task.</summary>
    public abstract DenseTask Task { get; }

    /// <summary>What validation measures, in short: <c>mIoU</c>, <c>MAE</c>, <c>ODS F</c>.</summary>
    public abstract string MeasureName { get; }

    /// <summary>Whether a lower measure is a better one.</summary>
    public abstract bool LowerIsBetter { get; }

    /// <summary>The label that is ignored, where masks hold labels; null where they hold gray values, object above 128.</summary>
    internal abstract byte? IgnoredLabel { get; }

    /// <summary>Names of the classes, for messages; null calls them by their indices.</summary>
    internal virtual IReadOnlyList<string>? Names => null;

    /// <summary>
    /// What of the options decides the result, for <see cref="TrainingKey"/>. Checkpoints once had these three for every task; a task without such options has
    /// what was written then.
    /// </summary>
    internal virtual (string ClassWeights, float SoftIoU, byte IgnoredLabel) Key => ("balanced", 0.5f, 255);

    /// <summary>The same of options that no other task has.</summary>
    internal virtual string KeyOfOptions => "";

    /// <summary>The same of options that change the result and not training. They count where results are part of a checkpoint (<see cref="EarlyStopping"/>).</summary>
    internal virtual string KeyOfResult => "";

    /// <summary>Whether what is learned is made of the masks (<see cref="Target"/>) rather than the masks themselves.</summary>
    internal virtual bool HasOwnTarget => false;

    /// <summary>Whether the loss takes a teacher's probabilities (<see cref="TrainingOptions.Teacher"/>).</summary>
    internal virtual bool LearnsFromTeacher => false;

    /// <summary>Whether what is learned can be derived from the masks of another task (<see cref="LearnedTask.From"/>).</summary>
    public virtual bool CanBeDerived => false;

    /// <summary>Whether pictures show a map of the task over its image rather than alone.</summary>
    public virtual bool IsShownOnImage => false;

    /// <summary>The numbers among the options.</summary>
    private protected virtual IReadOnlyList<TaskOption> Options => [];

    /// <summary>A task with the default options, whose masks show what is learned.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such task.</exception>
    public static TrainingTask For(DenseTask task) =>
        Array.Find(All, one => one.Task == task) ?? throw new ArgumentOutOfRangeException(nameof(task), task, "There is no such task.");

    /// <summary>The same task with a number among its options, by the name that files of tasks have for it (<c>docs/multi-task.md</c>).</summary>
    /// <param name="name">The name; case makes no difference.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentException">The task has no such option, or the number is out of range; the message says what would be right.</exception>
    public TrainingTask WithOption(string name, float value)
    {
        TaskOption option = Options.FirstOrDefault(option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"{Task.Name} has no option '{name}'; it has {(Options.Count == 0 ? "none" : string.Join(", ", Options.Select(option => $"'{option.Name}'")))}.");
        return option.Allows(value)
            ? option.With(value)
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{option.Name}' is {value}; it must be {option.Range}."));
    }

    /// <summary>Starts to measure what a head predicts.</summary>
    /// <param name="head">A head of this task. Where masks are those of another task, <see cref="LearnedTask.Resolve"/> gives the task that knows what they show.</param>
    /// <exception cref="ArgumentException">The head is one of another task.</exception>
    public TaskMetricsAccumulator NewAccumulator(TaskHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        TrainingOptions.Check(head.Task == Task, $"The task of '{head.Name}'", Task.Name, $"{head.Task.Name}, as the network has it");
        return Accumulator(head, forValidation: false);
    }

    /// <summary>What is true, as a picture shows it.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <returns>Gray values, 255 where a map should be 1, of the mask's size.</returns>
    public virtual byte[] Shown(ReadOnlySpan<byte> mask, int width) => mask.ToArray();

    /// <summary>The same task, calling its classes by these names in messages; itself where there are no classes, or have names already.</summary>
    public virtual TrainingTask WithClassNames(IReadOnlyList<string> names) => this;

    /// <summary>Checks the options for a network.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    /// <param name="channels">Channels of the logits.</param>
    internal virtual void CheckFor(int channels)
    {
        bool hasClasses = Task.HasClasses;
        TrainingOptions.Check(
            hasClasses ? channels is >= 2 and <= DenseNetwork.MaxClasses : channels == 1,
            nameof(DenseGraph.LogitChannels), channels, hasClasses ? $"from 2 to {DenseNetwork.MaxClasses} for {Task.Name}" : $"1 for {Task.Name}");
        foreach (TaskOption option in Options)
        {
            TrainingOptions.Check(option.Value is not { } value || option.Allows(value), option.Property, option.Value ?? 0, option.Range);
        }
    }

    /// <summary>What looks at the masks as a whole; null where there is nothing to find wrong.</summary>
    internal virtual MaskSurvey? NewSurvey(int classes) => IgnoredLabel is { } ignored
        ? MaskSurvey.OfClasses(Names ?? [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))], ignored)
        : MaskSurvey.OfSaliency();

    /// <summary>Labels that masks may have, beside the ignored one.</summary>
    /// <param name="channels">Channels of the logits.</param>
    internal virtual int Labels(int channels) => channels;

    /// <summary>Makes what is learned of a crop's mask.</summary>
    internal virtual void Target(ReadOnlySpan<byte> mask, int width, Span<byte> target) => mask.CopyTo(target);

    /// <summary>A mask at another size (<see cref="TrainingSample.At"/>).</summary>
    internal virtual byte[] Resize(byte[] mask, int width, int height, int newWidth, int newHeight) => IgnoredLabel is { } ignored
        ? MaskResampler.Vote(mask, width, height, newWidth, newHeight, ignored)
        : MaskResampler.VoteObject(mask, width, height, newWidth, newHeight);

    /// <summary>What learns from the batches of a run.</summary>
    /// <param name="survey">What the masks look like.</param>
    /// <param name="distillationWeight">The share of a teacher's probabilities in what is learned, 0..1.</param>
    internal abstract TaskLearner Learner(DataSurvey survey, float distillationWeight);

    /// <summary>The same task on masks that belong to another one, if it <see cref="CanBeDerived"/>.</summary>
    internal virtual TrainingTask On(TrainingTask owner) => throw new NotSupportedException($"{Task.Name} is learned from masks of its own.");

    /// <summary>Measures a network on samples: <see cref="DenseMetrics.ValidationFigure"/>.</summary>
    internal double Measure(CompiledNetwork network, IEnumerable<TrainingSample> samples)
    {
        string[] classes = Task.HasClasses ? [.. Enumerable.Range(0, network.LogitChannels).Select(c => c.ToString(CultureInfo.InvariantCulture))] : [];
        TaskMetricsAccumulator metrics = Accumulator(new(Task.Name, Task, [.. classes]), forValidation: true);
        foreach (TrainingSample sample in samples)
        {
            (int width, int height) = (sample.Image.Width, sample.Image.Height);
            if (Task.HasClasses)
            {
                byte[] labels = new byte[sample.Mask.Length];
                network.PredictLabels(sample.Image, labels);
                metrics.Add(sample.Name, labels, sample.Mask, width, height);
            }
            else
            {
                float[] map = new float[sample.Mask.Length];
                network.PredictSaliency(sample.Image, map);
                metrics.Add(sample.Name, map, sample.Mask, width, height);
            }
        }

        return metrics.Metrics.ValidationFigure;
    }

    /// <summary>What measures a head of this task.</summary>
    /// <param name="head">The head.</param>
    /// <param name="forValidation">Whether nothing but <see cref="DenseMetrics.ValidationFigure"/> is wanted.</param>
    private protected abstract TaskMetricsAccumulator Accumulator(TaskHead head, bool forValidation);
}

/// <summary>The loss of a task in one run, and what becomes of the logits when the run is over.</summary>
internal abstract class TaskLearner
{
    /// <summary>The loss of a batch; sets the gradient of the logits.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="logits">[image, channel, row, column].</param>
    /// <param name="masks">[image, row, column].</param>
    /// <param name="teacher">The teacher's probabilities, [image, channel, row, column]; null where there is none.</param>
    public abstract double Loss(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher);

    /// <summary>What is done to the logits once training is over, in the convolution that makes them; nothing by default.</summary>
    public virtual void Adjust(Convolution classifier)
    {
    }
}
