using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>Scores an image from file to files, of which only a band of tiles is in memory at a time.</summary>
internal static class TiledScore
{
    /// <summary>Scores an image.</summary>
    /// <param name="network">A network that looks at images in tiles.</param>
    /// <param name="path">The image.</param>
    /// <param name="masks">The mask file of each head.</param>
    /// <param name="failures">What becomes of an image that cannot be read; one whose mask cannot be written ends the run.</param>
    /// <returns>Why there is no mask; null if there is one.</returns>
    public static Failure? Run(CompiledNetwork network, string path, IReadOnlyList<(TaskHead Head, string Mask)> masks, Failures failures)
    {
        Stream[] streams = new Stream[masks.Count];
        Outcome<bool> outcome = default;
        try
        {
            Open(0);
        }
        catch (Unread)
        {
            return outcome.Failure;
        }

        return null;

        // A file appears only if all that is written within succeeds.
        void Open(int index)
        {
            if (index < masks.Count)
            {
                AtomicFile.Write(masks[index].Mask, stream =>
                {
                    streams[index] = stream;
                    Open(index + 1);
                });
                return;
            }

            Exception? unwritten = null;
            outcome = failures.Try(path, () => Score(network, path, masks, streams, fault => unwritten = fault));
            if (unwritten is not null)
            {
                throw unwritten;
            }

            if (outcome.Failure is not null)
            {
                throw new Unread();
            }
        }
    }

    private static bool Score(
        CompiledNetwork network, string path, IReadOnlyList<(TaskHead Head, string Mask)> masks, IReadOnlyList<Stream> streams, Action<Exception> cannotWrite)
    {
        List<MaskRowWriter> writers = [];
        try
        {
            ImageReader.ReadRows(path, info =>
            {
                RowPrediction prediction = network.BeginRows(info.Width, info.Height, (head, _, values) => Write(writers[head], values));
                writers.AddRange(masks.Select((mask, i) => new MaskRowWriter(streams[i], info.Width, info.Height, mask.Head.Task.HasClasses)));
                return prediction.Add;
            });
            return true;
        }
        finally
        {
            writers.ForEach(writer => writer.Dispose());
        }

        void Write(MaskRowWriter writer, ReadOnlySpan<byte> values)
        {
            try
            {
                writer.Add(values);
            }
            catch (IOException fault)
            {
                cannotWrite(fault);
                throw;
            }
        }
    }

    private sealed class Unread : Exception;
}
