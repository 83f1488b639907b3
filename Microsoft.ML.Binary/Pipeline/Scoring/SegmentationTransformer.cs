using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds a class for every pixel to rows with images of any size. Output columns (names in <see cref="Options"/>): the labels, probabilities if
/// they are asked for, and the size of both, which is that of the image. The labels carry the annotations <see cref="ClassNamesAnnotation"/>
/// and <see cref="PaletteAnnotation"/>.
/// </summary>
/// <example>
/// <code>
/// SegmentationTransformer model = ml.Segmentation.FromNetwork("road.network");
/// IDataView scored = model.Transform(photos);                            // PredictedLabel, MaskHeight, MaskWidth; nothing is computed before it is read
/// ml.Model.Save(model, null, "road.zip");
/// </code>
/// </example>
public sealed class SegmentationTransformer : DenseTransformer
{
    /// <summary>Annotation of the predicted labels: the class names, a vector of text, by class index.</summary>
    public const string ClassNamesAnnotation = "ClassNames";

    /// <summary>Annotation of the predicted labels, where the network has colours: a vector of text, <c>#RRGGBB</c> by class index.</summary>
    public const string PaletteAnnotation = "Palette";

    internal SegmentationTransformer(MLContext context, DenseNetwork network, SegmentationTransformerOptions options, KnownSize? imageSize = null)
        : this(context, MapOf(network, DenseTask.Segmentation, options, imageSize), options)
    {
    }

    private SegmentationTransformer(MLContext context, ScoringMap map, SegmentationTransformerOptions options)
        : base(context, map) => Options = options;

    /// <summary>Column names, views and threads.</summary>
    public SegmentationTransformerOptions Options { get; }

    internal override SegmentationTransformer FittedTo(DataViewSchema input) => new(Context, Map.FittedTo(input), Options);
}

/// <summary>Column names, views and threads of a <see cref="SegmentationTransformer"/>.</summary>
/// <example>
/// <code>
/// SegmentationTransformerOptions options = new() { ImageColumnName = "Photo", ScoreColumnName = "Score", Views = ViewOptions.At(longestSide: 960) };
/// SegmentationTransformer model = ml.Segmentation.FromNetwork("road.network", options);
/// </code>
/// </example>
public sealed record SegmentationTransformerOptions : DenseTransformerOptions
{
    /// <summary>The output column of class indices, a variable-length vector of bytes, row-major, of the image's size.</summary>
    public string PredictedLabelColumnName { get; init; } = ImageDataColumns.PredictedLabel;

    /// <summary>
    /// The output column of class probabilities, a variable-length vector of single in the order row, column, class (usually named
    /// <see cref="ImageDataColumns.Score"/>); null, the default, makes no such column.
    /// </summary>
    public string? ScoreColumnName { get; init; }

    private protected override ImmutableArray<ScoredColumn> Results(ImmutableArray<TaskHead> heads)
    {
        ScoredColumn labels = ScoredColumn.OfLabels(PredictedLabelColumnName, heads.FirstOrDefault());
        return ScoreColumnName is null ? [labels] : [labels, new(ScoreColumnName, ScoredValue.Scores)];
    }
}

/// <summary>
/// Output columns of a <see cref="SegmentationTransformer"/> with default names, for <c>PredictionEngine</c> and <c>CreateEnumerable</c>. A
/// class of your own does as well.
/// </summary>
/// <example>
/// <code>
/// using var engine = ml.Model.CreatePredictionEngine&lt;ImageRow, SegmentationPrediction&gt;(model);
/// MaskWriter.Save("mask.png", engine.Predict(new ImageRow { Image = photo }).ToMask());
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
