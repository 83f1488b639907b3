using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// A row with an image, for <c>PredictionEngine</c> and <c>LoadFromEnumerable</c>. A class of your own with an <see cref="MLImage"/>
/// member does as well where that has an <see cref="ImageColumnAttribute"/>, and without one once this class, <c>ml.Segmentation</c>, <c>ml.Saliency</c> or a saved model of this
/// package has been used in the process: that is when ML.NET learns what column an <see cref="MLImage"/> of any size is.
/// </summary>
/// <example>
/// <code>
/// using var engine = ml.Model.CreatePredictionEngine&lt;ImageRow, SegmentationPrediction&gt;(model);
/// SegmentationMask mask = engine.Predict(new ImageRow { Image = photo }).ToMask();
/// </code>
/// </example>
public sealed class ImageRow
{
    /// <summary>The image, of any size.</summary>
    [ImageColumn]
    public MLImage? Image { get; set; }
}
