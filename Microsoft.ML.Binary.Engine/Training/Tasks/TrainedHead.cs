using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

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
