using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training;

/// <summary>One training image and its mask.</summary>
/// <param name="Name">For error messages: the file, or the row.</param>
/// <param name="Image">The image.</param>
/// <param name="Mask">
/// One byte per pixel, row-major, of the picture's full size: class indices for segmentation, gray values (object above 128) for saliency.
/// </param>
/// <example>
/// <code>
/// TrainingSample sample = new("a.png", image, mask.Labels);               // a byte a pixel, row-major
/// TrainingSample small = sample.At(WorkingSize.Of(240), new SegmentationTask());
/// </code>
/// </example>
public sealed record TrainingSample(string Name, RgbImage Image, byte[] Mask)
{
    /// <summary>The size of picture and mask where <see cref="Image"/> was decoded smaller; null where it was not.</summary>
    public (int Width, int Height)? FullSize { get; init; }

    /// <summary>Pixels in a row of the picture, and of the mask.</summary>
    public int FullWidth => FullSize?.Width ?? Image.Width;

    /// <summary>Rows of the picture, and of the mask.</summary>
    public int FullHeight => FullSize?.Height ?? Image.Height;

    /// <summary>The masks of further tasks, in their order (<see cref="LearnedTask"/>); none where one task is learned.</summary>
    public IReadOnlyList<byte[]> MoreMasks { get; init; } = [];

    /// <summary>All masks.</summary>
    internal IReadOnlyList<byte[]> Masks => MoreMasks.Count == 0 ? [Mask] : [Mask, .. MoreMasks];

    /// <summary>
    /// The sample at a working size; itself if it has that already. The image is brought to it as inference does that. A pixel of the mask gets the label that covers most of its
    /// area, of equal ones the lowest; it is ignored where more than half of its area is, and elsewhere the ignored part has no vote. Of saliency it is 255 where more than half of
    /// its area is object, else 0.
    /// </summary>
    /// <param name="size">The working size.</param>
    /// <param name="task">What the mask's values mean.</param>
    /// <exception cref="ArgumentException">The sample has masks of further tasks (<see cref="MoreMasks"/>), of whose values the task says nothing.</exception>
    public TrainingSample At(WorkingSize size, TrainingTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return MoreMasks.Count == 0
            ? Resized(size, [task])
            : throw new ArgumentException($"{Name}: it has {Masks.Count} masks, and a task says what the values of one mean; leave {nameof(MoreMasks)} out.", nameof(task));
    }

    /// <summary>The same of a sample with a mask for each of several tasks.</summary>
    internal TrainingSample Resized(WorkingSize size, IReadOnlyList<TrainingTask> tasks)
    {
        (int width, int height) = size.Fit(FullWidth, FullHeight);
        if (FullSize is null && (width, height) == (Image.Width, Image.Height))
        {
            return this;
        }

        RgbImage image = (Image.Width, Image.Height) == (width, height) ? Image : Image.Resize(width, height);
        byte[][] masks = (FullWidth, FullHeight) == (width, height)
            ? [.. Masks]
            : [.. Masks.Select((mask, i) => tasks[i].Resize(mask, FullWidth, FullHeight, width, height))];
        return new(Name, image, masks[0]) { MoreMasks = masks[1..] };
    }

    /// <summary>The sample as a network of a working size and an exposure sees it; as in inference, the curve is that of the image before it is brought to the size.</summary>
    internal TrainingSample Seen(WorkingSize size, ImageExposure exposure, IReadOnlyList<TrainingTask> tasks)
    {
        TrainingSample resized = Resized(size, tasks);
        RgbImage image = resized.Image.With(ExposureCurve.For(size.IsOwn ? resized.Image : Image, exposure.Mean));
        return image == resized.Image ? resized : resized with { Image = image };
    }
}
