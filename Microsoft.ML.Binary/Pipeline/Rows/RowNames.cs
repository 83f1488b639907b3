using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What messages and reports call a row: its file where a column says it, and its number.</summary>
internal sealed class RowNames
{
    private readonly DataViewRow _row;
    private readonly ValueGetter<ReadOnlyMemory<char>>? _path;
    private ReadOnlyMemory<char> _value;

    public RowNames(DataViewRow row)
    {
        _row = row;
        if (PathColumn(row.Schema) is DataViewSchema.Column column && row.IsColumnActive(column))
        {
            _path = row.GetGetter<ReadOnlyMemory<char>>(column);
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

    /// <summary>The columns that a cursor needs for the names.</summary>
    public static IEnumerable<DataViewSchema.Column> Columns(DataViewSchema schema) =>
        PathColumn(schema) is DataViewSchema.Column column ? [column] : [];

    private static DataViewSchema.Column? PathColumn(DataViewSchema schema)
    {
        foreach (string name in (ReadOnlySpan<string>)[ImageDataColumns.MaskPath, ImageDataColumns.ImagePath])
        {
            if (schema.GetColumnOrNull(name) is { Type: TextDataViewType } column)
            {
                return column;
            }
        }

        return null;
    }
}
