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

    public static void Copy<T>(ReadOnlySpan<T> values, ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, values.Length);
        values.CopyTo(editor.Values);
        destination = editor.Commit();
    }
}
