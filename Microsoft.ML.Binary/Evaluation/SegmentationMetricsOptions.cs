namespace Microsoft.ML.Binary.Evaluation;

/// <summary>What a <see cref="SegmentationMetricsAccumulator"/> computes and keeps.</summary>
public sealed record SegmentationMetricsOptions
{
    /// <summary>Label (0 to 255) whose pixels are dropped, or null to drop none; 255 by default.</summary>
    public int? IgnoreIndex { get; init; } = ConfusionMatrix.DefaultIgnoreIndex;

    /// <summary>
    /// Whether a row a image is kept (true by default): needed to list the worst images and for confidence intervals.
    /// A row takes about 200 bytes plus 12 bytes a class, whatever the size of the image; false keeps memory constant.
    /// </summary>
    public bool KeepImages { get; init; } = true;
}
