namespace Microsoft.ML.Data;

/// <summary>Makes the getters of the computed columns that are asked for; the others stay null.</summary>
/// <param name="input">The row that they read.</param>
/// <param name="active">One flag a computed column.</param>
/// <param name="dispose">What to do when the row is disposed of, or null.</param>
internal delegate Delegate[] CreateGetters(DataViewRow input, bool[] active, out Action dispose);

/// <summary>Maps rows of one schema to another: each output column is an input column, or one of the computed ones.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    private readonly int[] _inputColumns;
    private readonly CreateGetters _createGetters;
    // _sources[i] is the input column behind output column i, or the complement of the index of a computed column.
    private readonly int[] _sources;
    private readonly int _computedCount;

    private RowMapper(DataViewSchema input, DataViewSchema output, int[] sources, int computedCount, int[] inputColumns, CreateGetters createGetters)
    {
        InputSchema = input;
        OutputSchema = output;
        _sources = sources;
        _computedCount = computedCount;
        _inputColumns = inputColumns;
        _createGetters = createGetters;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>All input columns, and <paramref name="added"/>: at the end, or right after the column that an added one hides. They are computed from <paramref name="inputColumns"/>.</summary>
    public static RowMapper Adding(DataViewSchema input, IReadOnlyList<DataViewSchema.DetachedColumn> added, IEnumerable<int> inputColumns, CreateGetters createGetters)
    {
        List<int> sources = [.. Enumerable.Range(0, input.Count)];
        string NameOf(int source) => source >= 0 ? input[source].Name : added[~source].Name;
        for (int i = 0; i < added.Count; i++)
        {
            int hidden = sources.FindLastIndex(source => NameOf(source) == added[i].Name);
            sources.Insert(hidden < 0 ? sources.Count : hidden + 1, ~i);
        }

        var output = new DataViewSchema.Builder();
        output.AddColumns(sources.Select(source => source >= 0 ? new DataViewSchema.DetachedColumn(input[source]) : added[~source]));
        return new RowMapper(input, output.ToSchema(), [.. sources], added.Count, [.. inputColumns], createGetters);
    }

    /// <summary>Some of the input columns.</summary>
    public static RowMapper Selecting(DataViewSchema input, int[] selected)
    {
        var output = new DataViewSchema.Builder();
        output.AddColumns(selected.Select(source => input[source]));
        return new RowMapper(input, output.ToSchema(), selected, 0, [], null);
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new SortedSet<int>();
        foreach (DataViewSchema.Column column in dependingColumns)
        {
            int source = _sources[column.Index];
            if (source >= 0)
            {
                needed.Add(source);
            }
            else
            {
                needed.UnionWith(_inputColumns);
            }
        }

        return needed.Select(index => InputSchema[index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        bool[] active = Activity.Of(OutputSchema, activeColumns);
        return new Row(input, this, active, CreateActiveGetters(input, active, out Action dispose), dispose);
    }

    public DataViewRowCursor GetCursor(DataViewRowCursor input, bool[] active) =>
        new Cursor(input, this, active, CreateActiveGetters(input, active, out Action dispose), dispose);

    private Delegate[] CreateActiveGetters(DataViewRow input, bool[] active, out Action dispose)
    {
        dispose = null;
        var computed = new bool[_computedCount];
        for (int i = 0; i < active.Length; i++)
        {
            if (active[i] && _sources[i] < 0)
            {
                computed[~_sources[i]] = true;
            }
        }

        return computed.Contains(true) ? _createGetters(input, computed, out dispose) : [];
    }

    private ValueGetter<TValue> GetGetter<TValue>(DataViewRow input, bool[] active, Delegate[] computed, DataViewSchema.Column column)
    {
        if (!active[column.Index])
        {
            throw Getters.NotActive(column);
        }

        int source = _sources[column.Index];
        return source >= 0 ? input.GetGetter<TValue>(InputSchema[source]) : Getters.Cast<TValue>(computed[~source], column);
    }

    private sealed class Row(DataViewRow input, RowMapper mapper, bool[] active, Delegate[] computed, Action dispose) : DataViewRow
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => mapper.GetGetter<TValue>(input, active, computed, column);

        protected override void Dispose(bool disposing)
        {
            dispose?.Invoke();
            input.Dispose();
        }
    }

    private sealed class Cursor(DataViewRowCursor input, RowMapper mapper, bool[] active, Delegate[] computed, Action dispose) : DataViewRowCursor
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => mapper.GetGetter<TValue>(input, active, computed, column);

        protected override void Dispose(bool disposing)
        {
            dispose?.Invoke();
            input.Dispose();
        }
    }
}
