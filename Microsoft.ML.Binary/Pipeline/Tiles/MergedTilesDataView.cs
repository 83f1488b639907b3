using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// A lazy view with a row for each picture of a view of tiles, which has to give the tiles of one picture one after the other. A picture's values are held
/// until the next is asked for.
/// </summary>
/// <typeparam name="T">What a pixel has.</typeparam>
internal sealed class MergedTilesDataView<T> : IDataView
    where T : unmanaged
{
    private readonly IDataView _tiles;

    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public MergedTilesDataView(IDataView tiles, string values, string height, string width)
    {
        _tiles = tiles;
        TileColumns = MergedTileColumns.Of(tiles.Schema, values, height, width, typeof(T) == typeof(byte));
        Kept = [.. tiles.Schema.Where(column => !column.IsHidden && column.Type is PrimitiveDataViewType && TileColumns.IsOfPicture(column))];
        DataViewSchema.Builder schema = new();
        foreach (DataViewSchema.Column column in Kept)
        {
            schema.AddColumn(column.Name, column.Type, column.Annotations);
        }

        schema.AddColumn(values, TileColumns.Values.Type is VectorDataViewType vector ? new VectorDataViewType(vector.ItemType) : null!, TileColumns.Values.Annotations);
        schema.AddColumn(height, NumberDataViewType.Int32, null);
        schema.AddColumn(width, NumberDataViewType.Int32, null);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public MergedTileColumns TileColumns { get; }

    /// <summary>The columns of pictures that are passed through.</summary>
    public IReadOnlyList<DataViewSchema.Column> Kept { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = Getters.Active(Schema, columnsNeeded);

        // Whether tiles are complete is checked in any case; what is in them is computed for who reads it.
        bool readsValues = active[Kept.Count];
        IEnumerable<DataViewSchema.Column> needed = [.. TileColumns.All.Where(column => readsValues || column.Index != TileColumns.Values.Index), .. RowNames.Columns(_tiles.Schema), .. Kept.Where((_, i) => active[i])];
        return new MergedTilesCursor<T>(this, _tiles.GetRowCursor(needed.DistinctBy(column => column.Index)), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];
}

/// <summary>The columns of tiles, looked up.</summary>
internal sealed record MergedTileColumns(
    DataViewSchema.Column Values, DataViewSchema.Column Height, DataViewSchema.Column Width, DataViewSchema.Column SourceRow,
    DataViewSchema.Column X, DataViewSchema.Column Y, DataViewSchema.Column SourceHeight, DataViewSchema.Column SourceWidth)
{
    public IEnumerable<DataViewSchema.Column> All => [Values, Height, Width, SourceRow, X, Y, SourceHeight, SourceWidth];

    public static MergedTileColumns Of(DataViewSchema schema, string values, string height, string width, bool areBytes) => new(
        areBytes ? DataColumns.Bytes(schema, values) : DataColumns.Singles(schema, values),
        DataColumns.Int32(schema, height), DataColumns.Int32(schema, width), DataColumns.Int64(schema, ImageDataColumns.SourceRow),
        DataColumns.Int32(schema, ImageDataColumns.TileX), DataColumns.Int32(schema, ImageDataColumns.TileY),
        DataColumns.Int32(schema, ImageDataColumns.SourceHeight), DataColumns.Int32(schema, ImageDataColumns.SourceWidth));

    /// <summary>Whether a column is of the whole picture, and none of those that are merged.</summary>
    public bool IsOfPicture(DataViewSchema.Column column) =>
        column.Index == SourceRow.Index || (PictureAnnotation.IsOn(column) && All.All(known => known.Index != column.Index));
}

/// <summary>Reads all tiles of a picture, and puts the middle of each where it belongs.</summary>
internal sealed class MergedTilesCursor<T> : DataViewRowCursor
    where T : unmanaged
{
    private readonly MergedTilesDataView<T> _view;
    private readonly DataViewRowCursor _tiles;
    private readonly bool[] _active;
    private readonly RowNames _names;
    private readonly KeptValue?[] _kept;
    private readonly ValueGetter<VBuffer<T>>? _getValues;
    private readonly Func<long> _source;
    private readonly Func<int> _height, _width, _x, _y, _sourceHeight, _sourceWidth;
    private readonly HashSet<long> _done = [];
    private readonly List<(TileArea Area, T[] Values)> _parts = [];
    private T[] _values = [];
    private (int Width, int Height) _size;
    private ExceptionDispatchInfo? _fault;
    private bool _hasTile, _isStarted, _isOnRow;
    private long _position = -1;

    public MergedTilesCursor(MergedTilesDataView<T> view, DataViewRowCursor tiles, bool[] active)
    {
        (_view, _tiles, _active, _names) = (view, tiles, active, RowNames.OfImages(tiles));
        _kept = [.. view.Kept.Select((column, i) => active[i] ? KeptValue.Of(tiles, column) : null)];
        MergedTileColumns columns = view.TileColumns;
        _getValues = active[_kept.Length] ? tiles.GetGetter<VBuffer<T>>(columns.Values) : null;
        _source = Getters.Reader<long>(tiles, columns.SourceRow);
        (_height, _width, _x, _y) = (Number(columns.Height), Number(columns.Width), Number(columns.X), Number(columns.Y));
        (_sourceHeight, _sourceWidth) = (Number(columns.SourceHeight), Number(columns.SourceWidth));

        Func<int> Number(DataViewSchema.Column column) => Getters.Reader<int>(tiles, column);
    }

    public override DataViewSchema Schema => _view.Schema;

    public override long Position => _isOnRow ? _position : -1;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => Getters.OnRow(IsOnRow, (ref DataViewRowId id) => id = new((ulong)_position, 0));

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Getters.OnRow(IsOnRow, Getters.As<TValue>(
        !_active[column.Index] ? null
        : column.Index < _kept.Length ? _kept[column.Index]!.Getter
        : column.Index == _kept.Length ? (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => Getters.Copy<T>(_values, ref value))
        : column.Index == _kept.Length + 1 ? (ValueGetter<int>)((ref int value) => value = _size.Height)
        : (ValueGetter<int>)((ref int value) => value = _size.Width),
        column));

    public override bool MoveNext()
    {
        _isOnRow = false;
        if (!_isStarted)
        {
            _isStarted = true;
            MoveTile();
        }

        if (!_hasTile)
        {
            _fault?.Throw();
            return false;
        }

        long source = _source();
        string name = $"source row {source} ({_names.Current})";
        if (!_done.Add(source))
        {
            throw new InvalidDataException($"{name}: its tiles do not follow each other; merge them in the order in which SplitIntoTiles gives them.");
        }

        foreach (KeptValue? kept in _kept)
        {
            kept?.Keep();
        }

        _size = (_sourceWidth(), _sourceHeight());
        _parts.Clear();
        do
        {
            Take(name);
            MoveTile();
        }
        while (_hasTile && _source() == source);
        Merge(name);
        (_position, _isOnRow) = (_position + 1, true);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _tiles.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsOnRow() => _isOnRow;

    // Where the next picture is at fault, this one is not.
    private void MoveTile()
    {
        try
        {
            _hasTile = _tiles.MoveNext();
        }
        catch (Exception e)
        {
            (_hasTile, _fault) = (false, ExceptionDispatchInfo.Capture(e));
        }
    }

    private void Take(string name)
    {
        TileArea area = new(_x(), _y(), _width(), _height());
        VBuffer<T> values = default;
        _getValues?.Invoke(ref values);
        if (_getValues is not null && values.Length != (long)area.Width * area.Height)
        {
            throw new InvalidDataException($"{name}: the tile at x={area.X}, y={area.Y} has {values.Length} values and is said to be of {area.Width}x{area.Height} pixels.");
        }

        _parts.Add((area, [.. values.DenseValues()]));
    }

    private void Merge(string name)
    {
        TileGrid grid;
        try
        {
            grid = TileGrid.Of(_size.Width, _size.Height, [.. _parts.Select(part => part.Area)]);
        }
        catch (ArgumentException exception)
        {
            _fault?.Throw();
            throw new InvalidDataException($"{name}: {ErrorText.Of(exception)}", exception);
        }

        if (_getValues is null)
        {
            return;
        }

        Dictionary<TileArea, T[]> parts = _parts.ToDictionary(part => part.Area, part => part.Values);
        _values = new T[_size.Width * _size.Height];
        foreach ((TileArea area, TileArea core) in grid.Tiles)
        {
            for (int y = core.Y; y < core.Y + core.Height; y++)
            {
                parts[area].AsSpan((y - area.Y) * area.Width + core.X - area.X, core.Width).CopyTo(_values.AsSpan(y * _size.Width + core.X));
            }
        }
    }
}

/// <summary>A value of a row that is kept while a cursor goes on.</summary>
internal abstract class KeptValue
{
    public abstract Delegate Getter { get; }

    public static KeptValue Of(DataViewRow row, DataViewSchema.Column column) =>
        (KeptValue)Activator.CreateInstance(typeof(Kept<>).MakeGenericType(column.Type.RawType), row, column)!;

    public abstract void Keep();

    private sealed class Kept<T>(DataViewRow row, DataViewSchema.Column column) : KeptValue
    {
        private readonly ValueGetter<T> _source = row.GetGetter<T>(column);
        private T _value = default!;

        public override Delegate Getter => (ValueGetter<T>)((ref T value) => value = _value);

        public override void Keep() => _source(ref _value);
    }
}
