using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// What a network learns: the task, how its masks are meant, its loss with the options of that, and what validation measures. There is a record for
/// each task, so that no task can be given the options of another.
/// </summary>
public abstract record TrainingTask
{
    private protected TrainingTask()
    {
    }

    /// <summary>The task.</summary>
    public abstract DenseTask Task { get; }

    /// <summary>What validation measures, in short: <c>mIoU</c>, <c>MAE</c>.</summary>
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

    /// <summary>A task with the default options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such task.</exception>
    public static TrainingTask For(DenseTask task) => task switch
    {
        DenseTask.Segmentation => new SegmentationTask(),
        DenseTask.Saliency => new SaliencyTask(),
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "There is no such task."),
    };

    /// <summary>The same task, calling its classes by these names in messages; itself where there are no classes, or have names already.</summary>
    public virtual TrainingTask WithClassNames(IReadOnlyList<string> names) => this;

    /// <summary>Checks the options for a network.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it.</exception>
    internal virtual void CheckFor(DenseGraph graph)
    {
        (bool hasClasses, int channels) = (Task.HasClasses, graph.LogitChannels);
        TrainingOptions.Check(
            hasClasses ? channels is >= 2 and <= DenseNetwork.MaxClasses : channels == 1,
            nameof(graph.LogitChannels), channels, hasClasses ? $"from 2 to {DenseNetwork.MaxClasses} for {Task.Name}" : $"1 for {Task.Name}");
    }

    /// <summary>What learns from the batches of a run.</summary>
    /// <param name="survey">What the masks look like.</param>
    /// <param name="distillationWeight">The share of a teacher's probabilities in what is learned, 0..1.</param>
    internal abstract TaskLearner Learner(DataSurvey survey, float distillationWeight);

    /// <summary>Measures a network on samples.</summary>
    internal abstract double Measure(CompiledNetwork network, IEnumerable<TrainingSample> samples);
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

    /// <summary>The parameters that <see cref="Adjust"/> changes.</summary>
    public abstract IEnumerable<Parameter> Adjusted(DenseGraph graph);

    /// <summary>What is done to the logits once training is over.</summary>
    public abstract void Adjust(IEnumerable<Parameter> parameters);
}
