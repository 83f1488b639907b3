using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML;

public static class ImageEstimatorsCatalog
{
    public static ImageLoadingEstimator LoadImages(this TransformsCatalog catalog, string outputColumnName, string imageFolder, string inputColumnName = null) =>
        new(outputColumnName, inputColumnName ?? outputColumnName, imageFolder);

    public static ImageResizingEstimator ResizeImages(
        this TransformsCatalog catalog,
        string outputColumnName,
        int imageWidth,
        int imageHeight,
        string inputColumnName = null,
        ImageResizingEstimator.ResizingKind resizing = ImageResizingEstimator.ResizingKind.IsoCrop,
        ImageResizingEstimator.Anchor cropAnchor = ImageResizingEstimator.Anchor.Center) =>
        new(new ImageResizingTransformer(outputColumnName, inputColumnName ?? outputColumnName, imageWidth, imageHeight, resizing, cropAnchor));

    public static ImagePixelExtractingEstimator ExtractPixels(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName = null,
        ImagePixelExtractingEstimator.ColorBits colorsToExtract = ImagePixelExtractingEstimator.ColorBits.Rgb,
        ImagePixelExtractingEstimator.ColorsOrder orderOfExtraction = ImagePixelExtractingEstimator.ColorsOrder.ARGB,
        bool interleavePixelColors = false,
        float offsetImage = 0,
        float scaleImage = 1,
        bool outputAsFloatArray = true)
    {
        if (colorsToExtract != ImagePixelExtractingEstimator.ColorBits.Rgb || orderOfExtraction != ImagePixelExtractingEstimator.ColorsOrder.ARGB
            || !interleavePixelColors || outputAsFloatArray)
        {
            throw new NotSupportedException("The stand-in for ML.NET extracts interleaved red, green and blue as bytes, and nothing else.");
        }

        return new(new ImagePixelExtractingTransformer(outputColumnName, inputColumnName ?? outputColumnName));
    }
}
