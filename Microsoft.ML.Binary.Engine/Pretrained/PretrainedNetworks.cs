using System.Collections.Immutable;
using System.Reflection;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>
/// Gives the trained networks, and what is to be known about them. A network is looked for in the engine, in the package <c>MlBinary.Research</c>
/// where that is installed, and in the folders of <see cref="AddFolder"/>, in this order.
/// </summary>
/// <example>
/// <code>
/// using CompiledNetwork road = CompiledNetwork.Compile(PretrainedNetworks.Load(PretrainedModel.RoadScene));
/// Console.WriteLine(PretrainedNetworks.Card(PretrainedModel.RoadScene).Terms);
/// </code>
/// </example>
public static class PretrainedNetworks
{
    /// <summary>The package of the networks that are for research and non-commercial use only.</summary>
    public const string ResearchPackage = "MlBinary.Research";

    private const string ResourcePrefix = "Microsoft.ML.Binary.Pretrained.", NetworkEnding = ".mlbn", CardEnding = ".md";

    private static ImmutableArray<string> _folders = [];

    private static Assembly Engine => typeof(PretrainedNetworks).Assembly;

    // By a constant name, so that the trimmer keeps the assembly in programs that have it, and the engine needs no reference to it.
    private static Assembly? Research => Type.GetType("Microsoft.ML.Binary.ResearchNetworks, Microsoft.ML.Binary.Research", throwOnError: false)?.Assembly;

    /// <summary>The network: frozen, with class names and colours. Each call reads it anew.</summary>
    /// <exception cref="FileNotFoundException">The network is not in this program; the message names the package that has it.</exception>
    /// <exception cref="NetworkFileException">A file of a folder that was added is damaged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static DenseNetwork Load(PretrainedModel model)
    {
        Check(model);
        using Stream stream = Open(model) ?? throw new FileNotFoundException(
            $"The pretrained network {model} is not in this program. It is for research and non-commercial use, and lies in a package of its own: "
            + $"'dotnet add package {ResearchPackage}' (or give a folder that has {model}{NetworkEnding} to {nameof(PretrainedNetworks)}.{nameof(AddFolder)}).",
            model + NetworkEnding);
        return DenseNetwork.Load(stream, $"the pretrained network {model}");
    }

    /// <summary>Whether <see cref="Load"/> finds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static bool IsAvailable(PretrainedModel model)
    {
        Check(model);
        using Stream? stream = Open(model);
        return stream is not null;
    }

    /// <summary>What the network is for, what it was trained on and how, what it reaches, and on what terms it may be used; also of one that is not here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static PretrainedCard Card(PretrainedModel model)
    {
        Check(model);
        using StreamReader reader = new(Resource(Engine, model, CardEnding)!);
        return PretrainedCard.Parse(model, reader.ReadToEnd());
    }

    /// <summary>Adds a folder of network files for the whole process: <c>RoadScene.mlbn</c> and so on, as the package <c>MlBinary.Research</c> has them in <c>models</c>.</summary>
    /// <param name="path">The folder. It need not exist yet; a relative one is that of now.</param>
    public static void AddFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ImmutableInterlocked.Update(ref _folders, (folders, added) => folders.Contains(added) ? folders : folders.Add(added), Path.GetFullPath(path));
    }

    /// <summary>Whether anyone may use the network for anything. Such networks lie in the engine, the others in <see cref="ResearchPackage"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static bool IsFree(PretrainedModel model)
    {
        Check(model);
        return Engine.GetManifestResourceInfo(ResourcePrefix + model + NetworkEnding) is not null;
    }

    private static Stream? Open(PretrainedModel model) =>
        Resource(Engine, model, NetworkEnding) ?? (Research is { } research ? Resource(research, model, NetworkEnding) : null) ?? OpenFile(model, _folders);

    /// <summary>The file of the first folder that has one.</summary>
    internal static Stream? OpenFile(PretrainedModel model, IEnumerable<string> folders) =>
        folders.Select(folder => Path.Combine(folder, model + NetworkEnding)).FirstOrDefault(File.Exists) is { } file ? FileReading.Open(file, () => File.OpenRead(file)) : null;

    private static Stream? Resource(Assembly assembly, PretrainedModel model, string ending) => assembly.GetManifestResourceStream(ResourcePrefix + model + ending);

    private static void Check(PretrainedModel model)
    {
        if (!Enum.IsDefined(model))
        {
            throw new ArgumentOutOfRangeException(
                nameof(model), model, $"There is no such pretrained network; there are {string.Join(", ", Enum.GetNames<PretrainedModel>())}.");
        }
    }
}
