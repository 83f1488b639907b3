using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>What a <see cref="SegmentationMetricsAccumulator"/> computes and keeps.</summary>
/// <example>
/// <code>
/// SegmentationMetricsAccumulator accumulator = new(numberOfClasses: 3, new() { BoundaryIoU = true });
/// </code>
/// </example>
public sealed record SegmentationMetricsOptions
{
    /// <summary>Label (0 to 255) whose pixels are dropped, or null to drop none; 255 by default.</summary>
    public int? IgnoreIndex { get; init; } = SegmentationMask.DefaultIgnoreIndex;

    /// <summary>
    /// Whether one row per image is kept (true by default): needed to list the worst images and for confidence intervals.
    /// A row takes about 250 bytes plus 12 bytes per class (twice that with <see cref="BoundaryIoU"/>), whatever the size of the
    /// image; false keeps memory constant.
    /// </summary>
    public bool KeepImages { get; init; } = true;

    /// <summary>Whether the boundary IoU is computed too (false by default); it takes more time than all the rest.</summary>
    public bool BoundaryIoU { get; init; }

    /// <summary>
    /// Width of the boundary as a share of the image diagonal, above 0 and at most 1; 0.02 by default, as in the paper's figures
    /// for COCO and LVIS (0.005 for Cityscapes). At least one pixel is taken.
    /// </summary>
    public double BoundaryWidth { get; init; } = 0.02;
}
