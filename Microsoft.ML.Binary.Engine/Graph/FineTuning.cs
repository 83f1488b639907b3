using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>Makes the network that training begins with where it begins from another network instead of from random weights.</summary>
public static class FineTuning
{
    /// <summary>
    /// A trainable copy of a network for a task and classes that may be others than its own. Logits of classes that the source knows by
    /// the same name, and the logit of saliency for saliency, keep their weights; the others begin anew. The working size is the source's. Of a network of several tasks
    /// it goes on from the first.
    /// </summary>
    /// <param name="source">Trainable or frozen (see <see cref="Unfreezing"/>); it stays as it is.</param>
    /// <param name="task">What is to be learned.</param>
    /// <param name="classNames">Segmentation: the classes that are to be learned. Saliency: none.</param>
    /// <param name="palette">Colours as <c>#RRGGBB</c>, one per class, or none.</param>
    /// <param name="seed">Seed of the weights of new logits.</param>
    /// <exception cref="ArgumentException">The class names or colours do not fit the task or each other.</exception>
    /// <exception cref="GraphException">The logits are not made by a convolution, and others are needed.</exception>
    /// <example>
    /// <code>
    /// DenseNetwork start = FineTuning.Start(PretrainedNetworks.Load(PretrainedModel.RoadScene), DenseTask.Segmentation, ["road", "car", "rail"]);
    /// TrainingResult result = DenseTrainer.Train(start.Graph, start.Task, readData, new() { MeasuresInitialStatistics = true });
    /// DenseNetwork trained = start.WithGraph(result.Graph).Freeze();
    /// </code>
    /// </example>
    public static DenseNetwork Start(
        DenseNetwork source, DenseTask task, ImmutableArray<string> classNames = default, ImmutableArray<string> palette = default, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(source);
        TaskHead head = new(task.Name, task, classNames, palette);
        source = source.Heads.Length > 1 ? source.Alone(source.Heads[0]) : source;
        return new DenseNetwork(
            WithLogits(Trainable(source), DenseGraph.LogitsOutput, source.Heads[0], head, seed), [head], workingSize: source.WorkingSize, exposure: source.Exposure);
    }

    /// <summary>
    /// A trainable copy of a network for the same heads with classes that may be others. Logits of classes that the source's head knows by the same name keep their weights; the others begin anew.
    /// The working size is the source's.
    /// </summary>
    /// <param name="source">Trainable or frozen (see <see cref="Unfreezing"/>); it stays as it is.</param>
    /// <param name="heads">What is to be learned: heads of the names and tasks that the source has, in its order.</param>
    /// <param name="seed">Seed of the weights of new logits.</param>
    /// <exception cref="ArgumentException">The heads have other names or tasks than those of the source.</exception>
    /// <exception cref="GraphException">The logits are not made by a convolution, and others are needed.</exception>
    /// <example>
    /// <code>
    /// DenseNetwork street = DenseNetwork.Load("street.mlbn");                 // 'classes' (sky, road, car), 'person' and 'edges'
    /// DenseNetwork start = FineTuning.Start(street, [new("classes", DenseTask.Segmentation, ["road", "car", "rail"]), .. street.Heads[1..]], seed: 1);
    /// </code>
    /// </example>
    public static DenseNetwork Start(DenseNetwork source, ImmutableArray<TaskHead> heads, long seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        heads = heads.IsDefault ? [] : heads;
        TaskHead.Check(
            source.Heads.Select(Describe).SequenceEqual(heads.Select(Describe)),
            $"The network to start from has {List(source.Heads)}, and there are to be {List(heads)}; names and tasks must be the same, in this order. Classes may be others.");
        DenseGraph graph = Trainable(source);
        for (int i = 0; i < heads.Length; i++)
        {
            graph = WithLogits(graph, source.OutputOf(source.Heads[i]), source.Heads[i], heads[i], seed + i);
        }

        return new DenseNetwork(graph, heads, workingSize: source.WorkingSize, exposure: source.Exposure);

        static string Describe(TaskHead head) => $"'{head.Name}' ({head.Task.Name})";

        static string List(ImmutableArray<TaskHead> heads) => heads.IsEmpty ? "none" : string.Join(", ", heads.Select(Describe));
    }

    private static DenseGraph Trainable(DenseNetwork source) => source.Graph.IsFrozen ? Unfreezing.Unfreeze(source.Graph) : source.Graph.Copy();

    /// <summary>The graph with the logits of another head in place of those of one, which keep their weights where they mean the same.</summary>
    private static DenseGraph WithLogits(DenseGraph graph, string output, TaskHead before, TaskHead after, long seed)
    {
        bool same = before.Task == after.Task;
        ImmutableArray<int> rows = after.Task.HasClasses
            ? [.. after.ClassNames.Select(name => same ? before.ClassNames.IndexOf(name) : -1)]
            : [same ? 0 : -1];
        return rows.SequenceEqual(Enumerable.Range(0, before.Channels)) ? graph : Classifier.WithLogits(graph, graph.Output(output), rows, seed);
    }
}
