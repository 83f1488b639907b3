using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// Writes a mask for each of any number of images. A run can be ended at any moment, also by force, and gone on with (<see cref="BatchOptions.Resume"/>); many can work
/// on one set of images at a time (<see cref="BatchOptions.Shard"/>). Memory does not depend on the number of images, but for some 50 bytes a name while a run is prepared.
/// </summary>
/// <remarks>
/// A result is an 8-bit gray PNG of class indices, or of saliency from 0 to 255, of the image's own size. It is written whole or not at all, and a note in the file (tEXt,
/// keyword <c>MlBinary</c>) says which network made it and with which views. The notes are all that a later run goes by: there is no list of what is done that could be lost.
/// </remarks>
/// <example>
/// <code>
/// using BatchScorer scorer = new(DenseNetwork.Load("road.mlbn"), new() { OutputFolder = "results", Shard = new(3, 16), Resume = true });
/// foreach (BatchResult result in scorer.Prepare(ImageManifest.Open("images.csv")).Run())
/// {
///     Console.WriteLine($"{result.Image.Path}: {result.State} {result.Reason}");
/// }
/// </code>
/// </example>
public sealed class BatchScorer : IDisposable
{
    private readonly CompiledNetwork _compiled;
    private readonly RunStamp _stamp;

    /// <summary>Compiles a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">What is written, and how.</param>
    /// <exception cref="ArgumentException">Overlays are asked for of images in tiles.</exception>
    public BatchScorer(DenseNetwork network, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.OutputFolder);
        if (options is { Overlays: true, Views.Tiles: not null })
        {
            throw new ArgumentException("Overlays need the whole picture in memory, which tiles are there to avoid; leave one of them out (--overlay, --tile).", nameof(options));
        }

        // In tiles all threads work on one image, so that only one is in memory.
        _compiled = CompiledNetwork.Compile(network, new() { Views = options.Views, Threads = options.Views.Tiles is null ? 1 : options.ThreadCount });
        (Options, _stamp) = (options, RunStamp.Of(network, options.Views));
    }

    /// <summary>What is written, and how.</summary>
    public BatchOptions Options { get; }

    /// <summary>Looks at names and at what lies in the folder of results, and makes the folders. Nothing is scored yet.</summary>
    /// <param name="images">The images, those of other shards too; walked over several times. <see cref="ImageManifest"/> and <see cref="ImageFolder.NamedImages"/> give them.</param>
    /// <exception cref="IOException">A result would replace an image, another result or what is no mask, or cannot be gone on from; the message names the file and says what would be right.</exception>
    public BatchRun Prepare(IEnumerable<NamedFile> images) => Prepare(images, Options.Shard);

    /// <summary>The same for a shard other than <see cref="BatchOptions.Shard"/>, for a worker that scores one after the other with one compiled network.</summary>
    /// <param name="images">The images, those of other shards too.</param>
    /// <param name="shard">The images that are this run's.</param>
    /// <exception cref="IOException">As above.</exception>
    public BatchRun Prepare(IEnumerable<NamedFile> images, Shard shard)
    {
        ArgumentNullException.ThrowIfNull(images);
        BatchOutputs.CheckFolder(Options.OutputFolder);
        BatchOutputs[] outputs =
        [
            .. _compiled.Heads.Select(
                head => new BatchOutputs(head, Options.OutputFolder, _compiled.Heads.Length == 1 ? "" : head.Name, Options.Overlays, _stamp, Options.Resume)),
        ];
        Lazy<NameSet> originals = new(() => Originals(images));
        int count = 0;
        foreach (BatchOutputs output in outputs)
        {
            count = output.Prepare(images, shard, originals);
        }

        return new(shard.Of(images), count, new ImageScorer(_compiled, _stamp, outputs, Options), Options);
    }

    /// <summary>Frees the network's memory.</summary>
    public void Dispose() => _compiled.Dispose();

    // The folders of many images are few, and what is behind their links is asked once.
    private static NameSet Originals(IEnumerable<NamedFile> images)
    {
        NameSet originals = new(ignoreCase: !OperatingSystem.IsLinux());
        Dictionary<string, string> folders = [];
        foreach (NamedFile image in images)
        {
            string full = Path.GetFullPath(image.Path), folder = Path.GetDirectoryName(full)!;
            try
            {
                if (!folders.TryGetValue(folder, out string? real))
                {
                    folders.Add(folder, real = RealPath.Of(folder));
                }

                originals.Add(new FileInfo(full).LinkTarget is null ? Path.Combine(real, Path.GetFileName(full)) : RealPath.Of(full));
            }
            catch (IOException)
            {
                // Its links lead in a circle, say: there is no image behind it, and it will fail by itself.
            }
        }

        return originals;
    }
}
