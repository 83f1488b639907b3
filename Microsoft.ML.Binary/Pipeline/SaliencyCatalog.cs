using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Pipeline;

/// <summary>Salient-object detection in ML.NET pipelines; see <see cref="BinaryCatalog.Saliency"/>.</summary>
public sealed class SaliencyCatalog
{
    private readonly MLContext _context;

    internal SaliencyCatalog(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ImageColumn.EnsureRegistered();
        _context = context;
    }

    /// <summary>Makes a transformer of a network file, without training.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names and threads; null for the defaults.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="ArgumentException">The network is one for segmentation.</exception>
    /// <example>
    /// <code>
    /// var transformer = ml.Saliency().FromNetwork("objects.network");
    /// IDataView scored = transformer.Transform(ml.Data.LoadImages("photos"));
    /// </code>
    /// </example>
    public SaliencyTransformer FromNetwork(string path, SaliencyOptions? options = null) => FromNetwork(DenseNetwork.Load(path), options);

    /// <summary>Makes a transformer of a network, without training.</summary>
    /// <param name="network">A saliency network, trainable or frozen.</param>
    /// <param name="options">Column names and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for segmentation.</exception>
    public SaliencyTransformer FromNetwork(DenseNetwork network, SaliencyOptions? options = null) => new(_context, network, options ?? new());

    /// <summary>As <see cref="FromNetwork(string, SaliencyOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names and threads; null for the defaults.</param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.LoadImages("Image", "photos", "FileName").Append(ml.Saliency().ApplyNetwork("objects.network"));
    /// </code>
    /// </example>
    public SaliencyEstimator ApplyNetwork(string path, SaliencyOptions? options = null) => ApplyNetwork(DenseNetwork.Load(path), options);

    /// <summary>As <see cref="FromNetwork(DenseNetwork, SaliencyOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="network">A saliency network, trainable or frozen.</param>
    /// <param name="options">Column names and threads; null for the defaults.</param>
    public SaliencyEstimator ApplyNetwork(DenseNetwork network, SaliencyOptions? options = null) => new(_context, FromNetwork(network, options));

    /// <summary>
    /// Finds the saliency stage of a model, wherever in it it stands, and gives it back as what it was before it was saved: with its
    /// network and column names, and without a saved model's cost a row.
    /// </summary>
    /// <param name="model">A model from <c>ml.Model.Load</c>, or any other transformer.</param>
    /// <exception cref="ArgumentException">It holds no saliency network, or several.</exception>
    /// <example><code>SaliencyTransformer objects = ml.Saliency().FromTransformer(ml.Model.Load("objects.zip", out _));</code></example>
    public SaliencyTransformer FromTransformer(ITransformer model)
    {
        (DenseNetwork network, SavedNames names) = SavedNetwork.Find(_context, model, DenseTask.Saliency);
        return FromNetwork(network, names.ToSaliencyOptions());
    }
}
