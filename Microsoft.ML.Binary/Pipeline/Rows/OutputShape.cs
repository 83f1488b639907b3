using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// The shapes that estimators get and promise. ML.NET lets nobody else make one: an estimator of its own that would add the same column is asked for
/// its shape, and a chain of its own for that of a view.
/// </summary>
internal static class OutputShape
{
    /// <summary>The shape of a view, of which nothing is read.</summary>
    public static SchemaShape Of(IDataView data)
    {
        Reader reader = new();
        reader.Append(reader).Fit(data);
        return reader.Shape!;
    }

    /// <typeparam name="T">The .NET type of the column's values.</typeparam>
    public static SchemaShape Append<T>(MLContext context, SchemaShape input, string name, DataViewType type)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Column<T>));
        SchemaDefinition.Column added = definition[nameof(Column<>.Value)];
        (added.ColumnName, added.ColumnType) = (name, type);
        return context.Transforms.CustomMapping<SavedNothing, Column<T>>((_, _) => { }, null, null, definition).GetOutputSchema(input);
    }

    /// <summary>Notes the shape that it is asked with, and changes nothing.</summary>
    private sealed class Reader : IEstimator<ITransformer>
    {
        public SchemaShape? Shape { get; private set; }

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape = inputSchema;
    }

    private sealed class Column<T>
    {
        public T? Value { get; set; }
    }
}
