using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds what can be made of masks to rows: shares, regions, pictures; see the methods of <see cref="SegmentationCatalog"/> and <see cref="SaliencyCatalog"/> that make
/// one. Immutable and thread-safe; lazy, keeps the order of rows, and computes nothing that is not read.
/// </summary>
/// <remarks>
/// Saved with <c>ml.Model.Save</c>, the transformer becomes a chain of ML.NET's own; <c>ml.Model.Load</c> gives that chain back, which gives the same values without
/// annotations, and <c>Restore</c> of the catalogs makes it what it was. The chain takes images as those that the stage was fitted to: of any size, or of the size of their column.
/// </remarks>
/// <example>
/// <code>
/// MaskStageTransformer shares = ml.Segmentation.ClassShares().Fit(scored);        // nothing is learned
/// foreach (VBuffer&lt;float&gt; row in shares.Transform(scored).GetColumn&lt;VBuffer&lt;float&gt;&gt;("ClassShares"))
/// {
///     Console.WriteLine(string.Join(", ", row.DenseValues()));
/// }
/// </code>
/// </example>
public sealed class MaskStageTransformer : ITransformer
{
    internal MaskStageTransformer(MLContext context, StageMap map) => (Context, Map, SavedSize) = (context, map, new(context, map.Stage.ImageSize));

    /// <summary>Always true: rows are mapped one by one.</summary>
    public bool IsRowToRowMapper => true;

    internal MLContext Context { get; }

    internal StageMap Map { get; }

    internal SavedSizeWarning SavedSize { get; }

    /// <summary>The columns of the input followed by the output columns.</summary>
    /// <exception cref="ArgumentException">A column that is needed is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Map.GetOutputSchema(inputSchema);

    /// <summary>The rows of the input with the output columns, computed when they are read.</summary>
    /// <exception cref="ArgumentException">A column that is needed is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">While rows are read: one does not fit; the message names it.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        MappedDataView output = new(Map, input);
        SavedSize.Check(Map.Stage.Inputs.ImageOf(input.Schema));
        return output;
    }

    /// <summary>The mapping of single rows.</summary>
    /// <exception cref="ArgumentException">A column that is needed is missing or of another type.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        MappedRowMapper mapper = new(Map, inputSchema);
        SavedSize.Check(Map.Stage.Inputs.ImageOf(inputSchema));
        return mapper;
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedStage.Save(Context, Map.Stage, ctx);
}

/// <summary>Puts a <see cref="MaskStageTransformer"/> into a pipeline; the methods of <see cref="SegmentationCatalog"/> and <see cref="SaliencyCatalog"/> make it.</summary>
/// <example>
/// <code>
/// MaskStageEstimator overlay = ml.Segmentation.Overlay();
/// var pipeline = ml.Segmentation.ApplyNetwork("road.network").Append(ml.Segmentation.ClassShares()).Append(overlay);
/// </code>
/// </example>
public sealed class MaskStageEstimator : IEstimator<MaskStageTransformer>
{
    private readonly MLContext _context;
    private readonly StageMap _map;

    internal MaskStageEstimator(MLContext context, MaskStage stage) => (_context, _map) = (context, new StageMap(stage));

    /// <summary>Looks at the columns and their annotations (class names, palette); no row is read.</summary>
    /// <exception cref="ArgumentException">A column that is needed is missing or of another type, or does not say what the stage needs to know.</exception>
    public MaskStageTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = _map.InputsOf(input.Schema).Count();
        return new(_context, new StageMap(_map.Stage.FittedTo(input.Schema)));
    }

    /// <summary>The columns of the input and the output columns.</summary>
    /// <exception cref="ArgumentException">A column that is needed is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _map.Stage.Inputs.Check(inputSchema);
        foreach (StageOutput output in _map.Stage.OutputsOf(null))
        {
            inputSchema = output.Value.Append(_context, inputSchema, output.Name, output.ColumnType);
        }

        return inputSchema;
    }
}
