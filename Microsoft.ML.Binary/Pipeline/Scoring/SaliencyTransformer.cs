using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds the saliency of every pixel to rows with images of any size. Immutable and thread-safe; scoring is lazy, keeps the order of rows,
/// computes only the columns that are read and runs the network once a row.
/// </summary>
/// <remarks>
/// Output columns (names in <see cref="Options"/>): the saliency map and its size, which is that of the image. Saved with
/// <c>ml.Model.Save</c>, the transformer becomes a chain of ML.NET's own; <c>ml.Model.Load</c> gives that chain back, and
/// <see cref="SaliencyCatalog.FromTransformer"/> makes it a <see cref="SaliencyTransformer"/> again.
/// </remarks>
public sealed class SaliencyTransformer : ITransformer
{
    private readonly MLContext _context;

    internal SaliencyTransformer(MLContext context, DenseNetwork network, SaliencyTransformerOptions options, KnownSize? imageSize = null)
    {
        SavedNetwork.CheckTask(network, DenseTask.Saliency);
        (_context, Options) = (context, options);
        Map = new ScoringMap(new DenseScorer(network, options.Views, options.Threads), options.ImageColumnName, Columns(options), imageSize);
    }

    private SaliencyTransformer(MLContext context, ScoringMap map, SaliencyTransformerOptions options) => (_context, Map, Options) = (context, map, options);

    /// <summary>The network, with its provenance.</summary>
    public DenseNetwork Network => Map.Network;

    /// <summary>Column names, views and threads.</summary>
    public SaliencyTransformerOptions Options { get; }

    /// <summary>Always true: rows are mapped one by one.</summary>
    public bool IsRowToRowMapper => true;

    internal ScoringMap Map { get; }

    /// <summary>The columns of the input followed by the output columns.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Map.GetOutputSchema(inputSchema);

    /// <summary>The rows of the input with the output columns, computed when they are read.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoredDataView(Map, input);
    }

    /// <summary>The mapping of single rows.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new ScoringRowMapper(Map, inputSchema);

    internal static ImmutableArray<ScoredColumn> Columns(SaliencyTransformerOptions options) =>
    [
        new(options.SaliencyColumnName, ScoredValue.Saliency),
        new(options.MaskHeightColumnName, ScoredValue.Height),
        new(options.MaskWidthColumnName, ScoredValue.Width),
    ];

    internal SaliencyTransformer FittedTo(DataViewSchema input) => new(_context, Map.FittedTo(input), Options);

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedNetwork.Save(_context, Map, ctx);
}
