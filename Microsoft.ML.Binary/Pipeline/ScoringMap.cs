using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Pipeline;

/// <summary>An immutable mapping from an image column to output columns: what both transformers consist of.</summary>
internal sealed class ScoringMap
{
    public ScoringMap(DenseScorer scorer, string imageColumn, ImmutableArray<ScoredColumn> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(imageColumn);
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (ScoredColumn column in columns)
        {
            if (string.IsNullOrEmpty(column.Name) || !names.Add(column.Name))
            {
                throw new ArgumentException($"The output columns are named {string.Join(", ", columns.Select(c => $"'{c.Name}'"))}; names must differ and not be empty.");
            }
        }

        (Scorer, ImageColumnName, Columns) = (scorer, imageColumn, columns);
    }

    public DenseScorer Scorer { get; }

    public string ImageColumnName { get; }

    public ImmutableArray<ScoredColumn> Columns { get; }

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
}
