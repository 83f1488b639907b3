using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>Opens what may be either a model saved with <c>ml.Model.Save</c> (a zip) or a network file.</summary>
/// <example>
/// <code>
/// ModelFile.CheckZip("road.zip");                                        // a damaged zip is an error that says so
/// DenseNetwork network = ModelFile.LoadNetwork("road.zip");
/// Console.WriteLine(string.Join(", ", network.ClassNames));
/// </code>
/// </example>
public static class ModelFile
{
    private static ReadOnlySpan<byte> ZipStart => "PK"u8;

    /// <summary>The network in a file; the other stages of a model, and the views that were saved with it, are left out.</summary>
    /// <param name="path">A zip of <c>ml.Model.Save</c> with one network in it (for the task, if one is named), or a network file.</param>
    /// <param name="task">What the network must be for; null for anything.</param>
    /// <exception cref="NetworkFileException">
    /// The file cannot be used: damaged, of another kind, for another task, or a model without a network of this package or with several.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example><code>DenseNetwork network = ModelFile.LoadNetwork("road.zip");</code></example>
    public static DenseNetwork LoadNetwork(string path, DenseTask? task = null) => Load(path, task).Network;

    /// <summary>The network in a file, with the views that were saved with it.</summary>
    /// <inheritdoc cref="LoadNetwork" path="/*[self::param or self::exception]"/>
    public static StoredModel Load(string path, DenseTask? task = null)
    {
        List<StoredModel> saved = LoadAll(path);
        List<StoredModel> found = [.. saved.Where(model => task is null || model.Network.Task == task)];
        return found.Count == 1
            ? found[0]
            : throw new NetworkFileException(
                path,
                saved.Count == 0 ? "the model in this zip has no stage made by ml.Segmentation, ml.Saliency or ml.MultiTask."
                : found.Count == 0 ? $"it holds a network for {saved[0].Network.Task}, and one for {task} is needed."
                : $"the model in this zip has {found.Count} networks{(task is null ? "" : $" for {task}")}; save the one that is meant by itself.");
    }

    private static List<StoredModel> LoadAll(string path) => IsZip(path) ? LoadModel(path) : [new(DenseNetwork.Load(path), ViewOptions.AsTrained)];

    private static bool IsZip(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new NetworkFileException(path, "this is a folder; name the model or network file in it.");
        }

        using FileStream stream = FileReading.Open(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        Span<byte> start = stackalloc byte[2];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(ZipStart);
    }

    /// <summary>
    /// Checks that a model zip arrived as it was saved: the checksums of its entries, their number and size. <see cref="LoadNetwork"/> does so itself; call it
    /// before <c>ml.Model.Load</c>, which reads a damaged zip as it is and may never come back. It does not make a zip that somebody forged safe: load models
    /// from those only whose programs you would run.
    /// </summary>
    /// <param name="path">A zip of <c>ml.Model.Save</c>.</param>
    /// <exception cref="NetworkFileException">The zip is damaged, or is none.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static void CheckZip(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelZip.Check(path);
    }

    private static List<StoredModel> LoadModel(string path)
    {
        ModelZip.Check(path);
        MLContext context = new();
        try
        {
            return [.. SavedNetwork.FindAll(context, context.Model.Load(path, out _)).Select(found => found.Saved)];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // ML.NET throws whatever its readers run into.
            throw new NetworkFileException(path, $"the model in this zip cannot be loaded: {ErrorText.OfModel(exception)}", exception);
        }
    }
}
