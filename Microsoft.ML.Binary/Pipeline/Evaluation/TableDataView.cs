using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>A column of a table: its name, its type, and how to get the getter of a row.</summary>
internal sealed record TableColumn<TRow>(string Name, DataViewType Type, Func<Func<TRow>, Delegate> Getter)
{
    public static TableColumn<TRow> Text(string name, Func<TRow, string> of) =>
        new(name, TextDataViewType.Instance, row => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = of(row()).AsMemory()));

    public static TableColumn<TRow> Number<T>(string name, Func<TRow, T> of)
        where T : unmanaged => new(
            name, (PrimitiveDataViewType)ColumnTypes[typeof(T)], row => (ValueGetter<T>)((ref T value) => value = of(row())));

    private static readonly Dictionary<Type, NumberDataViewType> ColumnTypes = new()
    {
        [typeof(int)] = NumberDataViewType.Int32,
        [typeof(long)] = NumberDataViewType.Int64,
        [typeof(double)] = NumberDataViewType.Double,
    };
}

/// <summary>Rows in memory as a view, with columns that are known at run time only.</summary>
internal sealed class TableDataView<TRow> : IDataView
{
    private readonly IReadOnlyList<TRow> _rows;
    private readonly IReadOnlyList<TableColumn<TRow>> _columns;

    public TableDataView(IReadOnlyList<TRow> rows, IReadOnlyList<TableColumn<TRow>> columns)
    {
        (_rows, _columns) = (rows, columns);
        DataViewSchema.Builder schema = new();
        foreach (TableColumn<TRow> column in columns)
        {
            schema.AddColumn(column.Name, column.Type, null);
        }

        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        int[] order = [.. Enumerable.Range(0, _rows.Count)];
        rand?.Shuffle(order);
        return new Cursor(this, order, columnsNeeded);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly TableDataView<TRow> _table;
        private readonly int[] _order;
        private readonly Delegate?[] _getters;
        private int _position = -1;

        public Cursor(TableDataView<TRow> table, int[] order, IEnumerable<DataViewSchema.Column> active)
        {
            (_table, _order, _getters) = (table, order, new Delegate?[table._columns.Count]);
            foreach (DataViewSchema.Column column in active)
            {
                _getters[column.Index] = table._columns[column.Index].Getter(() => table._rows[Index]);
            }
        }

        public override DataViewSchema Schema => _table.Schema;

        public override long Position => _position < _order.Length ? _position : -1;

        public override long Batch => 0;

        private int Index => _position >= 0 && _position < _order.Length
            ? _order[_position]
            : throw Getters.NoRow();

        public override bool MoveNext() => _position < _order.Length && ++_position < _order.Length;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters[column.Index] is not null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Getters.As<TValue>(_getters[column.Index], column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Index, 0);
    }
}
