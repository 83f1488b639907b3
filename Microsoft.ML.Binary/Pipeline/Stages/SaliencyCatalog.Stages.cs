using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

// What can be made of saliency maps.
public sealed partial class SaliencyCatalog
{
    /// <summary>
    /// A stage that adds a picture of the image with its background dimmed (<see cref="Imaging.Overlay.Saliency"/>), a column of <c>MLImage</c> of the size of what was
    /// decoded of the image.
    /// </summary>
    /// <param name="outputColumnName">The column of pictures.</param>
    /// <param name="inputColumnName">The column of saliency 0..1, a vector of single.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="maskHeightColumnName">The column of the mask's rows, an Int32.</param>
    /// <param name="maskWidthColumnName">The column of the mask's pixels in a row, an Int32.</param>
    /// <param name="contours">Whether a line is drawn around the object.</param>
    /// <example><code>var pipeline = ml.Saliency.Pretrained().Append(ml.Saliency.Overlay());</code></example>
    public MaskStageEstimator Overlay(
        string outputColumnName = ImageDataColumns.Overlay,
        string inputColumnName = ImageDataColumns.Saliency,
        string imageColumnName = ImageDataColumns.Image,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        bool contours = true) =>
        Stage(new SaliencyOverlayStage(new(outputColumnName, inputColumnName, imageColumnName, maskHeightColumnName, maskWidthColumnName), contours));

    /// <summary>
    /// A stage that cuts the salient object out of its image: a column of <c>MLImage</c> of the size of what was decoded of the image, with the saliency as alpha. Its
    /// colours are multiplied by alpha, as ML.NET's images have them; its <c>Save</c> as PNG writes them right.
    /// </summary>
    /// <param name="outputColumnName">The column of cut-outs.</param>
    /// <param name="inputColumnName">The column of saliency 0..1, a vector of single.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="maskHeightColumnName">The column of the mask's rows, an Int32.</param>
    /// <param name="maskWidthColumnName">The column of the mask's pixels in a row, an Int32.</param>
    /// <param name="threshold">
    /// For a hard edge: the saliency 0..1, compared as gray value, above which a pixel is kept whole; the others are not kept at all. Null keeps soft edges.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold lies outside of 0..1.</exception>
    /// <example><code>var pipeline = ml.Saliency.Pretrained().Append(ml.Saliency.CutOut(threshold: 0.5f));</code></example>
    public MaskStageEstimator CutOut(
        string outputColumnName = ImageDataColumns.CutOut,
        string inputColumnName = ImageDataColumns.Saliency,
        string imageColumnName = ImageDataColumns.Image,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        float? threshold = null) => threshold is null or (>= 0 and <= 1)
        ? Stage(new SaliencyCutOutStage(new(outputColumnName, inputColumnName, imageColumnName, maskHeightColumnName, maskWidthColumnName), threshold))
        : throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold must be from 0 to 1.");

    /// <summary>
    /// A stage that brings saliency maps to a size without making new values: each pixel gets that of the one that its middle lies in (<see cref="NearestResampler"/>).
    /// It replaces the columns of the map's size, and unless another name is given the map.
    /// </summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="outputColumnName">The column of resized maps.</param>
    /// <param name="inputColumnName">The column of saliency, a vector of single; null for that of the output.</param>
    /// <param name="maskHeightColumnName">The column of the map's rows, an Int32, which gets the new ones.</param>
    /// <param name="maskWidthColumnName">The column of the map's pixels in a row, an Int32, which gets the new ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <example><code>var pipeline = ml.Saliency.Pretrained().Append(ml.Saliency.ResizeMask(width: 320, height: 240));</code></example>
    public MaskStageEstimator ResizeMask(
        int width,
        int height,
        string outputColumnName = ImageDataColumns.Saliency,
        string? inputColumnName = null,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth) =>
        Stage(ResizeMaskStage.To(
            width, height, new(outputColumnName, inputColumnName ?? outputColumnName, true, maskHeightColumnName, maskWidthColumnName, null, null)));

    /// <summary>
    /// As <see cref="ResizeMask"/>, to the size of each row's image. Where the column that the transformer is fitted to has images of one known size (ML.NET's <c>ResizeImages</c>),
    /// masks get that size ever after, also in a saved model, which then reads no image.
    /// </summary>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="outputColumnName">The column of resized maps.</param>
    /// <param name="inputColumnName">The column of saliency, a vector of single; null for that of the output.</param>
    /// <param name="maskHeightColumnName">The column of the map's rows, an Int32, which gets the new ones.</param>
    /// <param name="maskWidthColumnName">The column of the map's pixels in a row, an Int32, which gets the new ones.</param>
    /// <example><code>var pipeline = ml.Saliency.Pretrained(options: new() { ImageColumnName = "Small" }).Append(ml.Saliency.ResizeMaskToImage());</code></example>
    public MaskStageEstimator ResizeMaskToImage(
        string imageColumnName = ImageDataColumns.Image,
        string outputColumnName = ImageDataColumns.Saliency,
        string? inputColumnName = null,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth) =>
        Stage(new ResizeMaskStage(outputColumnName, inputColumnName ?? outputColumnName, true, maskHeightColumnName, maskWidthColumnName, null, imageColumnName));
}
