using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>Scores an image from file to files, of which only a band of tiles is in memory at a time.</summary>
/// <param name="network">A network that looks at images in tiles.</param>
/// <param name="note">What stands in every mask.</param>
internal sealed class RowScorer(CompiledNetwork network, PngNote note)
{
    /// <summary>Reads an image and writes its masks; all of them, or none.</summary>
    /// <param name="path">The image.</param>
    /// <param name="outputs">The mask file of each head.</param>
    /// <param name="cancellationToken">Ends it between two rows.</param>
    /// <returns>Null, or why the image cannot be read or scored.</returns>
    /// <exception cref="IOException">A mask cannot be written.</exception>
    public ExceptionDispatchInfo? Score(string path, IReadOnlyList<(TaskHead Head, string Mask)> outputs, CancellationToken cancellationToken)
    {
        Stream[] streams = new Stream[outputs.Count];
        try
        {
            Open(0);
            return null;
        }
        catch (NotScored e)
        {
            return e.Cause;
        }

        // A file appears only if all that is written within succeeds.
        void Open(int index)
        {
            if (index == outputs.Count)
            {
                Copy(path, outputs, streams, cancellationToken);
                return;
            }

            AtomicFile.Write(outputs[index].Mask, stream =>
            {
                streams[index] = stream;
                Open(index + 1);
            });
        }
    }

    private void Copy(string path, IReadOnlyList<(TaskHead Head, string Mask)> outputs, Stream[] streams, CancellationToken cancellationToken)
    {
        List<MaskRowWriter> writers = [];
        IOException? notWritten = null;
        try
        {
            ImageReader.ReadRows(
                path,
                info =>
                {
                    RowPrediction prediction = network.BeginRows(info.Width, info.Height, (head, _, values) => Write(writers[head], values));
                    writers.AddRange(outputs.Select((output, i) => new MaskRowWriter(streams[i], info.Width, info.Height, output.Head.Task.HasClasses, note)));
                    return prediction.Add;
                },
                ImageReadOptions.Default with { Cancellation = cancellationToken });
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What readers make of an exception that passes through them is theirs.
            throw (Exception?)notWritten ?? new NotScored(ExceptionDispatchInfo.Capture(e));
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
            catch (IOException e)
            {
                notWritten = e;
                throw;
            }
        }
    }

    /// <summary>Carries a fault of the image past the files that are being written.</summary>
    private sealed class NotScored(ExceptionDispatchInfo cause) : Exception
    {
        public ExceptionDispatchInfo Cause => cause;
    }
}
