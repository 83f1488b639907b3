namespace Microsoft.ML.Binary;

/// <summary>The entry points of this package: extension properties of <see cref="MLContext"/>.</summary>
/// <example>
/// <code>
/// var ml = new MLContext(seed: 1);                                        // with "using Microsoft.ML.Binary" a context has Segmentation, Saliency and MultiTask
/// var pipeline = ml.Transforms.LoadImages("Image", "photos", "FileName").Append(ml.Segmentation.ApplyNetwork(network));
/// </code>
/// </example>
public static class BinaryCatalog
{
    /// <summary>The tasks of this package.</summary>
    /// <param name="context">The context whose log, and whose seed where an operation has none of its own, the operations use.</param>
    extension(MLContext context)
    {
        /// <summary>Semantic segmentation: a class for every pixel.</summary>
        /// <example>
        /// <code>
        /// var ml = new MLContext(seed: 1);
        /// IDataView train = ml.Data.LoadImagePairs("train/images", "train/masks");
        /// var model = ml.Segmentation.Trainers.BinaryDenseNet(numberOfClasses: 11, seed: 1).Fit(train);
        /// </code>
        /// </example>
        public SegmentationCatalog Segmentation => new(context);

        /// <summary>Salient-object detection: how much every pixel belongs to the object a person would look at.</summary>
        /// <example>
        /// <code>
        /// var ml = new MLContext(seed: 1);
        /// IDataView train = ml.Data.LoadImagePairs("train/images", "train/masks", MaskKind.Saliency);
        /// var model = ml.Saliency.Trainers.BinaryDenseNet(seed: 1).Fit(train);
        /// </code>
        /// </example>
        public SaliencyCatalog Saliency => new(context);

        /// <summary>Several tasks on one encoder: classes, salient objects and edges, in one run.</summary>
        /// <example>
        /// <code>
        /// var ml = new MLContext(seed: 1);
        /// MultiTaskTransformer street = ml.MultiTask.FromNetwork("street.mlbn");
        /// IDataView scored = street.Transform(ml.Data.LoadImages("photos"));     // classes.PredictedLabel, edges.Edges, ...
        /// </code>
        /// </example>
        public MultiTaskCatalog MultiTask => new(context);
    }
}
