namespace Microsoft.ML.Data;

internal static class Activity
{
    /// <summary>One flag a column of <paramref name="schema"/>: is it asked for?</summary>
    public static bool[] Of(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columns ?? [])
        {
            active[column.Index] = true;
        }

        return active;
    }
}
