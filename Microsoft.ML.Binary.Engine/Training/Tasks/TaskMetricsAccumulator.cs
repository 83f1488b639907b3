using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>Measures what a head predicts, image by image, by the measures of its task: classes, salient objects or edges.</summary>
/// <remarks>Not thread-safe: use one for each thread and <see cref="Merge"/> them.</remarks>
public sealed class TaskMetricsAccumulator
{
    private readonly TaskHead _head;
    private readonly TrainingTask _task;
    private readonly SegmentationMetricsAccumulator? _classes;
    private readonly SaliencyMetricsAccumulator? _saliency;
    private readonly EdgeMetricsAccumulator? _edges;

    /// <summary>Starts an evaluation.</summary>
    /// <param name="head">The head.</param>
    /// <param name="task">What it learned: what masks mean is said there. Where edges come from another task's masks, <see cref="LearnedTask.Resolve"/> tells from which.</param>
    /// <exception cref="ArgumentException">The task is another than the head's.</exception>
    public TaskMetricsAccumulator(TaskHead head, TrainingTask task)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(task);
        TrainingOptions.Check(head.Task == task.Task, $"The task of '{head.Name}'", task.Task.Name, $"{head.Task.Name}, as the network has it");
        (_head, _task) = (head, task);
        switch (task)
        {
            case SegmentationTask segmentation:
                _classes = new(head.ClassNames, new() { IgnoreIndex = segmentation.IgnoreLabel });
                break;
            case EdgesTask:
                _edges = new();
                break;
            default:
                _saliency = new();
                break;
        }
    }

    /// <summary>Adds the predicted classes of an image.</summary>
    /// <param name="name">Name of the image, for errors and its row.</param>
    /// <param name="labels">Predicted class of each pixel, row-major.</param>
    /// <param name="mask">What is true.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="ArgumentException">The sizes disagree, or a label is out of range.</exception>
    /// <exception cref="InvalidOperationException">The head has no classes.</exception>
    public void Add(string name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> mask, int width, int height)
    {
        if (_classes is null)
        {
            throw new InvalidOperationException($"'{_head.Name}' is a head for {_head.Task.Name}: add its probabilities, not labels.");
        }

        _classes.Add(name, mask, labels, width, height);
    }

    /// <summary>Adds the predicted probabilities of an image.</summary>
    /// <param name="name">Name of the image, for errors and its row.</param>
    /// <param name="map">Probability of an object or an edge for each pixel, 0..1, row-major.</param>
    /// <param name="mask">What is true, as the task means it.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="ArgumentException">The sizes disagree.</exception>
    /// <exception cref="InvalidOperationException">The head has classes.</exception>
    public void Add(string name, ReadOnlySpan<float> map, ReadOnlySpan<byte> mask, int width, int height)
    {
        if (_task is EdgesTask task)
        {
            (byte[] edges, byte[] ignored) = task.Annotation(mask, width);
            _edges!.Add(name, map, [edges], width, height, ignored);
        }
        else if (_saliency is not null)
        {
            _saliency.Add(name, map, mask, width, height);
        }
        else
        {
            throw new InvalidOperationException($"'{_head.Name}' is a head for {_head.Task.Name}: add its labels, not probabilities.");
        }
    }

    /// <summary>Adds the images of another accumulator of the same task.</summary>
    /// <param name="other">Stays as it is.</param>
    public void Merge(TaskMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _classes?.Merge(other._classes!);
        _saliency?.Merge(other._saliency!);
        _edges?.Merge(other._edges!);
    }

    /// <summary>The metrics of all images so far.</summary>
    /// <exception cref="InvalidDataException">The masks as a whole cannot be meant so (<see cref="Imaging.MaskSurvey"/>).</exception>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public TaskMetrics ToMetrics()
    {
        _classes?.Masks.Check(forTraining: false);
        _saliency?.Masks.Check(forTraining: false);
        return _classes is not null ? TaskMetrics.Of(_head.Name, _classes.ToMetrics())
            : _saliency is not null ? TaskMetrics.Of(_head.Name, _saliency.ToMetrics())
            : TaskMetrics.Of(_head.Name, _edges!.ToMetrics());
    }
}
