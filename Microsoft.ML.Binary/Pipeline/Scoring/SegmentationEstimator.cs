namespace Microsoft.ML.Binary;

/// <summary>
/// Puts a segmentation network that is already trained into a pipeline; see <see cref="SegmentationCatalog.ApplyNetwork(string, SegmentationTransformerOptions)"/>.
/// </summary>
public sealed class SegmentationEstimator : IEstimator<SegmentationTransformer>
{
    private readonly MLContext _context;
    private readonly SegmentationTransformer _transformer;

    internal SegmentationEstimator(MLContext context, SegmentationTransformer transformer) => (_context, _transformer) = (context, transformer);

    /// <summary>Checks that the data have the image column; nothing is read or learned.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public SegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _transformer.FittedTo(input.Schema);
    }

    /// <summary>The columns of the input and the output columns.</summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        ScoringSchema.Of(_context, inputSchema, _transformer.Map.ImageColumnName, _transformer.Map.Columns);
}
