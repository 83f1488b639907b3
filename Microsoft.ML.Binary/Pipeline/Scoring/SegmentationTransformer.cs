using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds the predicted class of every pixel to rows with images of any size. Immutable and thread-safe; scoring is lazy, keeps the order
/// of rows, computes only the columns that are read and runs the network once a row.
/// </summary>
/// <remarks>
/// Output columns (names in <see cref="Options"/>): the predicted labels, class probabilities if asked for, and the size of both, which is
/// that of the image. The column of predicted labels carries the annotations <see cref="ClassNamesAnnotation"/> and
/// <see cref="PaletteAnnotation"/>. Saved with <c>ml.Model.Save</c>, the transformer becomes a chain of ML.NET's own; <c>ml.Model.Load</c>
/// gives that chain back, and <see cref="SegmentationCatalog.FromTransformer"/> makes it a <see cref="SegmentationTransformer"/> again.
/// </remarks>
public sealed class SegmentationTransformer : ITransformer
{
    /// <summary>Annotation of the predicted labels: the class names, a vector of text, by class index.</summary>
    public const string ClassNamesAnnotation = "ClassNames";

    /// <summary>Annotation of the predicted labels, where the network has colours: a vector of text, <c>#RRGGBB</c> by class index.</summary>
    public const string PaletteAnnotation = "Palette";

    private readonly MLContext _context;

    internal SegmentationTransformer(MLContext context, DenseNetwork network, SegmentationTransformerOptions options, KnownSize? imageSize = null)
    {
        SavedNetwork.CheckTask(network, DenseTask.Segmentation);
        (_context, Options) = (context, options);
        Map = new ScoringMap(new DenseScorer(network, options.Views, options.Threads), options.ImageColumnName, Columns(options, Annotate(network)), imageSize);
    }

    private SegmentationTransformer(MLContext context, ScoringMap map, SegmentationTransformerOptions options) => (_context, Map, Options) = (context, map, options);

    /// <summary>The network, with class names, palette and provenance.</summary>
    public DenseNetwork Network => Map.Network;

    /// <summary>Column names, views and threads.</summary>
    public SegmentationTransformerOptions Options { get; }

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

    internal static ImmutableArray<ScoredColumn> Columns(SegmentationTransformerOptions options, DataViewSchema.Annotations? annotations = null)
    {
        ImmutableArray<ScoredColumn>.Builder columns = ImmutableArray.CreateBuilder<ScoredColumn>();
        columns.Add(new(options.PredictedLabelColumnName, ScoredValue.Labels, annotations));
        if (options.ScoreColumnName is not null)
        {
            columns.Add(new(options.ScoreColumnName, ScoredValue.Scores));
        }

        columns.Add(new(options.MaskHeightColumnName, ScoredValue.Height));
        columns.Add(new(options.MaskWidthColumnName, ScoredValue.Width));
        return columns.ToImmutable();
    }

    internal SegmentationTransformer FittedTo(DataViewSchema input) => new(_context, Map.FittedTo(input), Options);

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedNetwork.Save(_context, Map, ctx);

    private static DataViewSchema.Annotations Annotate(DenseNetwork network)
    {
        DataViewSchema.Annotations.Builder annotations = new();
        Add(ClassNamesAnnotation, network.ClassNames);
        if (!network.Palette.IsEmpty)
        {
            Add(PaletteAnnotation, network.Palette);
        }

        return annotations.ToAnnotations();

        void Add(string kind, ImmutableArray<string> texts)
        {
            ReadOnlyMemory<char>[] values = [.. texts.Select(text => text.AsMemory())];
            annotations.Add(
                kind,
                new VectorDataViewType(TextDataViewType.Instance, values.Length),
                (ref VBuffer<ReadOnlyMemory<char>> destination) => Getters.Copy<ReadOnlyMemory<char>>(values, ref destination));
        }
    }
}
