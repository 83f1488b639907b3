using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// How a predictor of an application is loaded, and what it may take. All but <see cref="Views"/> binds to configuration. Limits on waiting,
/// pixels and bytes are those of the asynchronous methods.
/// </summary>
/// <example>
/// <code>
/// builder.Services.AddBinarySegmentation(options =>
/// {
///     options.ModelPath = "road.zip";
///     options.MaxPixels = 20_000_000;
///     options.ReloadOnChange = true;
/// });
/// </code>
/// </example>
public sealed class PredictorOptions
{
    /// <summary>A zip of <c>ml.Model.Save</c> or a network file. Either this or <see cref="Pretrained"/> is given; an empty one is none.</summary>
    public string? ModelPath { get; set; }

    /// <summary>A pretrained network.</summary>
    public PretrainedModel? Pretrained { get; set; }

    /// <summary>Threads for one image, 1 by default: a server has several images at a time. 0 takes all cores.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>Images that are decoded and looked at at the same time; 0, the default, takes as many as there are cores.</summary>
    public int MaxConcurrency { get; set; }

    /// <summary>Images that may wait for that; one more is refused with <see cref="PredictorBusyException"/>. 100 by default.</summary>
    public int MaxQueueLength { get; set; } = 100;

    /// <summary>Pixels that an image may have; one whose header claims more is refused before it waits or is decoded. 40 million by default.</summary>
    public long MaxPixels { get; set; } = 40_000_000;

    /// <summary>Bytes that an encoded image may have, 32 MiB by default.</summary>
    public int MaxFileBytes { get; set; } = 32 << 20;

    /// <summary>Bytes of working memory that one run may take, 1 GiB by default (<see cref="InferenceOptions.MaxRunBytes"/>).</summary>
    public long MaxRunBytes { get; set; } = 1L << 30;

    /// <summary>Bytes of working memory that are kept for the next images, 256 MiB by default (<see cref="InferenceOptions.PlanCacheBytes"/>).</summary>
    public long KeptBytes { get; set; } = 256L << 20;

    /// <summary>At which size images are looked at, and how often; null for what was saved with the model, or once, as trained.</summary>
    public ViewOptions? Views { get; set; }

    /// <summary>Whether the model is loaded and run once when the host starts, so that the first request waits for nothing. True by default.</summary>
    public bool WarmUp { get; set; } = true;

    /// <summary>Whether the model is loaded anew when its file changes. Requests under way keep theirs; a file that cannot be used leaves the model before in place.</summary>
    public bool ReloadOnChange { get; set; }

    /// <summary>How often the file is looked at, a second by default.</summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(1);

    internal string? GivenPath => string.IsNullOrEmpty(ModelPath) ? null : ModelPath;

    internal int Concurrency => MaxConcurrency == 0 ? Environment.ProcessorCount : MaxConcurrency;

    internal InferenceOptions Inference => new() { Threads = Threads, Views = Views, MaxRunBytes = MaxRunBytes, PlanCacheBytes = KeptBytes };

    /// <summary>What is wrong with these options; nothing if they can be used.</summary>
    internal IEnumerable<string> Problems()
    {
        if (GivenPath is null != Pretrained.HasValue)
        {
            yield return $"{nameof(ModelPath)} or {nameof(Pretrained)} must be given, and not both.";
        }

        if (ReloadOnChange && Pretrained.HasValue)
        {
            yield return $"{nameof(ReloadOnChange)} belongs to {nameof(ModelPath)}; a pretrained network does not change.";
        }

        foreach ((string name, long value, long least, long most) in new[]
        {
            (nameof(Threads), Threads, 0, (long)InferenceOptions.MaxThreads),
            (nameof(MaxConcurrency), MaxConcurrency, 0, 1024),
            (nameof(MaxQueueLength), MaxQueueLength, 0, int.MaxValue),
            (nameof(MaxPixels), MaxPixels, 1, ImageReadOptions.LargestMaxPixels),
            (nameof(MaxFileBytes), MaxFileBytes, 1, Array.MaxLength),
            (nameof(MaxRunBytes), MaxRunBytes, 1, long.MaxValue),
            (nameof(KeptBytes), KeptBytes, 0, long.MaxValue),
            (nameof(ReloadInterval), ReloadInterval.Ticks, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerDay),
        })
        {
            if (value < least || value > most)
            {
                yield return name == nameof(ReloadInterval)
                    ? $"{name} is {ReloadInterval}; it must be from a millisecond to a day."
                    : $"{name} is {value}; it must be from {least} to {most}.";
            }
        }
    }
}
