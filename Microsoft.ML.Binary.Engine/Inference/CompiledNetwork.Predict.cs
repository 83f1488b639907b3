using System.Buffers;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Views;

namespace Microsoft.ML.Binary.Inference;

/// <content>What may be asked for of an image.</content>
public sealed unsafe partial class CompiledNetwork
{
    /// <summary>The class with the highest logit for each pixel; of equal ones the lowest class.</summary>
    /// <param name="image">The image.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    /// <param name="size">
    /// The size of the result, for an image that was decoded smaller than it is (see <see cref="NeededLongestSide"/>); null takes the image's.
    /// </param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length, or the (first) head has no classes.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void PredictLabels(RgbImage image, Span<byte> labels, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        CheckHasClasses();
        CheckLabelsFit();
        Run(image, SizeOf(image, size), labels, ResultKind.Labels, 1, cancellationToken: cancellationToken);
    }

    /// <summary>The probability of each class for each pixel: softmax over the logits.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length, or the (first) head has no classes.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void PredictScores(RgbImage image, Span<float> scores, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        CheckHasClasses();
        Run(image, SizeOf(image, size), scores, ResultKind.Scores, LogitChannels, cancellationToken: cancellationToken);
    }

    /// <summary>What <see cref="PredictLabels"/> and <see cref="PredictScores"/> give, in one run.</summary>
    /// <param name="image">The image.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">A span has another length, or the (first) head has no classes.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void PredictLabelsAndScores(RgbImage image, Span<byte> labels, Span<float> scores, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        CheckHasClasses();
        CheckLabelsFit();
        ViewRunSize sizes = SizeOf(image, size);
        ImageSize.CheckLength(sizes.Width, sizes.Height, 1, labels.Length, nameof(labels));
        fixed (byte* target = labels)
        {
            Run(image, sizes, scores, ResultKind.Scores, LogitChannels, labels: target, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Saliency of each pixel, 0..1: the logistic function of the (first) logit.</summary>
    /// <param name="image">The image.</param>
    /// <param name="saliency">Receives width times height values, row-major.</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void PredictSaliency(RgbImage image, Span<float> saliency, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image, SizeOf(image, size), saliency, ResultKind.Saliency, 1, cancellationToken: cancellationToken);

    /// <summary>
    /// Saliency as the gray values of its mask: those of <see cref="SaliencyMask.FromProbabilities"/>, for a quarter of the memory.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="gray">Receives width times height values, row-major.</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidDataException">A value is not a number.</exception>
    public void PredictSaliency(RgbImage image, Span<byte> gray, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image, SizeOf(image, size), gray, ResultKind.GraySaliency, 1, cancellationToken: cancellationToken);

    /// <summary>The logits; of several views their mean.</summary>
    /// <param name="image">The image.</param>
    /// <param name="logits">Receives classes times height times width values in this order (C, H, W).</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void PredictLogits(RgbImage image, Span<float> logits, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image, SizeOf(image, size), logits, ResultKind.Logits, LogitChannels, cancellationToken: cancellationToken);

    /// <summary>Results of several tasks in one run: the encoder, and whatever else tasks share, works once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="outputs">Which results, and where they go; each head at most once. Heads that are not asked for put out nothing.</param>
    /// <param name="size">The size of the results, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">There is no such head, it has no such result, or a buffer has another length; the message names it.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidDataException">A gray value of a head is not a number.</exception>
    /// <example>
    /// <code>
    /// byte[] classes = new byte[image.Width * image.Height];
    /// float[] edges = new float[image.Width * image.Height];
    /// using CompiledNetwork street = CompiledNetwork.Compile(DenseNetwork.Load("street.mlbn"));
    /// street.PredictTasks(image, [TaskOutput.Labels("classes", classes), TaskOutput.Probabilities("edges", edges)]);
    /// </code>
    /// </example>
    public void PredictTasks(RgbImage image, ReadOnlySpan<TaskOutput> outputs, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (outputs.IsEmpty)
        {
            throw new ArgumentException("No result is asked for; name at least one head.", nameof(outputs));
        }

        Span<ResultTarget> targets = stackalloc ResultTarget[OutputChannels.Length];
        targets.Clear();
        fixed (byte* pixels = image.Pixels)
        {
            Run(pixels, SizeOf(image, size), outputs, targets, cancellationToken);
        }
    }

    /// <summary>
    /// What <see cref="PredictTasks"/> gives, row by row: results of a large picture that the network looks at reduced need not be in memory. Images that it looks at as they are
    /// come row by row too, out of memory; those do not fit there are for <see cref="BeginRows"/>.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="take">Gets the rows of one head's result after the other, each from the top: class indices, or gray values of heads without classes.</param>
    /// <param name="size">The size of the results, as for <see cref="PredictLabels"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">A side of the size is below 1.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidDataException">A gray value of a head is not a number.</exception>
    /// <exception cref="InvalidOperationException">A graph was compiled that is no network.</exception>
    /// <example>
    /// <code>
    /// LoadedImage loaded = ImageReader.Load("photo.jpg", new() { NeededLongestSide = compiled.NeededLongestSide });
    /// using FileStream file = File.Create("mask.png");
    /// using MaskRowWriter writer = new(file, loaded.FullWidth, loaded.FullHeight, isClassIndices: true);
    /// compiled.PredictRows(loaded.Image, (head, y, labels) => writer.Add(labels), (loaded.FullWidth, loaded.FullHeight));
    /// </code>
    /// </example>
    public void PredictRows(RgbImage image, PredictedRow take, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(take);
        CheckHasHeads();
        ViewRunSize sizes = SizeOf(image, size);
        if (IsLookedAtAsItIs(sizes))
        {
            PredictRowsAtOnce(image, take, sizes, cancellationToken);
            return;
        }

        ResultKind[] kinds = [.. Heads.Select(head => head.Task.HasClasses ? ResultKind.Labels : ResultKind.GraySaliency)];
        ViewRun run = TakeViewRun(sizes);
        try
        {
            fixed (byte* pixels = image.Pixels)
            {
                run.Run(pixels, CurveFor(pixels, sizes), kinds, _team, take, cancellationToken);
            }
        }
        finally
        {
            Return(run);
        }
    }

    private void CheckHasHeads()
    {
        if (Heads.IsEmpty)
        {
            throw new InvalidOperationException($"A graph was compiled, which has no heads; compile a {nameof(DenseNetwork)} for rows of its results.");
        }
    }

    private void PredictRowsAtOnce(RgbImage image, PredictedRow take, ViewRunSize size, CancellationToken cancellationToken)
    {
        int pixels = checked(size.Width * size.Height);
        byte[][] results = [.. Heads.Select(_ => ArrayPool<byte>.Shared.Rent(pixels))];
        try
        {
            PredictTasks(
                image, [.. Heads.Select((head, i) => head.Task.HasClasses ? TaskOutput.Labels(head.Name, results[i].AsMemory(0, pixels)) : TaskOutput.Gray(head.Name, results[i].AsMemory(0, pixels)))],
                (size.Width, size.Height), cancellationToken);
            for (int head = 0; head < results.Length; head++)
            {
                for (int y = 0; y < size.Height; y++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    take(head, y, results[head].AsSpan(y * size.Width, size.Width));
                }
            }
        }
        finally
        {
            Array.ForEach(results, result => ArrayPool<byte>.Shared.Return(result));
        }
    }
}
