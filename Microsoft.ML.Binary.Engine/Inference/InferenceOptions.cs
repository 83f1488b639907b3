using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>How a network is executed. Nothing here but <see cref="Views"/> changes a result.</summary>
/// <example>
/// <code>
/// InferenceOptions options = new() { Threads = 1, MaxRunBytes = 1L &lt;&lt; 30, PlanCacheBytes = 256L &lt;&lt; 20, Views = ViewOptions.At(longestSide: 960) };
/// using CompiledNetwork compiled = CompiledNetwork.Compile(network, options);
/// </code>
/// </example>
public sealed record InferenceOptions
{
    /// <summary>The most <see cref="Threads"/> that may be asked for.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Threads that work on one image, the caller's included, at most <see cref="MaxThreads"/>; 0 takes every core.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// At which size the network looks at images, how often, and how far attention is reduced. Null, the default, is once, at the size that it was trained at; of a predictor that is
    /// loaded from a saved model, as that was saved.
    /// </summary>
    public ViewOptions? Views { get; init; }

    /// <summary>How many image sizes keep their plan (and its memory); the least recently used one goes first. At least 1.</summary>
    public int PlanCacheSize { get; init; } = 4;

    /// <summary>
    /// Bytes of working memory that are kept for the next images when no run is under way, over all image sizes; the least recently used goes first, and
    /// what does not fit at all is given back after each run. At least 0, by default 512 MiB.
    /// </summary>
    public long PlanCacheBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Bytes of working memory that one run may take; an image for which the network needs more is refused. By default what one array holds, some 2 GiB;
    /// a server that takes images or networks from others may want less.
    /// </summary>
    public long MaxRunBytes { get; init; } = Array.MaxLength;

    internal KernelSet Kernels { get; init; } = KernelSet.Best;

    /// <summary>Executes node by node and keeps every node's output, slowly: see <see cref="CompiledNetwork.NodeOutputs"/>.</summary>
    public bool KeepsNodeOutputs { get; init; }

    /// <summary>What the stem may take for a band of rows: it should stay in the second-level cache.</summary>
    internal int BandBytes { get; init; } = 600 << 10;

    /// <summary>
    /// From which size on a sum of binary convolutions is not written to memory and read again: a smaller one stays in some cache, and
    /// strips of tiles lose less at their edges than strips of rows.
    /// </summary>
    internal int LargeMapBytes { get; init; } = 8 << 20;

    internal int ThreadCount => Threads == 0 ? Environment.ProcessorCount : Threads;

    internal void Validate()
    {
        if (Threads is < 0 or > MaxThreads)
        {
            throw new ArgumentException($"Threads is {Threads}; it must be 0 (every core) or from 1 to {MaxThreads}.", nameof(Threads));
        }

        if (PlanCacheSize < 1)
        {
            throw new ArgumentException($"PlanCacheSize is {PlanCacheSize}; it must be at least 1.", nameof(PlanCacheSize));
        }

        if (PlanCacheBytes < 0)
        {
            throw new ArgumentException($"PlanCacheBytes is {PlanCacheBytes}; it must be at least 0.", nameof(PlanCacheBytes));
        }

        if (MaxRunBytes < 1)
        {
            throw new ArgumentException($"MaxRunBytes is {MaxRunBytes}; it must be at least 1.", nameof(MaxRunBytes));
        }
    }
}
