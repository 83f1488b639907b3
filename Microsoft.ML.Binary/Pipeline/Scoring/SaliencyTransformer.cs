using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds the saliency of every pixel to rows with images of any size. Output columns (names in <see cref="Options"/>): the saliency map and its
/// size, which is that of the image.
/// </summary>
/// <example>
/// <code>
/// SaliencyTransformer model = ml.Saliency.FromNetwork("objects.network");
/// IDataView scored = model.Transform(photos);                            // Saliency (0..1), MaskHeight, MaskWidth
/// ml.Model.Save(model, null, "objects.zip");
/// </code>
/// </example>
public sealed class SaliencyTransformer : DenseTransformer
{
    internal SaliencyTransformer(MLContext context, DenseNetwork network, SaliencyTransformerOptions options, KnownSize? imageSize = null)
        : this(context, MapOf(network, DenseTask.Saliency, options, imageSize), options)
    {
    }

    private SaliencyTransformer(MLContext context, ScoringMap map, SaliencyTransformerOptions options)
        : base(context, map) => Options = options;

    /// <summary>Column names, views and threads.</summary>
    public SaliencyTransformerOptions Options { get; }

    internal override SaliencyTransformer FittedTo(DataViewSchema input) => new(Context, Map.FittedTo(input), Options);
}

/// <summary>Column names, views and threads of a <see cref="SaliencyTransformer"/>.</summary>
/// <example>
/// <code>
/// SaliencyTransformerOptions options = new() { SaliencyColumnName = "Object", Views = new() { Mirrored = true } };
/// SaliencyTransformer model = ml.Saliency.FromNetwork("objects.network", options);
/// </code>
/// </example>
public sealed record SaliencyTransformerOptions : DenseTransformerOptions
{
    /// <summary>The output column of saliency 0..1, a variable-length vector of single, row-major, of the image's size.</summary>
    public string SaliencyColumnName { get; init; } = ImageDataColumns.Saliency;

    private protected override ImmutableArray<ScoredColumn> Results(ImmutableArray<TaskHead> heads) => [new(SaliencyColumnName, ScoredValue.Map)];
}

/// <summary>
/// Output columns of a <see cref="SaliencyTransformer"/> with default names, for <c>PredictionEngine</c> and <c>CreateEnumerable</c>. A class
/// of your own does as well.
/// </summary>
/// <example>
/// <code>
/// SaliencyTransformer model = ml.Saliency.Pretrained().Fit(photos);
/// using var engine = ml.Model.CreatePredictionEngine&lt;ImageRow, SaliencyPrediction&gt;(model);
/// MaskWriter.Save("mask.png", engine.Predict(new ImageRow { Image = photo }).ToMask());
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
