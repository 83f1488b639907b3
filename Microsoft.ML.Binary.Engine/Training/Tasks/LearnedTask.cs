using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>One of several tasks that a network learns at once.</summary>
/// <param name="Name">The name of the network's head.</param>
/// <param name="Task">What is learned there, and by which loss.</param>
/// <example>
/// <code>
/// LearnedTask[] tasks = [new("classes", new SegmentationTask()), new("edges", new EdgesTask()) { From = "classes", Weight = 0.5f }];
/// TrainingResult result = DenseTrainer.TrainTasks(network.Unfreeze(), tasks, readData);
/// </code>
/// </example>
public sealed record LearnedTask(string Name, TrainingTask Task)
{
    /// <summary>How much the task counts beside the others (<see cref="TrainingOptions.TaskWeighting"/>), above 0.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>
    /// The name of the task whose masks it is derived from, as edges can be, whatever <see cref="EdgesTask.Source"/> says (<see cref="TrainingTask.CanBeDerived"/>).
    /// Null for a task that has masks of its own: those are <see cref="TrainingSample.Mask"/> and <see cref="TrainingSample.MoreMasks"/> in the order of the tasks that have some.
    /// </summary>
    public string? From { get; init; }

    /// <summary>What is learned; where it is derived from another task's masks, knowing what those show.</summary>
    /// <param name="tasks">All tasks of the network.</param>
    /// <exception cref="ArgumentException">There is no task of the name <see cref="From"/> with masks of its own, or the task cannot be derived from them.</exception>
    public TrainingTask Resolve(IReadOnlyList<LearnedTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (From is null)
        {
            return Task;
        }

        LearnedTask[] owners = [.. tasks.Where(task => task.From is null)];
        LearnedTask? owner = Array.Find(owners, task => task.IsNamed(From));
        TrainingOptions.Check(
            owner is not null, $"'from' of task '{Name}'", $"'{From}'", $"a task with masks of its own ({string.Join(", ", owners.Select(task => $"'{task.Name}'"))})");
        return Task.CanBeDerived
            ? Task.On(owner!.Task)
            : throw new ArgumentException($"'{Name}' is a {Task.Task.Name} task, which cannot be derived from another task's masks; leave 'from' out and give it masks of its own.", nameof(tasks));
    }

    internal bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
