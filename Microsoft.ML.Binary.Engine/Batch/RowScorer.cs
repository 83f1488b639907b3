using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>Scores an image from file to files; of its masks only a band is in memory at a time, and of the image too where the network looks at it in tiles.</summary>
/// <param name="network">The network.</param>
/// <param name="note">What stands in every mask.</param>
/// <param name="measure">Whether values are counted; figures are of no use otherwise.</param>
/// <param name="pixels">Memory for images.</param>
internal sealed class RowScorer(CompiledNetwork network, PngNote note, bool measure, PixelArrayPool pixels)
{
    /// <summary>Reads an image and writes its masks; all of them, or none.</summary>
    /// <param name="path">The image.</param>
    /// <param name="outputs">The mask file of each head.</param>
    /// <param name="turn">Where it is computed; ended when that is done, before anything waits for the disk.</param>
    /// <param name="cancellationToken">Ends it between two rows.</param>
    /// <returns>Figures of the masks, or why the image cannot be read or scored.</returns>
    /// <exception cref="IOException">A mask cannot be written.</exception>
    public (MaskFigures[] Figures, ExceptionDispatchInfo? Fault) Score(
        string path, IReadOnlyList<(TaskHead Head, string Mask)> outputs, ComputeTurn turn, CancellationToken cancellationToken)
    {
        Stream[] streams = new Stream[outputs.Count];
        MaskFigures[] figures = [];
        LoadedImage? picture = null;
        try
        {
            // Before any file is begun. For results of the picture's own size it need not be decoded larger than the network sees it.
            picture = network.HasTiles
                ? null
                : turn.Run(() => ImageReader.Load(
                    path, ImageReadOptions.Default with { NeededLongestSide = network.NeededLongestSide, Cancellation = cancellationToken, Pixels = pixels }));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return ([], ExceptionDispatchInfo.Capture(e));
        }

        try
        {
            Open(0);
            return (figures, null);
        }
        catch (NotScored e)
        {
            return ([], e.Cause);
        }

        // A file appears only if all that is written within succeeds.
        void Open(int index)
        {
            if (index == outputs.Count)
            {
                figures = turn.Run(() => Copy(path, picture, outputs, streams, cancellationToken));
                if (picture is not null)
                {
                    pixels.Return(picture.Image.Pixels);
                    picture = null;
                }

                turn.Dispose();
                return;
            }

            AtomicFile.WriteOneOfMany(outputs[index].Mask, stream =>
            {
                streams[index] = stream;
                Open(index + 1);
            });
        }
    }

    private MaskFigures[] Copy(string path, LoadedImage? picture, IReadOnlyList<(TaskHead Head, string Mask)> outputs, Stream[] streams, CancellationToken cancellationToken)
    {
        List<MaskRowWriter> writers = [];
        MaskFigures[] figures = [];
        IOException? notWritten = null;
        try
        {
            if (picture is not null)
            {
                Begin(picture.Info);
                network.PredictRows(picture.Image, Write, (picture.FullWidth, picture.FullHeight), cancellationToken);
                return figures;
            }

            ImageReadOptions reading = ImageReadOptions.Default with { Cancellation = cancellationToken };
            ExposureMeter? meter = null;
            if (!network.Exposure.IsAsIs)
            {
                // What there is to say of the file is said when it is read again.
                ImageReader.ReadRows(path, info => (meter = new(info.Width, info.Height)).Add, reading with { OnWarning = null });
            }

            ImageReader.ReadRows(
                path,
                info =>
                {
                    RowPrediction prediction = network.BeginRows(info.Width, info.Height, Write, meter, cancellationToken);
                    Begin(info);
                    return prediction.Add;
                },
                reading);
            return figures;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A mask that cannot be written is no fault of the image, though the image may be a file that cannot be read.
            throw (Exception?)notWritten ?? new NotScored(ExceptionDispatchInfo.Capture(e));
        }
        finally
        {
            writers.ForEach(writer => writer.Dispose());
        }

        void Begin(ImageInfo info)
        {
            writers.AddRange(outputs.Select((output, i) => new MaskRowWriter(streams[i], info.Width, info.Height, output.Head.Task.HasClasses, note)));
            figures = [.. outputs.Select(_ => new MaskFigures(info.Width, info.Height))];
        }

        void Write(int head, int y, ReadOnlySpan<byte> values)
        {
            if (measure)
            {
                figures[head].Add(values);
            }

            try
            {
                writers[head].Add(values);
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
