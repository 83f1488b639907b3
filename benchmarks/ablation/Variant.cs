using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>One row: what differs from the reference network and recipe.</summary>
/// <param name="Name">Its name on the command line and in the tables.</param>
/// <param name="Network">Changes the reference configuration, which the data set has.</param>
/// <param name="Recipe">Changes the reference recipe, which the data set has.</param>
/// <param name="Loss">Changes the loss of segmentation.</param>
internal sealed record Variant(
    string Name,
    Func<NetworkConfiguration, NetworkConfiguration>? Network = null,
    Func<TrainingOptions, TrainingOptions>? Recipe = null,
    Func<SegmentationTask, SegmentationTask>? Loss = null)
{
    /// <summary>Changes the loss of saliency.</summary>
    public Func<SaliencyTask, SaliencyTask>? SaliencyLoss { get; init; }

    /// <summary>Whether the float twin of the same seed is its teacher.</summary>
    public bool Distills { get; init; }

    /// <summary>Whether half of the steps train the float twin, from whose weights the other half starts.</summary>
    public bool HasTwoStages { get; init; }

    /// <summary>A row whose trained weights this one takes instead of training, to run them in its own network; of the same process.</summary>
    public string? TrainedAs { get; init; }

    /// <summary>Changes the graph of the network.</summary>
    public Func<DenseGraph, DenseGraph> Change { get; init; } = graph => graph;

    /// <summary>Whether a row of the plan takes its weights.</summary>
    public bool IsTrainedFor { get; init; }

    /// <summary>Finds a row by its name; several names with <c> + </c> between them are a row with all their changes.</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public static Variant Find(Variant[] all, string name)
    {
        Variant[] parts = [.. name.Split(" + ").Select(part => all.FirstOrDefault(v => v.Name == part) ?? throw new ArgumentException($"There is no row '{part}'."))];
        return parts.Length == 1 ? parts[0] : new(
            name,
            configuration => parts.Aggregate(configuration, (c, part) => part.Network?.Invoke(c) ?? c),
            recipe => parts.Aggregate(recipe, (r, part) => part.Recipe?.Invoke(r) ?? r),
            parts.All(part => part.Loss is null) ? null : loss => parts.Aggregate(loss, (l, part) => part.Loss?.Invoke(l) ?? l))
        {
            SaliencyLoss = parts.All(part => part.SaliencyLoss is null) ? null : loss => parts.Aggregate(loss, (l, part) => part.SaliencyLoss?.Invoke(l) ?? l),
            Distills = parts.Any(part => part.Distills),
            HasTwoStages = parts.Any(part => part.HasTwoStages),
            Change = graph => parts.Aggregate(graph, (g, part) => part.Change(g)),
        };
    }

    /// <summary>What is learned.</summary>
    /// <exception cref="InvalidOperationException">The row changes the loss of another task.</exception>
    public TrainingTask Learns(DenseTask task) => (TrainingTask.For(task), Loss, SaliencyLoss) switch
    {
        (var usual, null, null) => usual,
        (SegmentationTask usual, { } change, null) => change(usual),
        (SaliencyTask usual, null, { } change) => change(usual),
        _ => throw new InvalidOperationException($"The row '{Name}' changes the loss of another task, and this is {task}."),
    };

    /// <summary>The initial network.</summary>
    /// <param name="reference">The configuration that the row differs from.</param>
    public DenseGraph Build(NetworkConfiguration reference)
    {
        return Change(DenseNetworkBuilder.Build(Network?.Invoke(reference) ?? reference));
    }
}
