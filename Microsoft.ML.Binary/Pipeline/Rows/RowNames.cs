using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What messages and reports call a row: the file of its image or of its mask, where a column says it, and its number.</summary>
internal sealed class RowNames
{
    private readonly DataViewRow _row;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _path;
    private ReadOnlyMemory<char> _value;

    private RowNames(DataViewRow row, params ReadOnlySpan<string> paths)
    {
        _row = row;
        foreach (string path in paths)
        {
            if (_path is null && PathColumn(row.Schema, path) is DataViewSchema.Column column && row.IsColumnActive(column))
            {
                _path = row.GetGetter<ReadOnlyMemory<char>>(column);
            }
        }
    }

    /// <summary>The file, or "row 7" counted from 0.</summary>
    public string Current
    {
        get
        {
            if (_path is not null)
            {
                _path(ref _value);
            }

            return _value.IsEmpty ? $"row {_row.Position}" : _value.ToString();
        }
    }

    /// <summary>The same with the number in any case.</summary>
    public string CurrentWithNumber => Current is var name && _value.IsEmpty ? name : $"row {_row.Position} ({name})";

    /// <summary>By the image, where what is said is not about a mask.</summary>
    public static RowNames OfImages(DataViewRow row) => new(row, ImageDataColumns.ImagePath, ImageDataColumns.MaskPath);

    /// <summary>By the true mask, of which an image may have several.</summary>
    public static RowNames OfMasks(DataViewRow row) => new(row, ImageDataColumns.MaskPath, ImageDataColumns.ImagePath);

    /// <summary>The columns that a cursor needs for the names.</summary>
    public static IEnumerable<DataViewSchema.Column> Columns(DataViewSchema schema) =>
        new[] { PathColumn(schema, ImageDataColumns.ImagePath), PathColumn(schema, ImageDataColumns.MaskPath) }.OfType<DataViewSchema.Column>();

    private static DataViewSchema.Column? PathColumn(DataViewSchema schema, string name) => schema.GetColumnOrNull(name) is { Type: TextDataViewType } column ? column : null;
}
