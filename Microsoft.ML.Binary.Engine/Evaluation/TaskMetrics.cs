using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary;

/// <summary>The metrics of one task of several: those of its kind, and no others.</summary>
public sealed class TaskMetrics
{
    private TaskMetrics(string name) => Name = name;

    /// <summary>The name of the head.</summary>
    public string Name { get; }

    /// <summary>Metrics of classes; null for another kind of task.</summary>
    public SegmentationMetrics? Segmentation { get; private init; }

    /// <summary>Metrics of saliency maps; null for another kind of task.</summary>
    public SaliencyMetrics? Saliency { get; private init; }

    /// <summary>Metrics of edges; null for another kind of task.</summary>
    public EdgeMetrics? Edges { get; private init; }

    /// <summary>What <see cref="Figure"/> is called.</summary>
    public string FigureName => Segmentation is not null ? "mean IoU" : Saliency is not null ? "max F" : EdgeMeasure.OdsF.Title;

    /// <summary>The figure by which networks are compared, higher where they are better: mean IoU, max F, or ODS F; 0..1.</summary>
    public double Figure => Segmentation?.MeanIoU ?? Saliency?.MaxF ?? Edges!.OdsF;

    /// <summary>What is likely to be wrong with the masks.</summary>
    public ImmutableArray<string> Warnings => Segmentation?.Warnings ?? Saliency?.Warnings ?? [];

    /// <summary>The metrics of a task with classes.</summary>
    public static TaskMetrics Of(string name, SegmentationMetrics metrics) => new(name) { Segmentation = metrics };

    /// <summary>The metrics of salient objects.</summary>
    public static TaskMetrics Of(string name, SaliencyMetrics metrics) => new(name) { Saliency = metrics };

    /// <summary>The metrics of edges.</summary>
    public static TaskMetrics Of(string name, EdgeMetrics metrics) => new(name) { Edges = metrics };

    /// <inheritdoc/>
    public override string ToString() => $"{Name}:\n{Segmentation?.ToString() ?? Saliency?.ToString() ?? Edges!.ToString()}";

    internal void Write(Utf8JsonWriter json)
    {
        if (Segmentation is not null)
        {
            MetricsJson.Write(json, Segmentation);
        }
        else if (Saliency is not null)
        {
            MetricsJson.Write(json, Saliency);
        }
        else
        {
            MetricsJson.Write(json, Edges!);
        }
    }
}

/// <summary>The metrics of all tasks of a network.</summary>
/// <param name="Tasks">One for each task, in the order of the heads.</param>
public sealed record MultiTaskMetrics(ImmutableArray<TaskMetrics> Tasks)
{
    /// <summary>The metrics of the task of a name; case makes no difference.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those that there are.</exception>
    public TaskMetrics this[string name] => Tasks.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There are no metrics of a task '{name}'; there are those of {string.Join(", ", Tasks.Select(task => $"'{task.Name}'"))}.", nameof(name));

    /// <summary>What sharing an encoder gains over networks of one task each, in percent (<see cref="MultiTaskGain"/>), by <see cref="TaskMetrics.Figure"/>.</summary>
    /// <param name="alone">The metrics of a network of its own for each of the tasks, on the same images.</param>
    /// <exception cref="ArgumentException">One is missing, or its figure is 0.</exception>
    public double GainOver(IReadOnlyCollection<TaskMetrics> alone)
    {
        MultiTaskMetrics others = new([.. alone]);
        return MultiTaskGain.Percent([.. Tasks.Select(task => new TaskFigure(task.Figure, others[task.Name].Figure))]);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join("\n\n", Tasks);
}
