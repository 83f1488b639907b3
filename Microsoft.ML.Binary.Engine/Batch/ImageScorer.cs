using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>A head and where its results go.</summary>
/// <param name="Head">The head.</param>
/// <param name="Subfolder">The folder of its results in that of all; empty where there is one head.</param>
/// <param name="Files">The files.</param>
internal sealed record HeadOutputs(TaskHead Head, string Subfolder, BatchOutputs Files);

/// <summary>Reads one image, scores it, and writes and measures its masks. Called on any number of threads; what computes is done on a few.</summary>
internal sealed class ImageScorer(CompiledNetwork network, RunStamp stamp, IReadOnlyList<HeadOutputs> outputs, BatchOptions options)
{
    private readonly PixelArrayPool _pixels = new(options.ThreadCount);

    /// <summary>The result of an image that has all its files; null if it is to be scored.</summary>
    public BatchResult? Kept(NamedFile image)
    {
        if (!outputs.All(output => output.Files.Has(image)))
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
    public Func<BatchResult> Score(NamedFile file, ComputeThreads threads, CancellationToken cancellationToken)
    {
        (MaskFigures[] Figures, ExceptionDispatchInfo? Fault) scored;
        try
        {
            using (ComputeTurn turn = threads.Take(cancellationToken))
            {
                scored = new RowScorer(network, stamp.Note, options.Measure, _pixels).Score(
                    file.Path, [.. outputs.Select(output => (output.Head, output.Files.MaskOf(file)))], turn, cancellationToken);
            }

            foreach (HeadOutputs output in options.Overlays && scored.Fault is null ? outputs : [])
            {
                using ComputeTurn turn = threads.Take(cancellationToken);
                turn.Run(() => OverlayWriter.Write(output.Files.OverlayOf(file), file.Path, output.Head, output.Files.MaskOf(file), stamp.Note, cancellationToken));
            }
        }
        catch (IOException e)
        {
            ExceptionDispatchInfo notWritten = ExceptionDispatchInfo.Capture(e);
            return () =>
            {
                notWritten.Throw();
                return null!;
            };
        }

        scored.Fault?.Throw();
        return () => new(file, BatchState.Scored, null, options.Measure ? [.. outputs.Select((output, i) => scored.Figures[i].For(output.Head, PathOf(output, file)))] : []);
    }

    private static BatchMask Read(HeadOutputs output, NamedFile image)
    {
        string path = output.Files.MaskOf(image);
        if (!output.Head.Task.HasClasses)
        {
            SaliencyMask gray = MaskReader.ReadGray(path);
            return MaskFigures.Of(gray.Width, gray.Height, gray.Values).For(output.Head, PathOf(output, image));
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(path);
        labels.CheckRange(output.Head.ClassNames.Length, path);
        return MaskFigures.Of(labels.Width, labels.Height, labels.Labels).For(output.Head, PathOf(output, image));
    }

    private static string PathOf(HeadOutputs output, NamedFile image) => $"{(output.Subfolder.Length > 0 ? output.Subfolder + "/" : "")}{image.Name}.png";
}
