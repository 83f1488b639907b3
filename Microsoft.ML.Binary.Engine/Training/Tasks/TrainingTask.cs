using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Resampling;
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

    /// <summary>Whether what is learned is made of the masks (<see cref="Target"/>) rather than the masks themselves.</summary>
    internal virtual bool HasOwnTarget => false;

    /// <summary>A task with the default options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such task.</exception>
    public static TrainingTask For(DenseTask task) => task switch
    {
        DenseTask.Segmentation => new SegmentationTask(),
        DenseTask.Saliency => new SaliencyTask(),
        DenseTask.Edges => new EdgesTask(),
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "There is no such task."),
    };

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
    /// <param name="graph">The graph.</param>
    /// <param name="logits">The node of the logits.</param>
    public abstract IEnumerable<Parameter> Adjusted(DenseGraph graph, int logits);

    /// <summary>What is done to the logits once training is over.</summary>
    public abstract void Adjust(IEnumerable<Parameter> parameters);
}
