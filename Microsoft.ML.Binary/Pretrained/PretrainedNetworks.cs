using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Gives the trained networks inside this package, and what is to be known about them.</summary>
/// <example>
/// <code>
/// using CompiledNetwork road = CompiledNetwork.Compile(PretrainedNetworks.Load(PretrainedModel.RoadScene).Graph);
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

    /// <param name="model">The model.</param>
    /// <param name="task">What the caller is for.</param>
    /// <param name="otherwise">What to call for the other task.</param>
    /// <exception cref="ArgumentException">The model is for the other task.</exception>
    internal static DenseNetwork Load(PretrainedModel model, DenseTask task, string otherwise)
    {
        DenseNetwork network = Load(model);
        return network.Task == task
            ? network
            : throw new ArgumentException(
                $"{nameof(PretrainedModel)}.{model} is a network for {network.Task.ToString().ToLowerInvariant()}; use {otherwise}.", nameof(model));
    }

    private static Stream Open(PretrainedModel model, string ending) => Enum.IsDefined(model)
        ? typeof(PretrainedNetworks).Assembly.GetManifestResourceStream($"Microsoft.ML.Binary.Pretrained.{model}{ending}")!
        : throw new ArgumentOutOfRangeException(
            nameof(model), model, $"There is no such pretrained network; there are {string.Join(", ", Enum.GetNames<PretrainedModel>())}.");
}
