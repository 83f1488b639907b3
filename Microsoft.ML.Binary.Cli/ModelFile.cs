using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Pipeline;

namespace Microsoft.ML.Binary.Cli;

/// <summary>A model on disk: an ML.NET model zip or a network file.</summary>
internal static class ModelFile
{
    private static ReadOnlySpan<byte> ZipStart => "PK"u8;

    /// <summary>Reads the network of a model, by what the file holds and not by its name.</summary>
    /// <exception cref="IOException">The file is missing, damaged or of another kind; the message names it.</exception>
    public static DenseNetwork Load(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such model file.", path);
        }

        return !Directory.Exists(path) && IsZip(path) ? LoadZip(path) : DenseNetwork.Load(path);
    }

    /// <summary>Writes a network: as an ML.NET model where the name ends in <c>.zip</c>, else as a network file. Whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(DenseNetwork network, string path)
    {
        if (!Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase))
        {
            network.Save(path);
            return;
        }

        MLContext ml = new();
        ITransformer model = network.Task == DenseTask.Segmentation
            ? ml.Segmentation().FromNetwork(network)
            : ml.Saliency().FromNetwork(network);
        AtomicFile.Write(path, stream => ml.Model.Save(model, null, stream));
    }

    private static bool IsZip(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(ZipStart);
    }

    private static DenseNetwork LoadZip(string path)
    {
        MLContext ml = new();
        ITransformer model;
        try
        {
            model = ml.Model.Load(path, out _);
        }
        catch (Exception e)
        {
            // ML.NET throws whatever its readers meet, down to FormatException; all of them mean that this is no model it can read.
            throw new InvalidDataException($"{path}: the zip cannot be loaded as an ML.NET model: {e.Message} Copy it again, or save it again with this release.", e);
        }

        List<DenseNetwork> networks = [.. SavedNetwork.FindAll(ml, model).Select(found => found.Network)];
        return networks.Count == 1
            ? networks[0]
            : throw new InvalidDataException($"{path}: the model holds {networks.Count} networks of this library; it must hold one.");
    }
}
