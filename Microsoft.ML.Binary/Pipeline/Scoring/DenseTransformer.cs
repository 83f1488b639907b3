using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds what a network predicts for every pixel to rows with images of any size. Immutable and thread-safe; scoring is lazy, keeps the order of
/// rows, computes only the columns that are read and runs the network once per row.
/// </summary>
/// <remarks>
/// Saved with <c>ml.Model.Save</c>, the transformer becomes a chain of ML.NET's own; <c>ml.Model.Load</c> gives that chain back, and
/// <c>FromTransformer</c> of the task's catalog makes it what it was. The chain takes images as those that the transformer was fitted to: of any size, or of the size of their column.
/// </remarks>
/// <example>
/// <code>
/// DenseTransformer transformer = ml.Segmentation.FromNetwork("road.network");      // of any task
/// Console.WriteLine($"{transformer.Network.Task}: {string.Join(", ", transformer.GetOutputSchema(photos.Schema).Select(column =&gt; column.Name))}");
/// </code>
/// </example>
public abstract class DenseTransformer : ITransformer
{
    private protected DenseTransformer(MLContext context, ScoringMap map) => (Context, Map, SavedSize) = (context, map, new(context, map.ImageSize));

    /// <summary>The network, with class names, palette and provenance.</summary>
    public DenseNetwork Network => Map.Network;

    /// <summary>Always true: rows are mapped one by one.</summary>
    public bool IsRowToRowMapper => true;

    internal MLContext Context { get; }

    internal ScoringMap Map { get; }

    internal SavedSizeWarning SavedSize { get; }

    /// <summary>The columns of the input followed by the output columns.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Map.GetOutputSchema(inputSchema);

    /// <summary>The rows of the input with the output columns, computed when they are read.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        MappedDataView output = new(Map, input);
        SavedSize.Check(Map.ImageOf(input.Schema));
        return output;
    }

    /// <summary>The mapping of single rows.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        MappedRowMapper mapper = new(Map, inputSchema);
        SavedSize.Check(Map.ImageOf(inputSchema));
        return mapper;
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedNetwork.Save(Context, Map, ctx);

    /// <summary>The same transformer, fitted to data.</summary>
    internal abstract DenseTransformer FittedTo(DataViewSchema input);

    /// <param name="network">The network.</param>
    /// <param name="task">What its first head must be for; null for a transformer of all heads.</param>
    /// <param name="options">Column names, views and threads.</param>
    /// <param name="imageSize">The size of all images, if known.</param>
    private protected static ScoringMap MapOf(
        DenseNetwork network, DenseTask? task, DenseTransformerOptions options, KnownSize? imageSize)
    {
        SavedNetwork.CheckTask(network, task);
        return new ScoringMap(
            new DenseScorer(network, options.Views, options.Threads), options.ImageColumnName, options.Columns(network.Heads), isOfTasks: task is null, imageSize);
    }
}

/// <summary>Column names, views and threads of a <see cref="DenseTransformer"/>.</summary>
/// <example>
/// <code>
/// DenseTransformerOptions options = new SaliencyTransformerOptions { ImageColumnName = "Photo", Threads = 1, Views = ViewOptions.At(longestSide: 960) };
/// </code>
/// </example>
public abstract record DenseTransformerOptions
{
    private protected DenseTransformerOptions()
    {
    }

    /// <summary>The column the images are read from.</summary>
    public string ImageColumnName { get; init; } = ImageDataColumns.Image;

    /// <summary>The output column of the result's rows, an Int32.</summary>
    public string MaskHeightColumnName { get; init; } = ImageDataColumns.MaskHeight;

    /// <summary>The output column of the result's pixels in a row, an Int32.</summary>
    public string MaskWidthColumnName { get; init; } = ImageDataColumns.MaskWidth;

    /// <summary>
    /// At which size the network looks at images, and how often: by default once, at the size that it was trained at. Output columns have the
    /// image's own size in any case. Saved with the model.
    /// </summary>
    public ViewOptions Views { get; init; } = ViewOptions.AsTrained;

    /// <summary>Threads that work on one image; 0 takes all cores. Not saved with the model: it belongs to the machine.</summary>
    public int Threads { get; init; }

    /// <summary>The output columns of the task.</summary>
    /// <param name="heads">The network's; none where it is not known yet.</param>
    private protected abstract ImmutableArray<ScoredColumn> Results(ImmutableArray<TaskHead> heads);

    internal ImmutableArray<ScoredColumn> Columns(ImmutableArray<TaskHead> heads) =>
        [.. Results(heads), new(MaskHeightColumnName, ScoredValue.Height), new(MaskWidthColumnName, ScoredValue.Width)];
}

/// <summary>Puts a network that is already trained into a pipeline; the catalog of its task makes it.</summary>
/// <typeparam name="TTransformer">The task's transformer.</typeparam>
/// <example>
/// <code>
/// DenseEstimator&lt;SegmentationTransformer&gt; network = ml.Segmentation.ApplyNetwork("road.network");
/// SegmentationTransformer transformer = network.Fit(photos);                        // nothing is read or learned
/// </code>
/// </example>
public sealed class DenseEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : DenseTransformer
{
    private readonly TTransformer _transformer;

    internal DenseEstimator(TTransformer transformer) => _transformer = transformer;

    /// <summary>Checks that the data have the image column; nothing is read or learned.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (TTransformer)_transformer.FittedTo(input.Schema);
    }

    /// <summary>The columns of the input and the output columns.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return ScoringSchema.Of(_transformer.Context, inputSchema, _transformer.Map.ImageColumnName, _transformer.Map.Columns);
    }
}
