using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Columns of the shapes that our estimators promise. ML.NET lets nobody else make one, so an estimator of its own that would add the same column is asked for
/// its shape.
/// </summary>
internal static class OutputShape
{
    /// <typeparam name="T">The .NET type of the column's values.</typeparam>
    public static SchemaShape Append<T>(MLContext context, SchemaShape input, string name, DataViewType type)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Column<T>));
        SchemaDefinition.Column added = definition[nameof(Column<>.Value)];
        (added.ColumnName, added.ColumnType) = (name, type);
        return context.Transforms.CustomMapping<SavedNothing, Column<T>>((_, _) => { }, null, null, definition).GetOutputSchema(input);
    }

    private sealed class Column<T>
    {
        public T? Value { get; set; }
    }
}
