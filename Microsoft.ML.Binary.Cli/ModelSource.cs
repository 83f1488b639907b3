using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Cli;

/// <summary>
/// What commands work on that take a model: the name of a pretrained network in any case, a model zip, a network file, and for some
/// commands a preset. A name goes before a file that is called so; a path that shows that it is one, <c>./Road</c> say, is a file.
/// </summary>
/// <param name="Name">The name or the path, or the preset and its precision.</param>
/// <param name="Network">The network; of <see cref="Resolve"/>, frozen.</param>
/// <param name="FileBytes">Size of the model file; null where there is none.</param>
/// <param name="Card">The card of a pretrained network.</param>
internal sealed record ModelSource(string Name, DenseNetwork Network, long? FileBytes = null, PretrainedCard? Card = null)
{
    private static readonly string PretrainedNames = string.Join(", ", Enum.GetNames<PretrainedModel>());

    /// <summary>What MODEL means, for the help.</summary>
    public static readonly string Meaning = $"An ML.NET model zip, a network file, or a pretrained network ({PretrainedNames}).";

    /// <summary>What MODEL|PRESET means, for the help.</summary>
    public static readonly string MeaningWithPresets =
        $"An ML.NET model zip, a network file, a pretrained network ({PretrainedNames}), or a preset (tiny, small, base) with initial weights.";

    /// <summary>Classes of a preset where nothing else is said: those of CamVid, on which the presets are compared.</summary>
    public const int UsualClasses = 11;

    /// <summary>Whether the network was built with initial weights, not read.</summary>
    public bool IsPreset { get; private init; }

    /// <summary>The views that were saved with the model.</summary>
    public ViewOptions Views { get; private init; } = ViewOptions.AsTrained;

    /// <summary>The size that images are brought to: that saved with the model, or else the network's own.</summary>
    public WorkingSize WorkingSize => Views.Size ?? Network.WorkingSize;

    /// <summary>The graph that is executed for images of a size, attention reduced as was saved with the model.</summary>
    public DenseGraph GraphAt(ImageDimensions size) => Views.AttentionReduction.In(Network.Graph, size.Height, size.Width);

    /// <summary>Says what is taken of the views that were saved with the model, where they are more than a size.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="taken">What is taken.</param>
    /// <param name="reduces">Whether the reduction of attention is taken too, or asked for.</param>
    public void WarnOfViews(Terminal terminal, string taken, bool reduces = false)
    {
        if (Views with { Size = null, AttentionReduction = reduces ? AttentionReduction.AsTrained : Views.AttentionReduction } != ViewOptions.AsTrained)
        {
            terminal.Warn($"{Name} was saved to look at {Views.Describe(Network)}; {taken}");
        }
    }

    /// <summary>Reads a model.</summary>
    /// <param name="text">A path, or the name of a pretrained network in any case.</param>
    /// <exception cref="IOException">There is neither such a file nor such a network, the network is not here, or the file cannot be used.</exception>
    public static ModelSource Load(string text)
    {
        if (CommandOption.ParseName<PretrainedModel>(text) is { } model)
        {
            return PretrainedNetworks.IsAvailable(model)
                ? new(model.ToString(), PretrainedNetworks.Load(model), Card: PretrainedNetworks.Card(model))
                : throw ModelFolders.Here.Missing(model);
        }

        if (!Path.Exists(text))
        {
            throw new FileNotFoundException($"{text}: this is neither a model file nor a pretrained network; those are {PretrainedNames}.", text);
        }

        StoredModel saved = ModelFile.Load(text);
        return new(text, saved.Network, OutputFile.SizeOf(text)) { Views = saved.Views };
    }

    /// <summary>Reads a model, or builds a preset with initial weights.</summary>
    /// <param name="text">A path, or the name of a pretrained network or a preset in any case.</param>
    /// <param name="precision">Of a preset; null for binary.</param>
    /// <param name="classes">Of a preset; null for <see cref="UsualClasses"/>.</param>
    /// <exception cref="IOException">There is neither such a file nor such a network or preset, or the file cannot be used.</exception>
    /// <exception cref="ArgumentException">A precision or classes were given for a model, which has its own.</exception>
    public static ModelSource Resolve(string text, Precision? precision, int? classes)
    {
        if (CommandOption.ParseName<NetworkPreset>(text) is { } preset)
        {
            NetworkConfiguration configuration = NetworkConfiguration.For(preset, classes ?? UsualClasses, precision ?? Precision.Binary);
            DenseNetwork network = new(
                DenseNetworkBuilder.Build(configuration), DenseTask.Segmentation, ClassList.Numbered(configuration.Outputs).Names);
            return new($"{preset} ({configuration.Precision})", network.Freeze()) { IsPreset = true };
        }

        if (CommandOption.ParseName<PretrainedModel>(text) is null && !Path.Exists(text))
        {
            throw new FileNotFoundException(
                $"{text}: this is neither a model file nor a pretrained network ({PretrainedNames}) nor a preset ({string.Join(", ", Enum.GetNames<NetworkPreset>())}).", text);
        }

        if (precision is not null || classes is not null)
        {
            throw new ArgumentException($"{text}: --precision and --classes belong to presets; a model has its own.");
        }

        ModelSource source = Load(text);
        return source with { Network = source.Network.Freeze() };
    }
}
