using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>Measures what a head predicts, image by image, by the measures of its task; <see cref="TrainingTask.NewAccumulator"/> makes one.</summary>
/// <remarks>Not thread-safe: use one for each thread and <see cref="Merge"/> them.</remarks>
/// <example>
/// <code>
/// TaskMetricsAccumulator accumulator = new SegmentationTask().NewAccumulator(network.Heads[0]);
/// accumulator.Add("a.png", mask.Labels, truth.Labels, truth.Width, truth.Height);
/// Console.WriteLine(accumulator.ToMetrics());
/// </code>
/// </example>
public abstract class TaskMetricsAccumulator
{
    private protected TaskMetricsAccumulator()
    {
    }

    /// <summary>The metrics of all images so far, whatever their masks look like as a whole.</summary>
    internal abstract DenseMetrics Metrics { get; }

    /// <summary>Adds the predicted classes of an image.</summary>
    /// <param name="name">Name of the image, for errors and its row.</param>
    /// <param name="labels">Predicted class of each pixel, row-major.</param>
    /// <param name="mask">What is true.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="ArgumentException">The sizes disagree, or a label is out of range.</exception>
    /// <exception cref="InvalidOperationException">The head has no classes.</exception>
    public abstract void Add(string name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> mask, int width, int height);

    /// <summary>Adds the predicted map of an image.</summary>
    /// <param name="name">Name of the image, for errors and its row.</param>
    /// <param name="map">What is predicted of each pixel, 0..1, row-major: the probability of an object, or of an edge.</param>
    /// <param name="mask">What is true, as the task means it.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="ArgumentException">The sizes disagree.</exception>
    /// <exception cref="InvalidOperationException">The head has classes.</exception>
    public abstract void Add(string name, ReadOnlySpan<float> map, ReadOnlySpan<byte> mask, int width, int height);

    /// <summary>Adds the images of another accumulator of the same task.</summary>
    /// <param name="other">Stays as it is.</param>
    /// <exception cref="ArgumentException">It is of another task.</exception>
    public abstract void Merge(TaskMetricsAccumulator other);

    /// <summary>The metrics of all images so far.</summary>
    /// <exception cref="InvalidDataException">The masks as a whole cannot be meant so (<see cref="Imaging.MaskSurvey"/>).</exception>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public abstract TaskMetrics ToMetrics();
}

/// <summary>Adds an image to an accumulator.</summary>
internal delegate void AddImage<TAccumulator, TPixel>(
    TAccumulator all, string name, ReadOnlySpan<TPixel> predicted, ReadOnlySpan<byte> mask, int width, int height);

/// <summary>Measures by one of the accumulators of <c>Evaluation</c>.</summary>
/// <param name="head">The head.</param>
/// <param name="all">The accumulator.</param>
internal sealed class TaskMetricsAccumulator<TAccumulator, TMetrics>(TaskHead head, TAccumulator all) : TaskMetricsAccumulator
    where TAccumulator : IMetricsAccumulator<TAccumulator, TMetrics>
    where TMetrics : DenseMetrics
{
    /// <summary>Adds predicted classes; null for a task without.</summary>
    public AddImage<TAccumulator, byte>? AddLabels { get; init; }

    /// <summary>Adds a predicted map; null for a task with classes.</summary>
    public AddImage<TAccumulator, float>? AddMap { get; init; }

    internal override DenseMetrics Metrics => all.ToMetrics();

    public override void Add(string name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> mask, int width, int height) =>
        (AddLabels ?? throw Other("probabilities, not labels"))(all, name, labels, mask, width, height);

    public override void Add(string name, ReadOnlySpan<float> map, ReadOnlySpan<byte> mask, int width, int height) =>
        (AddMap ?? throw Other("labels, not probabilities"))(all, name, map, mask, width, height);

    public override void Merge(TaskMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        all.Merge(other is TaskMetricsAccumulator<TAccumulator, TMetrics> same ? same.All : throw new ArgumentException($"It measures another task than '{head.Name}'.", nameof(other)));
    }

    public override TaskMetrics ToMetrics()
    {
        all.Masks?.Check(forTraining: false);
        return new(head.Name, Metrics);
    }

    private TAccumulator All => all;

    private InvalidOperationException Other(string what) => new($"'{head.Name}' is a head for {head.Task.Name}: add its {what}.");
}
