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

/// <summary>Reads one image, scores it, and writes and measures its masks.</summary>
internal sealed class ImageScorer(CompiledNetwork network, RunStamp stamp, IReadOnlyList<HeadOutputs> outputs, BatchOptions options)
{
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

    /// <summary>Scores an image.</summary>
    /// <returns>What writes the results.</returns>
    public Func<BatchResult> Score(NamedFile file, CancellationToken cancellationToken)
    {
        // Results have the picture's own size; for them it need not be decoded larger than the network sees it.
        LoadedImage picture = ImageReader.Load(
            file.Path, ImageReadOptions.Default with { NeededLongestSide = network.NeededLongestSide, Cancellation = cancellationToken });
        (int width, int height) = (picture.FullWidth, picture.FullHeight);
        byte[][] masks = [.. outputs.Select(_ => new byte[checked(width * height)])];
        TaskOutput[] results = [.. outputs.Select((output, i) => output.Head.Task.HasClasses ? TaskOutput.Labels(output.Head.Name, masks[i]) : TaskOutput.Gray(output.Head.Name, masks[i]))];
        network.PredictTasks(picture.Image, results, (width, height), cancellationToken);
        RgbImage? whole = !options.Overlays ? null : picture.Reduction == 1 ? picture.Image : RgbImage.Load(file.Path);
        return () =>
        {
            for (int i = 0; i < masks.Length; i++)
            {
                HeadOutputs output = outputs[i];
                if (whole is not null)
                {
                    Overlay(output.Head, whole, width, height, masks[i]).SavePng(output.Files.OverlayOf(file), stamp.Note);
                }

                MaskWriter.Save(output.Files.MaskOf(file), width, height, masks[i], output.Head.Task.HasClasses, stamp.Note);
            }

            return new(file, BatchState.Scored, null, options.Measure ? [.. outputs.Select((output, i) => Measure(output, file, width, height, masks[i]))] : []);
        };
    }

    /// <summary>Scores an image in tiles, and writes while it reads.</summary>
    /// <returns>What tells the results, or that they could not be written.</returns>
    public Func<BatchResult> ScoreInTiles(NamedFile file, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? fault;
        try
        {
            fault = new RowScorer(network, stamp.Note).Score(file.Path, [.. outputs.Select(output => (output.Head, output.Files.MaskOf(file)))], cancellationToken);
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

        fault?.Throw();
        return () => new(file, BatchState.Scored, null, options.Measure ? [.. outputs.Select(output => Read(output, file))] : []);
    }

    private static RgbImage Overlay(TaskHead head, RgbImage image, int width, int height, byte[] mask)
    {
        if (!head.Task.HasClasses)
        {
            return Imaging.Overlay.Saliency(image, new SaliencyMask(width, height, mask));
        }

        Palette palette = head.Palette.IsEmpty ? Palette.Default : Palette.Parse(string.Join(',', head.Palette));
        return Imaging.Overlay.Segmentation(image, new SegmentationMask(width, height, mask), new() { Palette = palette, ClassNames = head.ClassNames });
    }

    private static BatchMask Read(HeadOutputs output, NamedFile image)
    {
        string path = output.Files.MaskOf(image);
        if (!output.Head.Task.HasClasses)
        {
            SaliencyMask gray = MaskReader.ReadGray(path);
            return Measure(output, image, gray.Width, gray.Height, gray.Values);
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(path);
        labels.CheckRange(output.Head.ClassNames.Length, path);
        return Measure(output, image, labels.Width, labels.Height, labels.Labels);
    }

    private static BatchMask Measure(HeadOutputs output, NamedFile image, int width, int height, byte[] values)
    {
        string path = $"{(output.Subfolder.Length > 0 ? output.Subfolder + "/" : "")}{image.Name}.png";
        if (output.Head.Task.HasClasses)
        {
            long[] pixels = new SegmentationMask(width, height, values).CountLabels();
            return new(path, width, height, [.. pixels.Take(output.Head.ClassNames.Length)], double.NaN);
        }

        long sum = 0;
        foreach (byte value in values)
        {
            sum += value;
        }

        return new(path, width, height, [], sum / (255.0 * values.Length));
    }
}
