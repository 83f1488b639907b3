using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Walks over image files. What is decoded of a row is kept until the next, so that several columns decode it once.</summary>
internal sealed class ImageFileCursor : DataViewRowCursor
{
    private readonly ImageFileDataView _view;
    private readonly int[] _order;
    private readonly int _step;
    private readonly bool[] _active;
    private readonly Delegate?[] _getters;
    private ImageFileRowContent? _content;
    private long _position = -1;
    private long _rank;

    /// <param name="view">The view walked over.</param>
    /// <param name="order">The order of the rows.</param>
    /// <param name="first">Where in the order this cursor starts.</param>
    /// <param name="step">How far it goes each time.</param>
    /// <param name="active">The columns asked for.</param>
    public ImageFileCursor(ImageFileDataView view, int[] order, int first, int step, bool[] active)
    {
        (_view, _order, _step, _active, _rank) = (view, order, step, active, (long)first - step);
        _getters = [.. view.Schema.Select(column => active[column.Index] ? GetterOf(column.Name) : null)];
    }

    public override DataViewSchema Schema => _view.Schema;

    public override long Position => _position;

    public override long Batch => _position < 0 ? -1 : _rank;

    private ImageFileRowContent Content => _content ?? throw new InvalidOperationException(
        "The cursor stands on no row: MoveNext has not been called, or it returned false.");

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Getters.As<TValue>(_getters[column.Index], column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        _ = Content;
        id = new DataViewRowId((ulong)_order[_rank], 0);
    };

    public override bool MoveNext()
    {
        if (_position >= 0 && _content is null)
        {
            return false;
        }

        _position++;
        do
        {
            _rank += _step;
            _content = _rank < _order.Length ? _view.Content(_order[_rank]) : null;
        }
        while (_content is null && _rank < _order.Length);
        return _content is not null;
    }

    private Delegate GetterOf(string name) => name switch
    {
        ImageDataColumns.Image => (ValueGetter<MLImage>)((ref MLImage value) => value = NativeImageMemory.Track(ReducedImage.Of(Content.Picture))),
        ImageDataColumns.MaskHeight => (ValueGetter<int>)((ref int value) => value = Content.Mask(0).Height),
        ImageDataColumns.MaskWidth => (ValueGetter<int>)((ref int value) => value = Content.Mask(0).Width),
        ImageDataColumns.ImagePath => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Content.Row.ImagePath.AsMemory()),
        _ => MaskGetterOf(name),
    };

    private Delegate MaskGetterOf(string name)
    {
        (int index, MaskColumn mask) = _view.Masks.Index().First(mask => mask.Item.Label == name || mask.Item.Path == name);
        return mask.Label == name
            ? (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) => Getters.Copy(Content.Mask(index).Values, ref value))
            : (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Content.Row.MaskPaths[index].AsMemory());
    }
}
