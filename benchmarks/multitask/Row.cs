using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace MultiTask;

/// <summary>A network that is trained and measured: some of the tasks of a set, and how.</summary>
/// <param name="Name">What journals and tables call it.</param>
internal sealed record Row(string Name)
{
    /// <summary>The heads; all of the set where empty.</summary>
    public ImmutableArray<string> Heads { get; init; } = [];

    public Precision Precision { get; init; } = Precision.Binary;

    public TaskDecoders Decoders { get; init; } = TaskDecoders.Light;

    public TaskBottleneck Bottleneck { get; init; } = TaskBottleneck.None;

    /// <summary>Whether feature maps of the float twin of the same seed are learned from; the row <see cref="FloatTogether"/> must run before.</summary>
    public bool IsTaught { get; init; }

    /// <summary>Factor of the loss of edges.</summary>
    public float EdgesWeight { get; init; } = 1;

    /// <summary>Changes the initial network.</summary>
    public Action<DenseNetwork>? Change { get; init; }

    public Func<EdgesTask, EdgesTask>? Edges { get; init; }

    public static Row FloatTogether { get; } = new("float, together") { Precision = Precision.Float };

    /// <summary>The rows of a set.</summary>
    public static Row[] Of(TaskSet set) =>
    [
        new("together"),
        .. set.Heads.Select(head => new Row($"alone: {head.Name}") { Heads = [head.Name] }),
        FloatTogether,
        new("together, diagonal bottleneck") { Bottleneck = TaskBottleneck.Diagonal },
        new("together, pointwise bottleneck") { Bottleneck = TaskBottleneck.Pointwise },
        new("together, features of the float twin") { IsTaught = true },
        new("together, both") { Bottleneck = TaskBottleneck.Diagonal, IsTaught = true },
        new("x edges, bias 0") { Heads = ["edges"], Change = Zero },
        new("x edges, bias 0, widened") { Heads = ["edges"], Change = Zero, Edges = edges => edges with { Widening = 1 } },
        new("x edges, bias 0, w .8") { Heads = ["edges"], Change = Zero, Edges = edges => edges with { EdgeWeight = 0.8f } },
        new("x edges, w .8") { Heads = ["edges"], Edges = edges => edges with { EdgeWeight = 0.8f } },
        .. new[] { 1f, 5, 20 }.Select(weight => new Row(FormattableString.Invariant($"x together, bias 0, edges {weight}")) { EdgesWeight = weight, Change = Zero }),
        new("together, full decoders") { Decoders = TaskDecoders.Full },
        .. new[] { 0.2f, 5, 10, 20, 50 }.Select(weight => new Row(FormattableString.Invariant($"together, edges {weight}")) { EdgesWeight = weight }),
    ];

    private static void Zero(DenseNetwork network)
    {
        foreach (Convolution node in network.Graph.Nodes.OfType<Convolution>().Where(node => node.Bias is { } bias && bias.Values.All(v => v < -2)))
        {
            Array.Clear(node.Bias!.Values);
        }
    }

    /// <summary>The network with initial weights.</summary>
    public DenseNetwork Build(TaskSet set, NetworkPreset preset, long seed)
    {
        DenseNetwork network = MultiTaskNetwork.Build(NetworkConfiguration.For(preset, 1, Precision, seed), [.. HeadsOf(set)], Decoders, Bottleneck);
        Change?.Invoke(network);
        return network;
    }

    /// <summary>What its heads learn.</summary>
    public LearnedTask[] Tasks(TaskSet set)
    {
        TaskHead[] heads = [.. HeadsOf(set)];
        return [.. heads.Select(head =>
        {
            TrainingTask task = TaskSet.TaskOf(head, heads.Length == 1);
            return new LearnedTask(head.Name, task is EdgesTask edges && Edges is not null ? Edges(edges) : task)
            {
                Weight = head.Task == DenseTask.Edges && heads.Length > 1 ? EdgesWeight : 1,
                From = head.Task == DenseTask.Edges && heads.Length > 1 ? heads[0].Name : null,
            };
        })];
    }

    /// <summary>The sample with the masks that its tasks have of their own.</summary>
    public TrainingSample Sample(TaskSet set, TrainingSample sample)
    {
        byte[][] masks = [.. HeadsOf(set).Where(head => head.Task != DenseTask.Edges || Heads.Length == 1).Select(head => TaskSet.MaskOf(sample, head))];
        return sample with { Mask = masks[0], MoreMasks = masks[1..] };
    }

    private IEnumerable<TaskHead> HeadsOf(TaskSet set) => set.Heads.Where(head => Heads.IsEmpty || Heads.Contains(head.Name));
}
