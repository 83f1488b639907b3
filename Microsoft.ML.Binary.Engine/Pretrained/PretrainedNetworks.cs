using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Gives the trained networks inside this package, and what is to be known about them.</summary>
/// <example>
/// <code>
/// using CompiledNetwork road = CompiledNetwork.Compile(PretrainedNetworks.Load(PretrainedModel.RoadScene));
/// Console.WriteLine(PretrainedNetworks.Card(PretrainedModel.RoadScene).Terms);
/// </code>
/// </example>
public static class PretrainedNetworks
{
    /// <summary>The network: frozen, with class names and colours. Each call reads it anew.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static DenseNetwork Load(PretrainedModel model)
    {
        using Stream stream = Open(model, ".mlbn");
        return DenseNetwork.Load(stream, $"the pretrained network {model}");
    }

    /// <summary>What the network is for, what it was trained on and how, what it reaches, and on what terms it may be used.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static PretrainedCard Card(PretrainedModel model)
    {
        using StreamReader reader = new(Open(model, ".md"));
        return PretrainedCard.Parse(model, reader.ReadToEnd());
    }

    private static Stream Open(PretrainedModel model, string ending) => Enum.IsDefined(model)
        ? typeof(PretrainedNetworks).Assembly.GetManifestResourceStream($"Microsoft.ML.Binary.Pretrained.{model}{ending}")!
        : throw new ArgumentOutOfRangeException(
            nameof(model), model, $"There is no such pretrained network; there are {string.Join(", ", Enum.GetNames<PretrainedModel>())}.");
}
