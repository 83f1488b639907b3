using System.Collections.Immutable;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>An image file and, where there is one, the file of its mask.</summary>
internal readonly record struct ImageFileRow(string ImagePath, string? MaskPath);

/// <summary>A lazy view of image files and their masks: a file is read when a cursor stands on its row and a column of it is asked for.</summary>
internal sealed class ImageFileDataView : IDataView
{
    private readonly ImmutableArray<ImageFileRow> _rows;

    /// <param name="rows">The files.</param>
    /// <param name="masks">How masks are meant, or null for images alone.</param>
    /// <param name="classCount">Classes that labels are checked against, or null.</param>
    public ImageFileDataView(ImmutableArray<ImageFileRow> rows, MaskKind? masks, int? classCount)
    {
        _rows = rows;
        Masks = masks;
        ClassCount = classCount;
        DataViewSchema.Builder schema = new();
        schema.AddColumn(ImageDataColumns.Image, ImageColumn.Type, null);
        if (masks is not null)
        {
            schema.AddColumn(ImageDataColumns.Label, new VectorDataViewType(NumberDataViewType.Byte), null);
            schema.AddColumn(ImageDataColumns.MaskHeight, NumberDataViewType.Int32, null);
            schema.AddColumn(ImageDataColumns.MaskWidth, NumberDataViewType.Int32, null);
        }

        schema.AddColumn(ImageDataColumns.ImagePath, TextDataViewType.Instance, null);
        if (masks is not null)
        {
            schema.AddColumn(ImageDataColumns.MaskPath, TextDataViewType.Instance, null);
        }

        Schema = schema.ToSchema();
    }

    public MaskKind? Masks { get; }

    public int? ClassCount { get; }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public long? GetRowCount() => _rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    /// <summary>Cursor k of n gets the rows k, k + n, k + 2n, ... of the order, each as a batch of its own, so that they can be merged in order.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            active[column.Index] = true;
        }

        int[] order = [.. Enumerable.Range(0, _rows.Length)];
        rand?.Shuffle(order);
        return [.. Enumerable.Range(0, n).Select(k => new ImageFileCursor(this, _rows, order, k, n, active))];
    }
}
