namespace Microsoft.ML.Binary;

/// <summary>A view with output columns: nothing is computed before a cursor's getter is called. Order, batches and ids are the source's.</summary>
internal sealed class ScoredDataView(ScoringMap map, IDataView source) : IDataView
{
    public DataViewSchema Schema { get; } = map.GetOutputSchema(source.Schema);

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] active = [.. columnsNeeded];
        return Scored(source.GetRowCursor(Needed(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] active = [.. columnsNeeded];
        return [.. source.GetRowCursorSet(Needed(active), n, rand).Select(cursor => Scored(cursor, active))];
    }

    // Errors name the row by its file, where a column says which that is.
    private IEnumerable<DataViewSchema.Column> Needed(DataViewSchema.Column[] active) =>
        [.. map.InputsOf(active, source.Schema).UnionBy(RowNames.Columns(source.Schema), column => column.Index)];

    private ScoredRowCursor Scored(DataViewRowCursor cursor, DataViewSchema.Column[] active) =>
        new(new ScoredRow(map, cursor, Schema, active), cursor);
}
