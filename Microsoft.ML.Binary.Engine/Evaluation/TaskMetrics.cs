using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary;

/// <summary>The metrics of one task of several.</summary>
/// <param name="Name">The name of the head.</param>
/// <param name="Metrics">The metrics, of the class that its kind of task has.</param>
/// <example>
/// <code>
/// TaskMetrics edges = ml.MultiTask.Evaluate(scored, tasks)["edges"];
/// Console.WriteLine($"{edges.Name}: {edges.FigureName} {edges.Figure:F3}");
/// </code>
/// </example>
public sealed record TaskMetrics(string Name, DenseMetrics Metrics)
{
    /// <inheritdoc cref="DenseMetrics.FigureName"/>
    public string FigureName => Metrics.FigureName;

    /// <inheritdoc cref="DenseMetrics.Figure"/>
    public double Figure => Metrics.Figure;

    /// <inheritdoc cref="DenseMetrics.Warnings"/>
    public ImmutableArray<string> Warnings => Metrics.Warnings;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}:\n{Metrics}";
}

/// <summary>The metrics of all tasks of a network.</summary>
/// <param name="Tasks">One for each task, in the order of the heads.</param>
/// <example>
/// <code>
/// MultiTaskMetrics metrics = ml.MultiTask.Evaluate(scored, tasks);
/// foreach (TaskMetrics task in metrics.Tasks)
/// {
///     Console.WriteLine($"{task.Name}: {task.FigureName} {task.Figure:F3}");
/// }
/// </code>
/// </example>
public sealed record MultiTaskMetrics(ImmutableArray<TaskMetrics> Tasks)
{
    /// <summary>The metrics of the task of a name; case makes no difference.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those that there are.</exception>
    public TaskMetrics this[string name] => Tasks.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There are no metrics of a task '{name}'; there are those of {string.Join(", ", Tasks.Select(task => $"'{task.Name}'"))}.", nameof(name));

    /// <summary>The metrics of the task of a name, as those of its kind.</summary>
    /// <typeparam name="TMetrics">For example <see cref="SegmentationMetrics"/>.</typeparam>
    /// <exception cref="ArgumentException">There is none of that name, or it is of another kind; the message says which.</exception>
    /// <example>
    /// <code>
    /// MultiTaskMetrics street = ml.MultiTask.Evaluate(scored, tasks);
    /// double threshold = street.Get&lt;EdgeMetrics&gt;("edges").OdsThreshold;
    /// </code>
    /// </example>
    public TMetrics Get<TMetrics>(string name)
        where TMetrics : DenseMetrics
    {
        DenseMetrics metrics = this[name].Metrics;
        return metrics as TMetrics ?? throw new ArgumentException($"The metrics of task '{name}' are {metrics.GetType().Name}, not {typeof(TMetrics).Name}.", nameof(name));
    }

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

    /// <summary>The metrics of every task, by its name, in the form of <see cref="DenseMetrics.ToJson"/>.</summary>
    public string ToJson() => MetricsJson.Text(Write);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (TaskMetrics task in Tasks)
        {
            json.WritePropertyName(task.Name);
            task.Metrics.Write(json);
        }

        json.WriteEndObject();
    }
}
