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

    /// <summary>How losses are weighed against each other.</summary>
    public TaskWeighting Weighting { get; init; } = TaskWeighting.Uncertainty;

    /// <summary>Weight of the loss of edges beside other tasks.</summary>
    public float EdgesWeight { get; init; } = 1;

    /// <summary>Binary convolutions that each head has of its own.</summary>
    public int RefineDepth { get; init; } = 1;

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
        new("together, full decoders") { Decoders = TaskDecoders.Full },
        new("together, two convolutions each") { RefineDepth = 2 },
        new("together, edges times 2") { EdgesWeight = 2 },
        .. new[] { 1, 10, 30 }.Select(weight => new Row($"together, fixed weights, edges times {weight}") { Weighting = TaskWeighting.Fixed, EdgesWeight = weight }),
    ];

    /// <summary>The network with initial weights.</summary>
    public DenseNetwork Build(TaskSet set, NetworkPreset preset, long seed) =>
        MultiTaskNetwork.Build(NetworkConfiguration.For(preset, 1, Precision, seed) with { RefineDepth = RefineDepth }, [.. HeadsOf(set)], Decoders, Bottleneck);

    /// <summary>What its heads learn.</summary>
    public LearnedTask[] Tasks(TaskSet set)
    {
        TaskHead[] heads = [.. HeadsOf(set)];
        return [.. heads.Select(head => new LearnedTask(head.Name, head.Task == DenseTask.Edges ? new EdgesTask { Source = EdgeSource.Classes } : TrainingTask.For(head.Task))
        {
            Weight = head.Task == DenseTask.Edges && heads.Length > 1 ? EdgesWeight : 1,
            From = head.Task == DenseTask.Edges && heads.Length > 1 ? heads[0].Name : null,
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
