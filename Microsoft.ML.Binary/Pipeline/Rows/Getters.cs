using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Small things that our rows and cursors share.</summary>
internal static class Getters
{
    /// <summary>The getter under the type the caller asks for.</summary>
    /// <exception cref="InvalidOperationException">The column has another type, or it is not active.</exception>
    public static ValueGetter<T> As<T>(Delegate? getter, DataViewSchema.Column column) => getter switch
    {
        ValueGetter<T> typed => typed,
        null => throw new InvalidOperationException($"The column '{column.Name}' was not asked for when this row was made."),
        _ => throw new InvalidOperationException(
            $"The column '{column.Name}' has values of type {column.Type.RawType}; they were asked for as {typeof(T)}."),
    };

    /// <summary>What a cursor throws that is asked for a value and stands on no row.</summary>
    public static InvalidOperationException NoRow() => new("The cursor stands on no row: MoveNext has not been called, it returned false, or it failed.");

    /// <summary>The getter of a cursor that may stand on no row.</summary>
    public static ValueGetter<T> OnRow<T>(Func<bool> isOnRow, ValueGetter<T> getter) => (ref T value) =>
    {
        if (!isOnRow())
        {
            throw NoRow();
        }

        getter(ref value);
    };

    /// <summary>Reads a column of the row that a cursor stands on.</summary>
    public static Func<T> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value;
        };
    }

    /// <summary>Whether each column of a schema is among those that are asked for.</summary>
    public static bool[] Active(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            active[column.Index] = true;
        }

        return active;
    }

    public static void Copy<T>(ReadOnlySpan<T> values, ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, values.Length);
        values.CopyTo(editor.Values);
        destination = editor.Commit();
    }
}
