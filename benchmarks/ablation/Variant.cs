using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>One row: what differs from the reference network and recipe.</summary>
/// <param name="Name">Its name on the command line and in the tables.</param>
/// <param name="Network">Changes the reference configuration, which is preset Small.</param>
/// <param name="Recipe">Changes the reference recipe, which is the trainer's default at half size.</param>
internal sealed record Variant(
    string Name,
    Func<NetworkConfiguration, NetworkConfiguration>? Network = null,
    Func<TrainingOptions, TrainingOptions>? Recipe = null)
{
    /// <summary>Whether the float twin of the same seed is its teacher.</summary>
    public bool Distills { get; init; }

    /// <summary>Whether half of the steps train the float twin, from whose weights the other half starts.</summary>
    public bool HasTwoStages { get; init; }

    /// <summary>A row whose trained weights this one takes instead of training, to run them in its own network; of the same process.</summary>
    public string? TrainedAs { get; init; }

    /// <summary>Changes the graph of the network.</summary>
    public Func<DenseGraph, DenseGraph> Change { get; init; } = graph => graph;

    /// <summary>The initial network of a seed.</summary>
    public DenseGraph Build(long seed)
    {
        NetworkConfiguration reference = NetworkConfiguration.For(Microsoft.ML.Binary.NetworkPreset.Small, RoadData.Classes, seed: seed);
        return Change(BinaryDenseNetwork.Build(Network?.Invoke(reference) ?? reference));
    }
}
