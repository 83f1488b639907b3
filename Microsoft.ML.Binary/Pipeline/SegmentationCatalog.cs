using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Semantic segmentation in ML.NET pipelines; see <see cref="BinaryCatalog.extension(MLContext).Segmentation"/>.</summary>
public sealed class SegmentationCatalog
{
    private readonly MLContext _context;

    internal SegmentationCatalog(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ImageColumn.EnsureRegistered();
        _context = context;
        Trainers = new SegmentationTrainers(context);
    }

    /// <summary>The trainers.</summary>
    public SegmentationTrainers Trainers { get; }

    /// <summary>Makes a transformer of a network file, without training.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="ArgumentException">The network is one for saliency.</exception>
    /// <example>
    /// <code>
    /// var transformer = ml.Segmentation.FromNetwork("road.network");
    /// IDataView scored = transformer.Transform(ml.Data.LoadImages("photos"));
    /// </code>
    /// </example>
    public SegmentationTransformer FromNetwork(string path, SegmentationTransformerOptions? options = null) =>
        FromNetwork(DenseNetwork.Load(path), options);

    /// <summary>
    /// Makes a transformer of a network, without training. Saved, it reads images of any size; behind a stage that makes columns of known
    /// size (<c>ResizeImages</c>), put <see cref="ApplyNetwork(DenseNetwork, SegmentationTransformerOptions)"/> into the pipeline instead.
    /// </summary>
    /// <param name="network">A segmentation network, trainable or frozen.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for saliency.</exception>
    public SegmentationTransformer FromNetwork(DenseNetwork network, SegmentationTransformerOptions? options = null) =>
        new(_context, network, options ?? new());

    /// <summary>As <see cref="FromNetwork(string, SegmentationTransformerOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.LoadImages("Image", "photos", "FileName").Append(ml.Segmentation.ApplyNetwork("road.network"));
    /// </code>
    /// </example>
    public SegmentationEstimator ApplyNetwork(string path, SegmentationTransformerOptions? options = null) => ApplyNetwork(DenseNetwork.Load(path), options);

    /// <summary>As <see cref="FromNetwork(DenseNetwork, SegmentationTransformerOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="network">A segmentation network, trainable or frozen.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    public SegmentationEstimator ApplyNetwork(DenseNetwork network, SegmentationTransformerOptions? options = null) =>
        new(_context, FromNetwork(network, options));

    /// <summary>
    /// A stage with one of the trained networks inside this package, for a pipeline; nothing is fitted. For research and non-commercial
    /// use, on the terms of the data that the network was trained on (see <see cref="PretrainedNetworks.Card"/>).
    /// </summary>
    /// <param name="model">A network for segmentation.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for saliency, or there is none of this name.</exception>
    /// <example>
    /// <code>
    /// IDataView photos = ml.Data.LoadImages("photos");
    /// IDataView scored = ml.Segmentation.Pretrained(PretrainedModel.RoadScene).Fit(photos).Transform(photos);
    /// </code>
    /// </example>
    public SegmentationEstimator Pretrained(PretrainedModel model, SegmentationTransformerOptions? options = null) => ApplyNetwork(
        PretrainedStage.Load(model, DenseTask.Segmentation, $"ml.Saliency.Pretrained(PretrainedModel.{model})"), options);

    /// <summary>
    /// Finds the segmentation stage of a model, wherever in it it stands, and gives it back as what it was before it was saved: with its
    /// network, class names, palette and column names, and without a saved model's cost a row.
    /// </summary>
    /// <param name="model">A model from <c>ml.Model.Load</c>, or any other transformer.</param>
    /// <exception cref="ArgumentException">It holds no segmentation network, or several.</exception>
    /// <example>
    /// <code>
    /// ITransformer loaded = ml.Model.Load("road.zip", out _);
    /// SegmentationTransformer road = ml.Segmentation.FromTransformer(loaded);
    /// Console.WriteLine(string.Join(", ", road.Network.ClassNames));
    /// </code>
    /// </example>
    public SegmentationTransformer FromTransformer(ITransformer model)
    {
        (StoredModel saved, SavedNames names) = SavedNetwork.Find(_context, model, DenseTask.Segmentation);
        return new SegmentationTransformer(_context, saved.Network, names.ToSegmentationTransformerOptions(saved.Views), names.ImageSize);
    }

    /// <summary>
    /// Compares predicted with true labels over all rows, which are streamed: one confusion matrix for the whole set (see
    /// <see cref="SegmentationMetrics"/> for the definitions).
    /// </summary>
    /// <param name="data">Scored data with masks.</param>
    /// <param name="labelColumnName">True labels, a vector of one byte a pixel.</param>
    /// <param name="predictedLabelColumnName">Predicted labels, likewise.</param>
    /// <param name="maskHeightColumnName">Rows of the prediction, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the prediction, an Int32.</param>
    /// <param name="classNames">
    /// Names of the classes by index; null takes those that the predicted labels are annotated with. ML.NET does not save annotations, so
    /// the classes of a model loaded from a file are named by their numbers unless they are given here or the model goes through
    /// <see cref="FromTransformer"/>.
    /// </param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, one does not fit (sizes or labels; the message names it), or the masks as a whole cannot be meant so
    /// (<see cref="Imaging.MaskSurvey"/>). What is only likely to be wrong goes to the log as a warning, and into the metrics.
    /// </exception>
    /// <example>
    /// <code>
    /// SegmentationMetrics metrics = ml.Segmentation.Evaluate(model.Transform(test));
    /// Console.WriteLine($"mIoU {metrics.MeanIoU:F3}");
    /// </code>
    /// </example>
    public SegmentationMetrics Evaluate(
        IDataView data,
        string labelColumnName = ImageDataColumns.Label,
        string predictedLabelColumnName = ImageDataColumns.PredictedLabel,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        IReadOnlyList<string>? classNames = null,
        SegmentationMetricsOptions? options = null) =>
        new SegmentationEvaluator(new(labelColumnName, predictedLabelColumnName, maskHeightColumnName, maskWidthColumnName))
            .Evaluate(data, classNames, options, EvaluationLog.Of(_context));
}
