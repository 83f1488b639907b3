using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Cli;

/// <summary>What commands that take MODEL|PRESET work on.</summary>
/// <param name="Name">The path, or the preset and its precision.</param>
/// <param name="Network">The network, frozen.</param>
/// <param name="FileBytes">Size of the model file; null for a preset.</param>
internal sealed record ModelSource(string Name, DenseNetwork Network, long? FileBytes)
{
    /// <summary>Classes of a preset where nothing else is said: those of CamVid, on which the presets are compared.</summary>
    public const int UsualClasses = 11;

    /// <summary>Reads a model, or builds a preset with initial weights. A file goes before a preset of its name.</summary>
    /// <param name="text">A path, or the name of a preset in any case.</param>
    /// <param name="precision">Of a preset; null for binary.</param>
    /// <param name="classes">Of a preset; null for <see cref="UsualClasses"/>.</param>
    /// <exception cref="IOException">There is neither such a file nor such a preset, or the file cannot be used.</exception>
    /// <exception cref="ArgumentException">A precision or classes were given for a file, which has its own.</exception>
    public static ModelSource Resolve(string text, Precision? precision, int? classes)
    {
        if (!Path.Exists(text) && CommandOption.ParseName<NetworkPreset>(text) is { } preset)
        {
            NetworkConfiguration configuration = NetworkConfiguration.For(preset, classes ?? UsualClasses, precision ?? Precision.Binary);
            DenseNetwork network = new(
                BinaryDenseNetwork.Build(configuration), DenseTask.Segmentation, ClassList.Numbered(configuration.Outputs).Names);
            return new($"{preset} ({configuration.Precision})", network.Freeze(), null);
        }

        if (!Path.Exists(text))
        {
            throw new FileNotFoundException(
                $"{text}: this is neither a model file nor a preset; presets are {string.Join(", ", Enum.GetNames<NetworkPreset>())}.", text);
        }

        return precision is null && classes is null
            ? new(text, ModelFile.LoadNetwork(text).Freeze(), new FileInfo(text).Length)
            : throw new ArgumentException($"{text}: --precision and --classes belong to presets; a model file has its own.");
    }
}
