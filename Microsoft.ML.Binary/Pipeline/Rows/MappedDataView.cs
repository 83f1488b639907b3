using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>A view with output columns: nothing is computed before a cursor's getter is called. Order, batches and ids are the source's.</summary>
internal sealed class MappedDataView(RowMap map, IDataView source) : IDataView
{
    public DataViewSchema Schema { get; } = map.GetOutputSchema(source.Schema);

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] active = [.. columnsNeeded];
        return Mapped(source.GetRowCursor(Needed(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] active = [.. columnsNeeded];
        return [.. source.GetRowCursorSet(Needed(active), n, rand).Select(cursor => Mapped(cursor, active))];
    }

    // Errors name the row by its file, where a column says which that is.
    private IEnumerable<DataViewSchema.Column> Needed(DataViewSchema.Column[] active) =>
        [.. map.InputsOf(active, source.Schema).UnionBy(RowNames.Columns(source.Schema), column => column.Index)];

    private MappedRowCursor Mapped(DataViewRowCursor cursor, DataViewSchema.Column[] active) =>
        new(new MappedRow(map, cursor, Schema, active), cursor);
}

/// <summary>Moves an input cursor and shows its rows with the output columns.</summary>
internal sealed class MappedRowCursor(MappedRow row, DataViewRowCursor input) : DataViewRowCursor
{
    public override DataViewSchema Schema => row.Schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            row.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>A row of input and output columns: what <c>PredictionEngine</c> reads.</summary>
internal sealed class MappedRow(RowMap map, DataViewRow input, DataViewSchema schema, IEnumerable<DataViewSchema.Column> active) : DataViewRow
{
    private readonly Delegate?[] _getters = map.GettersOf(input, [.. active.Where(column => column.Index >= input.Schema.Count)]);

    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < input.Schema.Count
        ? input.IsColumnActive(input.Schema[column.Index])
        : _getters[column.Index - input.Schema.Count] is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Index < input.Schema.Count
        ? input.GetGetter<TValue>(input.Schema[column.Index])
        : Getters.As<TValue>(_getters[column.Index - input.Schema.Count], column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>Maps single rows: how <c>PredictionEngine</c> and chains of transformers use a transformer.</summary>
internal sealed class MappedRowMapper(RowMap map, DataViewSchema inputSchema) : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public DataViewSchema OutputSchema { get; } = map.GetOutputSchema(inputSchema);

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        map.InputsOf(dependingColumns, inputSchema);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new MappedRow(map, input, OutputSchema, activeColumns);
}
