using System.Reflection;

namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    /// <summary>The values of a column: as its raw type, text as strings, or vectors as arrays.</summary>
    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        ArgumentNullException.ThrowIfNull(data);
        Type raw = ColumnMembers.RawTypeOf(typeof(T));
        if (column.Type.RawType != raw)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"Cannot map column (name: {column.Name}, type: {column.Type}) in data to the user-defined type, {typeof(T)}.");
        }

        string method = typeof(T) == raw ? nameof(Values) : typeof(T).IsArray ? nameof(Arrays) : nameof(Strings);
        MethodInfo info = typeof(ColumnCursorExtensions).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static);
        info = method == nameof(Strings) ? info : info.MakeGenericMethod(method == nameof(Arrays) ? typeof(T).GetElementType() : typeof(T));
        return (IEnumerable<T>)info.Invoke(null, [data, column]);
    }

    private static IEnumerable<T> Values<T>(IDataView data, DataViewSchema.Column column)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        // One buffer for all rows: whoever keeps a vector sees the next row in it.
        T value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return value;
        }
    }

    private static IEnumerable<T[]> Arrays<T>(IDataView data, DataViewSchema.Column column) =>
        typeof(T) == typeof(string)
            ? (IEnumerable<T[]>)(object)Values<VBuffer<ReadOnlyMemory<char>>>(data, column).Select(value => value.DenseValues().Select(text => text.ToString()).ToArray())
            : Values<VBuffer<T>>(data, column).Select(value => value.DenseValues().ToArray());

    private static IEnumerable<string> Strings(IDataView data, DataViewSchema.Column column) =>
        Values<ReadOnlyMemory<char>>(data, column).Select(value => value.ToString());
}
