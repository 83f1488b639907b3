using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>The size of the images of a column where it is the same for all.</summary>
internal sealed record KnownSize(int Height, int Width)
{
    /// <summary>What the type of a column says; null where images may have any size.</summary>
    public static KnownSize? Of(DataViewSchema.Column column) => column.Type is ImageDataViewType { Height: > 0, Width: > 0 } type ? new(type.Height, type.Width) : null;
}

/// <summary>An immutable mapping from an image column to output columns: what transformers consist of.</summary>
internal sealed class ScoringMap : RowMap
{
    /// <param name="scorer">The network.</param>
    /// <param name="imageColumn">The column it reads.</param>
    /// <param name="columns">The columns it makes.</param>
    /// <param name="isOfTasks">Whether columns are named by their tasks.</param>
    /// <param name="imageSize">The size of all images, if known.</param>
    public ScoringMap(DenseScorer scorer, string imageColumn, ImmutableArray<ScoredColumn> columns, bool isOfTasks, KnownSize? imageSize = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(imageColumn);
        OutputNames.Check(columns.Select(column => column.Name));
        (Scorer, ImageColumnName, Columns, IsOfTasks, ImageSize) = (scorer, imageColumn, columns, isOfTasks, imageSize);
    }

    public DenseScorer Scorer { get; }

    public string ImageColumnName { get; }

    public ImmutableArray<ScoredColumn> Columns { get; }

    /// <summary>Whether columns are named by their tasks, and of several heads; else they are of the first.</summary>
    public bool IsOfTasks { get; }

    /// <summary>The size of the images it was fitted to, if known; it decides nothing but the form in which the mapping is saved.</summary>
    public KnownSize? ImageSize { get; }

    public DenseNetwork Network => Scorer.Network;

    public override IEnumerable<OutputColumn> OutputsOf(DataViewSchema input)
    {
        _ = ImageOf(input);
        return Columns.Select(column => new OutputColumn(column.Name, column.Type, column.Annotations));
    }

    public override IEnumerable<DataViewSchema.Column> InputsOf(DataViewSchema input) => [ImageOf(input)];

    public override Delegate?[] GettersOf(DataViewRow input, IReadOnlyList<DataViewSchema.Column> active) => ScoredValues.GettersOf(this, input, active);

    public DataViewSchema.Column ImageOf(DataViewSchema input) => DataColumns.Images(input, ImageColumnName);

    /// <summary>The same mapping, fitted to data.</summary>
    public ScoringMap FittedTo(DataViewSchema input) => new(Scorer, ImageColumnName, Columns, IsOfTasks, KnownSize.Of(ImageOf(input)));
}
