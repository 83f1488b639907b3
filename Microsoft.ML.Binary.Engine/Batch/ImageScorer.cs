using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>Reads one image, scores it, and writes and measures its masks. Called on any number of threads; what computes is done on a few.</summary>
internal sealed class ImageScorer(CompiledNetwork network, RunStamp stamp, IReadOnlyList<BatchOutputs> outputs, BatchOptions options)
{
    private readonly PixelArrayPool _pixels = new(options.ThreadCount);

    /// <summary>The result of an image that has all its files; null if it is to be scored.</summary>
    public BatchResult? Kept(NamedFile image)
    {
        if (!outputs.All(output => output.Has(image)))
        {
            return null;
        }

        try
        {
            return new(image, BatchState.Kept, null, options.Measure ? [.. outputs.Select(output => Read(output, image))] : []);
        }
        catch (InvalidDataException)
        {
            // Damaged in the middle: as good as absent.
            return null;
        }
    }

    /// <summary>Scores an image, and writes its masks while they come, and pictures of them if wanted.</summary>
    /// <param name="file">The image.</param>
    /// <param name="threads">Where it is computed; the disk is waited for here.</param>
    /// <param name="cancellationToken">Ends it between two rows.</param>
    /// <returns>What tells the results, or that they could not be written.</returns>
    /// <exception cref="PathTooLongException">A result cannot have its name, whatever becomes of the others.</exception>
    public Func<BatchResult> Score(NamedFile file, ComputeThreads threads, CancellationToken cancellationToken)
    {
        foreach (BatchOutputs output in outputs)
        {
            output.CheckLength(file);
        }

        (MaskFigures[] Figures, ExceptionDispatchInfo? Fault) scored;
        try
        {
            using (ComputeTurn turn = threads.Take(cancellationToken))
            {
                scored = new RowScorer(network, stamp.Note, options.Measure, _pixels).Score(
                    file.Path, [.. outputs.Select(output => (output.Head, output.MaskOf(file)))], turn, cancellationToken);
            }

            foreach (BatchOutputs output in options.Overlays ? outputs.TakeWhile(_ => scored.Fault is null) : [])
            {
                using ComputeTurn turn = threads.Take(cancellationToken);
                scored.Fault = turn.Run(() => OverlayWriter.Write(output.OverlayOf(file), file.Path, output.Head, output.MaskOf(file), stamp.Note, cancellationToken));
            }
        }
        catch (IOException e) when (e is not PathTooLongException)
        {
            ExceptionDispatchInfo notWritten = ExceptionDispatchInfo.Capture(e);
            return () =>
            {
                notWritten.Throw();
                return null!;
            };
        }

        scored.Fault?.Throw();
        return () => new(file, BatchState.Scored, null, options.Measure ? [.. outputs.Select((output, i) => scored.Figures[i].For(output.Head, output.NameOf(file)))] : []);
    }

    private static BatchMask Read(BatchOutputs output, NamedFile image)
    {
        string path = output.MaskOf(image);
        if (!output.Head.Task.HasClasses)
        {
            SaliencyMask gray = MaskReader.ReadGray(path);
            return MaskFigures.Of(gray.Width, gray.Height, gray.Values).For(output.Head, output.NameOf(image));
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(path);
        labels.CheckRange(output.Head.ClassNames.Length, path);
        return MaskFigures.Of(labels.Width, labels.Height, labels.Labels).For(output.Head, output.NameOf(image));
    }
}
