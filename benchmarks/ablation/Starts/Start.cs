using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;

namespace Ablation.Starts;

/// <summary>What training begins from.</summary>
/// <param name="Name">Its name on the command line and in the tables.</param>
/// <param name="Network">The trained network; null where weights are random.</param>
internal sealed record Start(string Name, PretrainedModel? Network = null)
{
    /// <summary>All of them. The last one tells what the channel scaling of <see cref="PretrainedModel.Nuclei"/> gives without its weights.</summary>
    public static ImmutableArray<Start> All { get; } =
    [
        new("nothing"),
        new("Saliency", PretrainedModel.Saliency),
        new("Nuclei", PretrainedModel.Nuclei),
        new("Words", PretrainedModel.Words),
        new("nothing, the network of Nuclei") { Scaling = ChannelScaling.All },
    ];

    /// <summary>Where a network with random weights has channel scaling.</summary>
    public ChannelScaling Scaling { get; init; } = ChannelScaling.None;

    /// <summary>A network file to begin with, whose images are none of those that targets are measured on; null where there is none.</summary>
    public string? File { get; init; }

    /// <summary>Whether weights are those of a trained network.</summary>
    public bool IsTrained => Network is not null || File is not null;

    /// <summary>A start by its name, or by its network file, whose name is the start's.</summary>
    public static Start? Find(string name) =>
        All.FirstOrDefault(start => start.Name == name) ?? (System.IO.File.Exists(name) ? new(Path.GetFileNameWithoutExtension(name)) { File = name } : null);

    /// <summary>Whether the network has not seen the images that the target is measured on.</summary>
    public bool Fits(Target target) => Network != PretrainedModel.Nuclei || !target.Counts;

    /// <summary>The network that training begins with.</summary>
    public DenseNetwork Build(Target target, WorkingSize size, long seed)
    {
        if (IsTrained)
        {
            DenseNetwork trained = File is null ? PretrainedNetworks.Load(Network!.Value) : DenseNetwork.Load(File);
            return FineTuning.Start(trained, target.Task, target.Classes, seed: seed).WithWorkingSize(size);
        }

        NetworkConfiguration configuration = NetworkConfiguration.For(NetworkPreset.Small, target.Task.HasClasses ? target.Classes.Length : 1, seed: seed);
        return new DenseNetwork(
            DenseNetworkBuilder.Build(Scaling == ChannelScaling.None ? configuration : configuration with { Scaling = Scaling, ScalingReduction = 64 }), target.Task, target.Classes, workingSize: size);
    }
}
