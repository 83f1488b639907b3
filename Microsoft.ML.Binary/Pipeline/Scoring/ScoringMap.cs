using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>The size of the images of a column where it is the same for all.</summary>
internal sealed record KnownSize(int Height, int Width);

/// <summary>An immutable mapping from an image column to output columns: what both transformers consist of.</summary>
internal sealed class ScoringMap
{
    public ScoringMap(DenseScorer scorer, string imageColumn, ImmutableArray<ScoredColumn> columns, KnownSize? imageSize = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(imageColumn);
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (ScoredColumn column in columns)
        {
            if (string.IsNullOrEmpty(column.Name) || !names.Add(column.Name))
            {
                throw new ArgumentException(
                    $"The output columns are named {string.Join(", ", columns.Select(c => $"'{c.Name}'"))}; names must differ and not be empty.");
            }
        }

        (Scorer, ImageColumnName, Columns, ImageSize) = (scorer, imageColumn, columns, imageSize);
    }

    public DenseScorer Scorer { get; }

    public string ImageColumnName { get; }

    public ImmutableArray<ScoredColumn> Columns { get; }

    /// <summary>The size of the images it was fitted to, if known; it decides nothing but the form in which the mapping is saved.</summary>
    public KnownSize? ImageSize { get; }

    public DenseNetwork Network => Scorer.Network;

    /// <summary>The input's columns followed by ours; one of ours hides an earlier one of its name.</summary>
    public DataViewSchema GetOutputSchema(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _ = ImageOf(input);
        DataViewSchema.Builder builder = new();
        builder.AddColumns(input);
        foreach (ScoredColumn column in Columns)
        {
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        }

        return builder.ToSchema();
    }

    public DataViewSchema.Column ImageOf(DataViewSchema input) => DataColumns.Images(input, ImageColumnName);

    /// <summary>The input columns that are needed for some output columns.</summary>
    public IEnumerable<DataViewSchema.Column> InputsOf(IEnumerable<DataViewSchema.Column> outputs, DataViewSchema input)
    {
        HashSet<int> needed = [];
        foreach (DataViewSchema.Column output in outputs)
        {
            needed.Add(output.Index < input.Count ? output.Index : ImageOf(input).Index);
        }

        return needed.Order().Select(index => input[index]);
    }

    /// <summary>The same mapping, fitted to data.</summary>
    public ScoringMap FittedTo(DataViewSchema input)
    {
        ImageDataViewType type = (ImageDataViewType)ImageOf(input).Type;
        return WithImageSize(type is { Height: > 0, Width: > 0 } ? new KnownSize(type.Height, type.Width) : null);
    }

    public ScoringMap WithImageSize(KnownSize? size) => new(Scorer, ImageColumnName, Columns, size);
}
