namespace Microsoft.ML.Data;

/// <summary>Some of a view's rows, in its order.</summary>
internal abstract class FilteredDataView(IDataView source) : IDataView
{
    public virtual bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    public virtual long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        DataViewRowCursor input = source.GetRowCursor(needed.Concat(FilterColumns).DistinctBy(column => column.Index), CanShuffle ? rand : null);
        return new Cursor(input, CreateMoveNext(input), Activity.Of(Schema, needed));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>What the filter itself reads.</summary>
    private protected virtual IEnumerable<DataViewSchema.Column> FilterColumns => [];

    /// <summary>Moves the cursor on to the next row that stays.</summary>
    private protected abstract Func<bool> CreateMoveNext(DataViewRowCursor input);

    private sealed class Cursor(DataViewRowCursor input, Func<bool> moveNext, bool[] active) : DataViewRowCursor
    {
        private long _position = -1;
        private bool _done;

        public override long Position => _position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => input.Schema;

        public override bool MoveNext()
        {
            _done = _done || !moveNext();
            _position = _done ? -1 : _position + 1;
            return !_done;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => active[column.Index]
            ? input.GetGetter<TValue>(column)
            : throw Getters.NotActive(column);

        protected override void Dispose(bool disposing) => input.Dispose();
    }
}

/// <summary>Leaves out <c>skip</c> rows, then gives at most <c>take</c>.</summary>
internal sealed class SkipTakeDataView(IDataView source, long skip, long take) : FilteredDataView(source)
{
    private readonly IDataView _source = source;

    public override bool CanShuffle => false;

    public override long? GetRowCount() => _source.GetRowCount() is { } count ? Math.Clamp(count - skip, 0, take) : null;

    private protected override Func<bool> CreateMoveNext(DataViewRowCursor input)
    {
        long toSkip = skip;
        long left = take;
        return () =>
        {
            for (; toSkip > 0; toSkip--)
            {
                if (!input.MoveNext())
                {
                    return false;
                }
            }

            return left-- > 0 && input.MoveNext();
        };
    }
}

/// <summary>Draws a number in [0, 1) from each row's id and the seed, so that two views with one seed agree on a row.</summary>
internal sealed class SampledDataView(IDataView source, int seed, Func<double, bool> keep) : FilteredDataView(source)
{
    private protected override Func<bool> CreateMoveNext(DataViewRowCursor input)
    {
        ValueGetter<DataViewRowId> getId = input.GetIdGetter();
        return () =>
        {
            while (input.MoveNext())
            {
                DataViewRowId id = default;
                getId(ref id);
                if (keep(Draw(id)))
                {
                    return true;
                }
            }

            return false;
        };
    }

    // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
    private double Draw(DataViewRowId id)
    {
        ulong z = (id.Low ^ (id.High * 0x9E3779B97F4A7C15)) + ((ulong)(uint)seed * 0xD1B54A32D192ED03) + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1ul << 53));
    }
}

/// <summary>Leaves out the rows for which a predicate over a user's class is true.</summary>
internal sealed class PredicateDataView<TSrc> : FilteredDataView
    where TSrc : class, new()
{
    private readonly Func<TSrc, bool> _remove;
    private readonly List<(SchemaDefinition.Column Definition, DataViewSchema.Column Column)> _columns;

    public PredicateDataView(IDataView source, Func<TSrc, bool> remove)
        : base(source)
    {
        _remove = remove;
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TSrc), SchemaDefinition.Direction.Write);
        _columns = RowFiller<TSrc>.Bind(source.Schema, definition, ignoreMissing: false);
    }

    private protected override IEnumerable<DataViewSchema.Column> FilterColumns => _columns.Select(column => column.Column);

    private protected override Func<bool> CreateMoveNext(DataViewRowCursor input)
    {
        Action<TSrc> fill = RowFiller<TSrc>.Create(input, _columns);
        var row = new TSrc();
        return () =>
        {
            while (input.MoveNext())
            {
                fill(row);
                if (!_remove(row))
                {
                    return true;
                }
            }

            return false;
        };
    }
}
