using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Salient-object detection in ML.NET pipelines; see <see cref="BinaryCatalog.extension(MLContext).Saliency"/>.</summary>
public sealed class SaliencyCatalog
{
    private readonly MLContext _context;

    internal SaliencyCatalog(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ImageColumn.EnsureRegistered();
        _context = context;
        Trainers = new SaliencyTrainers(context);
    }

    /// <summary>The trainers.</summary>
    public SaliencyTrainers Trainers { get; }

    /// <summary>Makes a transformer of a network file, without training.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="ArgumentException">The network is one for segmentation.</exception>
    /// <example>
    /// <code>
    /// var transformer = ml.Saliency.FromNetwork("objects.network");
    /// IDataView scored = transformer.Transform(ml.Data.LoadImages("photos"));
    /// </code>
    /// </example>
    public SaliencyTransformer FromNetwork(string path, SaliencyTransformerOptions? options = null) => FromNetwork(DenseNetwork.Load(path), options);

    /// <summary>
    /// Makes a transformer of a network, without training. Saved, it reads images of any size; behind a stage that makes columns of known
    /// size (<c>ResizeImages</c>), put <see cref="ApplyNetwork(DenseNetwork, SaliencyTransformerOptions)"/> into the pipeline instead.
    /// </summary>
    /// <param name="network">A saliency network, trainable or frozen.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for segmentation.</exception>
    public SaliencyTransformer FromNetwork(DenseNetwork network, SaliencyTransformerOptions? options = null) => new(_context, network, options ?? new());

    /// <summary>As <see cref="FromNetwork(string, SaliencyTransformerOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.LoadImages("Image", "photos", "FileName").Append(ml.Saliency.ApplyNetwork("objects.network"));
    /// </code>
    /// </example>
    public SaliencyEstimator ApplyNetwork(string path, SaliencyTransformerOptions? options = null) => ApplyNetwork(DenseNetwork.Load(path), options);

    /// <summary>As <see cref="FromNetwork(DenseNetwork, SaliencyTransformerOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="network">A saliency network, trainable or frozen.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    public SaliencyEstimator ApplyNetwork(DenseNetwork network, SaliencyTransformerOptions? options = null) => new(_context, FromNetwork(network, options));

    /// <summary>
    /// A stage with one of the trained networks inside this package, for a pipeline; nothing is fitted. For research and non-commercial
    /// use, on the terms of the data that the network was trained on (see <see cref="PretrainedNetworks.Card"/>).
    /// </summary>
    /// <param name="model">A network for saliency.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for segmentation, or there is none of this name.</exception>
    /// <example>
    /// <code>
    /// IDataView photos = ml.Data.LoadImages("photos");
    /// IDataView scored = ml.Saliency.Pretrained().Fit(photos).Transform(photos);
    /// </code>
    /// </example>
    public SaliencyEstimator Pretrained(PretrainedModel model = PretrainedModel.Saliency, SaliencyTransformerOptions? options = null) => ApplyNetwork(
        PretrainedStage.Load(model, DenseTask.Saliency, $"ml.Segmentation.Pretrained(PretrainedModel.{model})"), options);

    /// <summary>
    /// Finds the saliency stage of a model, wherever in it it stands, and gives it back as what it was before it was saved: with its
    /// network and column names, and without a saved model's cost a row.
    /// </summary>
    /// <param name="model">A model from <c>ml.Model.Load</c>, or any other transformer.</param>
    /// <exception cref="ArgumentException">It holds no saliency network, or several.</exception>
    /// <example><code>SaliencyTransformer objects = ml.Saliency.FromTransformer(ml.Model.Load("objects.zip", out _));</code></example>
    public SaliencyTransformer FromTransformer(ITransformer model)
    {
        (StoredModel saved, SavedNames names) = SavedNetwork.Find(_context, model, DenseTask.Saliency);
        return new SaliencyTransformer(_context, saved.Network, names.ToSaliencyTransformerOptions(saved.Views), names.ImageSize);
    }

    /// <summary>
    /// Compares saliency maps with masks over all rows, which are streamed (see <see cref="SaliencyMetrics"/> for the definitions).
    /// </summary>
    /// <param name="data">Scored data with masks of gray values, object above 128.</param>
    /// <param name="labelColumnName">Masks, a vector of one byte a pixel.</param>
    /// <param name="saliencyColumnName">Saliency 0..1, a vector of one single a pixel.</param>
    /// <param name="maskHeightColumnName">Rows of the map, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the map, an Int32.</param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, one does not fit (the message names it), or the masks as a whole cannot be meant so (<see cref="Imaging.MaskSurvey"/>).
    /// What is only likely to be wrong goes to the log as a warning, and into the metrics.
    /// </exception>
    /// <example>
    /// <code>
    /// SaliencyMetrics metrics = ml.Saliency.Evaluate(model.Transform(test));
    /// Console.WriteLine($"MAE {metrics.MeanAbsoluteError:F3}");
    /// </code>
    /// </example>
    public SaliencyMetrics Evaluate(
        IDataView data,
        string labelColumnName = ImageDataColumns.Label,
        string saliencyColumnName = ImageDataColumns.Saliency,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        SaliencyMetricsOptions? options = null) =>
        new SaliencyEvaluator(new(labelColumnName, saliencyColumnName, maskHeightColumnName, maskWidthColumnName)).Evaluate(data, options, EvaluationLog.Of(_context));
}
