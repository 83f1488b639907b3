using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>What the catalogs of all tasks offer for networks that are already trained.</summary>
/// <typeparam name="TTransformer">The task's transformer.</typeparam>
/// <typeparam name="TOptions">Options of both.</typeparam>
public abstract class DenseCatalog<TTransformer, TOptions>
    where TTransformer : DenseTransformer
    where TOptions : DenseTransformerOptions, new()
{
    private readonly DenseTask? _task;

    /// <param name="context">The context.</param>
    /// <param name="task">The task; null for networks of several.</param>
    private protected DenseCatalog(MLContext context, DenseTask? task)
    {
        ArgumentNullException.ThrowIfNull(context);
        ImageColumn.EnsureRegistered();
        (Context, _task) = (context, task);
    }

    private protected MLContext Context { get; }

    /// <summary>Makes a transformer of a network file, without training.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="ArgumentException">The network is one for another task.</exception>
    /// <example>
    /// <code>
    /// var transformer = ml.Segmentation.FromNetwork("road.network");
    /// IDataView scored = transformer.Transform(ml.Data.LoadImages("photos"));
    /// </code>
    /// </example>
    public TTransformer FromNetwork(string path, TOptions? options = null) => FromNetwork(DenseNetwork.Load(path), options);

    /// <summary>
    /// Makes a transformer of a network, without training. Saved, it reads images of any size, and not those of a stage that makes columns of known
    /// size (<c>ResizeImages</c>): behind one, put <see cref="ApplyNetwork(DenseNetwork, TOptions)"/> into the pipeline instead.
    /// </summary>
    /// <param name="network">A network for the task, trainable or frozen.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for another task.</exception>
    public TTransformer FromNetwork(DenseNetwork network, TOptions? options = null) => Transformer(network, options ?? new(), imageSize: null);

    /// <summary>As <see cref="FromNetwork(string, TOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="path">A network file.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.LoadImages("Image", "photos", "FileName").Append(ml.Segmentation.ApplyNetwork("road.network"));
    /// </code>
    /// </example>
    public DenseEstimator<TTransformer> ApplyNetwork(string path, TOptions? options = null) => ApplyNetwork(DenseNetwork.Load(path), options);

    /// <summary>As <see cref="FromNetwork(DenseNetwork, TOptions)"/>, as an estimator that can stand in a pipeline; nothing is fitted.</summary>
    /// <param name="network">A network for the task, trainable or frozen.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <example><code>var pipeline = ml.Segmentation.ApplyNetwork(network, new() { PredictedLabelColumnName = "Mask", ImageColumnName = "Photo" });</code></example>
    public DenseEstimator<TTransformer> ApplyNetwork(DenseNetwork network, TOptions? options = null) => new(FromNetwork(network, options));

    /// <summary>
    /// Finds the task's stage of a model, wherever in it it stands, and gives it back as what it was before it was saved: with its network and
    /// column names, and without a saved model's cost per row.
    /// </summary>
    /// <param name="model">A model from <c>ml.Model.Load</c>, or any other transformer.</param>
    /// <exception cref="ArgumentException">It holds no network for the task, or several.</exception>
    /// <example>
    /// <code>
    /// ITransformer loaded = ml.Model.Load("road.zip", out _);
    /// SegmentationTransformer road = ml.Segmentation.FromTransformer(loaded);
    /// Console.WriteLine(string.Join(", ", road.Network.ClassNames));
    /// </code>
    /// </example>
    public TTransformer FromTransformer(ITransformer model)
    {
        (StoredModel saved, SavedNames names) = SavedNetwork.Find(Context, model, _task);
        TOptions options = Named(names) with
        {
            Views = saved.Views,
            ImageColumnName = names.Image,
            MaskHeightColumnName = names.Height,
            MaskWidthColumnName = names.Width,
        };
        TTransformer restored = Transformer(saved.Network, options, names.ImageSize);
        restored.SavedSize.Silence();
        return restored;
    }

    /// <summary>
    /// Gives a loaded model back as what it was before it was saved: every stage of this package, whatever its task, becomes the transformer that it was, with class
    /// names, palettes and slot names on its columns, errors that name the row, and without a saved model's cost per row. Other stages stay as they are.
    /// </summary>
    /// <param name="model">A model from <c>ml.Model.Load</c>, or any other transformer.</param>
    /// <exception cref="InvalidDataException">A stage was saved by a later version.</exception>
    /// <exception cref="NetworkFileException">The same of a network.</exception>
    /// <example>
    /// <code>
    /// ITransformer model = ml.Segmentation.Restore(ml.Model.Load("pipeline.zip", out _));
    /// </code>
    /// </example>
    public ITransformer Restore(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return RestoredModel.Of(Context, model);
    }

    private protected MaskStageEstimator Stage(MaskStage stage) => new(Context, stage);

    private protected DenseEstimator<TTransformer> OfPretrained(PretrainedModel model, TOptions? options) =>
        ApplyNetwork(PretrainedStage.Load(model, _task!.Value, task => $"ml.{task}.Pretrained(PretrainedModel.{model})"), options);

    private protected abstract TTransformer Transformer(DenseNetwork network, TOptions options, KnownSize? imageSize);

    /// <summary>Options with the saved names of the task's own columns.</summary>
    private protected abstract TOptions Named(SavedNames names);
}
