namespace Microsoft.ML.Binary;

/// <summary>The entry points of this package: extension methods of <see cref="MLContext"/>.</summary>
public static class BinaryCatalog
{
    /// <summary>Semantic segmentation: a class for every pixel.</summary>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// IDataView train = ml.Data.LoadImagePairs("train/images", "train/masks");
    /// var model = ml.Segmentation().Trainers.BinaryDenseNet(classes: 11).Fit(train);
    /// </code>
    /// </example>
    public static SegmentationCatalog Segmentation(this MLContext context) => new(context);

    /// <summary>Salient-object detection: how much every pixel belongs to the object a person would look at.</summary>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// IDataView train = ml.Data.LoadImagePairs("images", "masks", MaskKind.Saliency);
    /// var model = ml.Saliency().Trainers.BinaryDenseNet().Fit(train);
    /// </code>
    /// </example>
    public static SaliencyCatalog Saliency(this MLContext context) => new(context);
}
