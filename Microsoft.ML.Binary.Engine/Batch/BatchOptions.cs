using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>What a batch writes, and how it goes about it.</summary>
/// <example>
/// <code>
/// BatchOptions options = new() { OutputFolder = "results", Resume = true, Shard = new(3, 16), Overlays = true, Threads = 4 };
/// </code>
/// </example>
public sealed record BatchOptions
{
    /// <summary>What the names of overlays have behind those of masks.</summary>
    public const string OverlayEnding = ".overlay";

    /// <summary>Folder of the masks, made if there is none; of a network with several heads, a folder for each lies in it.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>The images that are this worker's; the default is all.</summary>
    public Shard Shard { get; init; }

    /// <summary>
    /// Whether images whose results are there are passed over. Results count only if they are whole, no older than the image, and say of themselves that the same network with
    /// the same views made them. Results of another network or of other views are refused before the first image is scored.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Whether a picture of each mask on its image is written too: <c>NAME.overlay.png</c>.</summary>
    public bool Overlays { get; init; }

    /// <summary>Whether results carry figures of the masks (<see cref="BatchResult.Masks"/>), as tables need them. Masks that are kept are then read.</summary>
    public bool Measure { get; init; }

    /// <summary>Whether the first image that cannot be read or scored is an error, instead of a result that says so.</summary>
    public bool FailFast { get; init; }

    /// <summary>
    /// Images that are worked on at a time, each on one thread, at most <see cref="InferenceOptions.MaxThreads"/>; 0, the default, is one for each core. Beside them the masks of a few more are being flushed to the disk.
    /// In tiles, threads that work on one image.
    /// </summary>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Threads));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, InferenceOptions.MaxThreads, nameof(Threads));
            field = value;
        }
    }

    internal int ThreadCount => Threads == 0 ? Environment.ProcessorCount : Threads;

    /// <summary>How the network looks at images.</summary>
    public ViewOptions Views { get; init; } = ViewOptions.AsTrained;
}
