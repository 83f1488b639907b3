using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>
/// Names of the columns of <see cref="ImageDataCatalog.LoadImagePairs(DataOperationsCatalog, string, string, MaskKind, int?)"/> and of the
/// output columns that transformers have unless told otherwise.
/// </summary>
/// <example>
/// <code>
/// foreach (VBuffer&lt;byte&gt; labels in scored.GetColumn&lt;VBuffer&lt;byte&gt;&gt;(ImageDataColumns.PredictedLabel))
/// {
///     Console.WriteLine($"{labels.Length} pixels");
/// }
///
/// string edges = ImageDataColumns.Of("street", ImageDataColumns.Edges);  // "street.Edges", a column of one of several tasks
/// </code>
/// </example>
public static class ImageDataColumns
{
    /// <summary>The image, <c>MLImage</c> of any size.</summary>
    public const string Image = "Image";

    /// <summary>The mask, a variable-length vector of bytes: one per pixel, row-major.</summary>
    public const string Label = "Label";

    /// <summary>Predicted class of each pixel, a variable-length vector of bytes, row-major, of the image's size.</summary>
    public const string PredictedLabel = "PredictedLabel";

    /// <summary>Class probabilities, a variable-length vector of single in the order row, column, class.</summary>
    public const string Score = "Score";

    /// <summary>Saliency of each pixel, 0..1, a variable-length vector of single, row-major, of the image's size.</summary>
    public const string Saliency = "Saliency";

    /// <summary>Probability of an edge at each pixel, 0..1, a variable-length vector of single, row-major, of the image's size.</summary>
    public const string Edges = "Edges";

    /// <summary>Rows of the mask, an Int32 (a vector has no shape of its own).</summary>
    public const string MaskHeight = "MaskHeight";

    /// <summary>Pixels in a row of the mask, an Int32.</summary>
    public const string MaskWidth = "MaskWidth";

    /// <summary>The path of the image file, text.</summary>
    public const string ImagePath = "ImagePath";

    /// <summary>What a manifest calls the image, and results are called by: text.</summary>
    public const string ImageName = "ImageName";

    /// <summary>The path of the mask file, text.</summary>
    public const string MaskPath = "MaskPath";

    /// <summary>Share of each class in the pixels of a mask, a vector of single with a slot for each class.</summary>
    public const string ClassShares = "ClassShares";

    /// <summary>How many connected regions a mask has, an Int32.</summary>
    public const string RegionCount = "RegionCount";

    /// <summary>Class of each region, a variable-length vector of bytes.</summary>
    public const string RegionLabels = "RegionLabels";

    /// <summary>Pixels of each region, a variable-length vector of Int32.</summary>
    public const string RegionAreas = "RegionAreas";

    /// <summary>Box of each region, a variable-length vector of Int32: left, top, width, height.</summary>
    public const string RegionBoxes = "RegionBoxes";

    /// <summary>Mean column and row of each region's pixels, a variable-length vector of single: x, y.</summary>
    public const string RegionCentroids = "RegionCentroids";

    /// <summary>An image with its mask on top, <c>MLImage</c>.</summary>
    public const string Overlay = "Overlay";

    /// <summary>A part of an image with alpha, <c>MLImage</c>.</summary>
    public const string CutOut = "CutOut";

    /// <summary>Which row a tile comes from, counted from 0, an Int64.</summary>
    public const string SourceRow = "SourceRow";

    /// <summary>The first column of a tile in its picture, an Int32.</summary>
    public const string TileX = "TileX";

    /// <summary>The first row of a tile in its picture, an Int32.</summary>
    public const string TileY = "TileY";

    /// <summary>Rows of the picture that a tile comes from, an Int32.</summary>
    public const string SourceHeight = "SourceHeight";

    /// <summary>Pixels in a row of the picture that a tile comes from, an Int32.</summary>
    public const string SourceWidth = "SourceWidth";

    /// <summary>What a task predicts: class indices, or a map called as the task.</summary>
    internal static string PredictionOf(DenseTask task) => task.HasClasses ? PredictedLabel : $"{task}";

    /// <summary>The name of a column of one of several tasks: <c>TASK.COLUMN</c>.</summary>
    public static string Of(string task, string column) => $"{task}.{column}";
}
