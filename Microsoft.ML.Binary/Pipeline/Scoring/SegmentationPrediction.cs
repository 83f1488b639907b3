using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Output columns of a <see cref="SegmentationTransformer"/> with default names, for <c>PredictionEngine</c> and <c>CreateEnumerable</c>. A
/// class of your own does as well.
/// </summary>
/// <example>
/// <code>
/// using var engine = ml.Model.CreatePredictionEngine&lt;ImageRow, SegmentationPrediction&gt;(model);
/// MaskWriter.Save("mask.png", engine.Predict(new ImageRow { Image = image }).ToMask());
/// </code>
/// </example>
public sealed class SegmentationPrediction
{
    /// <summary>Class index of each pixel, row-major.</summary>
    public byte[] PredictedLabel { get; set; } = [];

    /// <summary>Rows.</summary>
    public int MaskHeight { get; set; }

    /// <summary>Pixels in a row.</summary>
    public int MaskWidth { get; set; }

    /// <summary>The prediction as a mask over the same bytes.</summary>
    public SegmentationMask ToMask() => new(MaskWidth, MaskHeight, PredictedLabel);
}
