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
        classNames = classNames.IsDefault ? [] : classNames;
        bool same = source.Task == task;
        ImmutableArray<int> rows = task.HasClasses
            ? [.. classNames.Select(name => same ? source.ClassNames.IndexOf(name) : -1)]
            : [same ? 0 : -1];
        source = source.Heads.Length > 1 ? source.Alone(source.Heads[0]) : source;
        DenseGraph graph = source.Graph.IsFrozen ? Unfreezing.Unfreeze(source.Graph) : source.Graph.Copy();
        bool unchanged = rows.SequenceEqual(Enumerable.Range(0, source.Graph.LogitChannels));
        return new DenseNetwork(unchanged || rows.IsEmpty ? graph : Classifier.WithLogits(graph, rows, seed), task, classNames, palette, workingSize: source.WorkingSize, exposure: source.Exposure);
    }
}
