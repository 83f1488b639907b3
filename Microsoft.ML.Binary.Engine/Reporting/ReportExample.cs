using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The pictures that a report shows of one image.</summary>
/// <param name="Input">The image; null if it is not to be shown.</param>
/// <param name="Truth">The image under its true mask.</param>
/// <param name="Prediction">The image under the predicted mask.</param>
/// <param name="Errors">Where the two differ.</param>
public sealed record ReportExample(RgbImage? Input, RgbImage Truth, RgbImage Prediction, RgbImage Errors)
{
    /// <summary>Draws a segmentation.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true classes.</param>
    /// <param name="prediction">The predicted classes.</param>
    /// <param name="options">Colours, opacity and ignore index; null for the defaults. Legends are left out: the report has its own.</param>
    /// <exception cref="ArgumentException">The sizes differ, or a label has no colour.</exception>
    public static ReportExample Create(RgbImage image, SegmentationMask truth, SegmentationMask prediction, OverlayOptions? options = null)
    {
        options = (options ?? OverlayOptions.Default) with { ClassNames = null };
        return new(
            image,
            Overlay.Segmentation(image, truth, options),
            Overlay.Segmentation(image, prediction, options),
            Overlay.Errors(image, truth, prediction, options));
    }

    /// <summary>Draws a saliency map.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true saliency.</param>
    /// <param name="prediction">The predicted saliency.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static ReportExample Create(RgbImage image, SaliencyMask truth, SaliencyMask prediction) => new(
        image, Overlay.Saliency(image, truth), Overlay.Saliency(image, prediction), Overlay.Errors(image, truth, prediction));
}
