using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Output columns of a <see cref="SaliencyTransformer"/> with default names, for <c>PredictionEngine</c> and <c>CreateEnumerable</c>. A class
/// of your own does as well.
/// </summary>
/// <example>
/// <code>
/// using var engine = ml.Model.CreatePredictionEngine&lt;ImageRow, SaliencyPrediction&gt;(model);
/// MaskWriter.Save("mask.png", engine.Predict(new ImageRow { Image = image }).ToMask());
/// </code>
/// </example>
public sealed class SaliencyPrediction
{
    /// <summary>Saliency of each pixel, 0..1, row-major.</summary>
    public float[] Saliency { get; set; } = [];

    /// <summary>Rows.</summary>
    public int MaskHeight { get; set; }

    /// <summary>Pixels in a row.</summary>
    public int MaskWidth { get; set; }

    /// <summary>The prediction as gray values, round(255 p).</summary>
    public SaliencyMask ToMask() => SaliencyMask.FromProbabilities(MaskWidth, MaskHeight, Saliency);
}
