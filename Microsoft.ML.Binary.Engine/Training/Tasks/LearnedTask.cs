using System.Collections.Immutable;
using System.Globalization;
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

/// <summary>A head in a training run.</summary>
/// <param name="Name">Its name; null where there is but one.</param>
/// <param name="Task">What it learns.</param>
/// <param name="Logits">The node of its logits.</param>
/// <param name="Channels">Their channels.</param>
/// <param name="Weight">Factor of its loss.</param>
/// <param name="Mask">Which of a sample's masks it learns from.</param>
/// <param name="OwnsMask">Whether that is its own rather than another task's.</param>
internal sealed record TrainedHead(string? Name, TrainingTask Task, int Logits, int Channels, float Weight, int Mask, bool OwnsMask)
{
    /// <summary>What decides the result beside the task itself, where a network learns several.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Name}: {Task.Task} {Task.Key}{Task.KeyOfOptions}, weight {Weight}, mask {Mask}");

    /// <summary>What decides the result and not training.</summary>
    public string KeyOfResult => Task.KeyOfResult.Length == 0 || Name is null ? Task.KeyOfResult : $", result of {Name}{Task.KeyOfResult}";

    /// <summary>The only head of a run.</summary>
    public static ImmutableArray<TrainedHead> Single(DenseGraph graph, TrainingTask task) => [new(null, task, graph.Logits, graph.LogitChannels, 1, 0, OwnsMask: true)];

    /// <summary>Those of heads that have masks of their own, in the order of these.</summary>
    public static TrainedHead[] Owners(ImmutableArray<TrainedHead> heads) => [.. heads.Where(head => head.OwnsMask).OrderBy(head => head.Mask)];

    /// <summary>The heads of a network, in its order.</summary>
    /// <exception cref="ArgumentException">Tasks and heads do not fit each other; the message names them.</exception>
    public static ImmutableArray<TrainedHead> Of(DenseNetwork network, IReadOnlyList<LearnedTask> tasks)
    {
        foreach (LearnedTask task in tasks)
        {
            TaskHead head = network.Head(task.Name);
            TrainingOptions.Check(tasks.Count(other => other.IsNamed(task.Name)) == 1, nameof(tasks), $"a list with '{task.Name}' twice", "one with each name once");
            TrainingOptions.Check(task.Task.Task == head.Task, $"The task of '{task.Name}'", task.Task.Task.Name, $"{head.Task.Name}, as the network has it");
            TrainingOptions.Check(task.Weight > 0 && float.IsFinite(task.Weight), $"The weight of task '{task.Name}'", task.Weight, "above 0; leave a task out that is not to be learned");
        }

        LearnedTask[] owners = [.. tasks.Where(task => task.From is null)];
        return [.. network.Heads.Select(head =>
        {
            LearnedTask task = tasks.FirstOrDefault(task => task.IsNamed(head.Name))
                ?? throw new ArgumentException($"The network has the head '{head.Name}', and no task says what it learns; there must be one for each head.", nameof(tasks));
            TrainingTask learned = task.Resolve(tasks);
            int mask = Array.FindIndex(owners, owner => owner.IsNamed(task.From ?? task.Name));
            return new TrainedHead(head.Name, learned.WithClassNames(head.ClassNames), network.Graph.Output(network.OutputOf(head)), head.Channels, task.Weight, mask, task.From is null);
        })];
    }
}
