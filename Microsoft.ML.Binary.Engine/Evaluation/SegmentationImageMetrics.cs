using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>The figures of one image, each computed from this image's own pixels alone.</summary>
/// <example>
/// <code>
/// foreach (SegmentationImageMetrics one in metrics.Images.OrderBy(one => one.MeanIoU).Take(5))
/// {
///     Console.WriteLine($"{one.Name} ({one.Width}x{one.Height}): mean IoU {one.MeanIoU:F3}, {one.IgnoredPixelCount} pixels ignored");
/// }
/// </code>
/// </example>
public sealed class SegmentationImageMetrics : ImageMetrics
{
    internal SegmentationImageMetrics(string name, int width, int height, long ignoredPixelCount, ClassPixels pixels, ClassPixels? boundary)
        : base(name, width, height)
    {
        IgnoredPixelCount = ignoredPixelCount;
        Pixels = pixels;
        Boundary = boundary;
        Figures = SegmentationMeasure.ComputeAll(OverlapMeasures.From(pixels), boundary is null ? null : OverlapMeasures.From(boundary));
    }

    /// <summary>Mean IoU over the classes that occur in this image's labels or predictions; NaN if every pixel is ignored.</summary>
    public double MeanIoU => SegmentationMeasure.MeanIoU.Of(this);

    /// <summary>Share of pixels predicted right; NaN if every pixel is ignored.</summary>
    public double PixelAccuracy => SegmentationMeasure.PixelAccuracy.Of(this);

    /// <summary>Mean over the labelled classes of the share of pixels predicted right; NaN if every pixel is ignored.</summary>
    public double MeanAccuracy => SegmentationMeasure.MeanAccuracy.Of(this);

    /// <summary>Mean Dice over the classes that occur in this image's labels or predictions; NaN if every pixel is ignored.</summary>
    public double MeanDice => SegmentationMeasure.MeanDice.Of(this);

    /// <summary>Mean boundary IoU over the classes of this image; NaN if it was not asked for.</summary>
    public double MeanBoundaryIoU => SegmentationMeasure.MeanBoundaryIoU.Of(this);

    /// <summary>Pixels evaluated.</summary>
    public long PixelCount => (long)Width * Height - IgnoredPixelCount;

    /// <summary>Pixels dropped because of their label.</summary>
    public long IgnoredPixelCount { get; }

    /// <summary>The figures, in the order of <see cref="SegmentationMeasure.All"/>.</summary>
    internal ImmutableArray<double> Figures { get; }

    internal ClassPixels Pixels { get; }

    internal ClassPixels? Boundary { get; }
}
