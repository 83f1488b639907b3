namespace Microsoft.ML.Data;

/// <summary>Fills objects of a user's class from a row.</summary>
internal static class RowFiller<TRow>
    where TRow : class
{
    /// <summary>The columns of <paramref name="schema"/> that the definition names.</summary>
    public static List<(SchemaDefinition.Column Definition, DataViewSchema.Column Column)> Bind(DataViewSchema schema, SchemaDefinition definition, bool ignoreMissing)
    {
        var bound = new List<(SchemaDefinition.Column, DataViewSchema.Column)>();
        foreach (SchemaDefinition.Column wanted in definition)
        {
            if (schema.GetColumnOrNull(wanted.ColumnName) is not { } column)
            {
                if (ignoreMissing)
                {
                    continue;
                }

                throw new ArgumentOutOfRangeException(nameof(schema), $"Could not find column '{wanted.ColumnName}'");
            }

            Type valueType = ColumnMembers.ValueTypeOf(ColumnMembers.Find(typeof(TRow), wanted.MemberName));
            if (column.Type.RawType != ColumnMembers.RawTypeOf(valueType))
            {
                throw new InvalidOperationException(
                    $"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' to field or property '{wanted.MemberName}' of type '{valueType}'.");
            }

            if (column.Type is not (PrimitiveDataViewType or VectorDataViewType) && !DataViewTypeManager.Knows(column.Type))
            {
                throw new NotSupportedException($"Column '{column.Name}' is of type '{column.Type}', which is not registered with {nameof(DataViewTypeManager)}.");
            }

            bound.Add((wanted, column));
        }

        return bound;
    }

    public static Action<TRow> Create(DataViewRow row, List<(SchemaDefinition.Column Definition, DataViewSchema.Column Column)> columns)
    {
        Action<TRow>[] setters = [.. columns.Select(column => MemberAccess<TRow>.CreateSetter(column.Definition, row, column.Column))];
        return target =>
        {
            foreach (Action<TRow> setter in setters)
            {
                setter(target);
            }
        };
    }
}
