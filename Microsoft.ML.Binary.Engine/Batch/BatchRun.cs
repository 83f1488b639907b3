using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>A batch that has been looked through and may be run.</summary>
/// <example>
/// <code>
/// using BatchScorer scorer = new(network, new() { OutputFolder = "results" });
/// BatchRun run = scorer.Prepare(ImageFolder.NamedImages("photos"));       // nothing is scored yet
/// Console.WriteLine($"{run.Count} images, {run.Run().Count(result =&gt; result.State == BatchState.Failed)} failed");
/// </code>
/// </example>
public sealed class BatchRun
{
    // Files are waited for, and flushed one by one where a system knows no better way (FileSystemFlush): that takes longer than scoring a small image, but nothing of the processor.
    private const int WaitingForTheDisk = 16;

    private readonly IEnumerable<NamedFile> _images;
    private readonly ImageScorer _scorer;
    private readonly BatchOptions _options;

    internal BatchRun(IEnumerable<NamedFile> images, int count, ImageScorer scorer, BatchOptions options) =>
        (_images, Count, _scorer, _options) = (images, count, scorer, options);

    private bool InTiles => _options.Views.Tiles is not null;

    /// <summary>Images of this worker.</summary>
    public int Count { get; }

    /// <summary>
    /// Scores the images, several at a time, as results are asked for. A file is there when its result is, and no result is lost with the process; on Linux all of them are brought to the disk
    /// together, when the walk ends (what a power failure takes before that, <see cref="BatchOptions.Resume"/> makes again), elsewhere one by one.
    /// </summary>
    /// <param name="cancellationToken">Ends the run within milliseconds; images that are under way have no results then.</param>
    /// <returns>What became of each image, in the order of the images.</returns>
    /// <exception cref="IOException">A result cannot be written, and the next could not be either. (A name that is too long is a fault of its image.)</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<BatchResult> Run(CancellationToken cancellationToken = default)
    {
        int computing = InTiles ? 1 : _options.ThreadCount, waiting = InTiles ? 0 : WaitingForTheDisk;
        using ComputeThreads threads = new(computing);
        bool written = false;
        try
        {
            foreach (BatchResult result in OrderedParallel.Map(_images, computing + waiting, image => ResultOf(image, threads, cancellationToken)))
            {
                written |= result.State == BatchState.Scored;
                yield return result;
            }
        }
        finally
        {
            if (written)
            {
                FileSystemFlush.Of(_options.OutputFolder);
            }
        }
    }

    private BatchResult ResultOf(NamedFile image, ComputeThreads threads, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // What cannot be read or scored is left out; what cannot be written ends the run.
        Func<BatchResult> write;
        try
        {
            if (_options.Resume && _scorer.Kept(image) is { } kept)
            {
                return kept;
            }

            write = _scorer.Score(image, threads, cancellationToken);
        }
        catch (Exception e) when (!_options.FailFast && IsFaultOfImage(e))
        {
            return new(image, BatchState.Failed, ErrorText.Of(e), []);
        }

        return write();
    }

    /// <summary>Whether an error comes from an image, or what belongs to it, that was to be read or looked at: what a batch goes on without.</summary>
    /// <param name="error">The error.</param>
    public static bool IsFaultOfImage(Exception error) =>
        error is InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException or GraphException or OverflowException or ImageTooLargeException;
}
