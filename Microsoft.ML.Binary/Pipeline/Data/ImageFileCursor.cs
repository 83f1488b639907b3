using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Walks over image files. What is decoded of a row is kept until the next, so that several columns decode it once.</summary>
internal sealed class ImageFileCursor : DataViewRowCursor
{
    private readonly ImageFileDataView _view;
    private readonly ImageFileWalk _walk;
    private readonly bool[] _active;
    private readonly bool _readsAhead;
    private readonly Delegate?[] _getters;
    private long _position = -1;

    /// <param name="view">The view walked over.</param>
    /// <param name="walk">The rows that this cursor gets.</param>
    /// <param name="active">The columns asked for.</param>
    /// <param name="readsAhead">Whether the next image is decoded as soon as one is asked for.</param>
    public ImageFileCursor(ImageFileDataView view, ImageFileWalk walk, bool[] active, bool readsAhead)
    {
        (_view, _walk, _active, _readsAhead) = (view, walk, active, readsAhead);
        _getters = [.. view.Schema.Select(column => active[column.Index] ? GetterOf(column.Name) : null)];
    }

    public override DataViewSchema Schema => _view.Schema;

    public override long Position => _walk.Content is null ? -1 : _position;

    public override long Batch => _walk.Rank;

    private ImageFileRowContent Content => _walk.Content ?? throw Getters.NoRow();

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Getters.As<TValue>(_getters[column.Index], column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        _ = Content;
        id = new DataViewRowId((ulong)_walk.Id, 0);
    };

    public override bool MoveNext()
    {
        bool moved = _walk.MoveNext();
        _position += moved ? 1 : 0;
        return moved;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _walk.Dispose();
        }

        base.Dispose(disposing);
    }

    private Delegate GetterOf(string name) => name switch
    {
        ImageDataColumns.Image => (ValueGetter<MLImage>)GetImage,
        ImageDataColumns.MaskHeight => (ValueGetter<int>)((ref int value) => value = Content.Mask(0).Height),
        ImageDataColumns.MaskWidth => (ValueGetter<int>)((ref int value) => value = Content.Mask(0).Width),
        ImageDataColumns.ImageName => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Content.Row.Name.AsMemory()),
        ImageDataColumns.ImagePath => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Content.Row.ImagePath.AsMemory()),
        _ => MaskGetterOf(name),
    };

    private void GetImage(ref MLImage value)
    {
        value = NativeImageMemory.Track(ReducedImage.Of(Content.Picture));
        if (_readsAhead)
        {
            _walk.ReadAhead();
        }
    }

    private Delegate MaskGetterOf(string name)
    {
        (int index, MaskColumn mask) = _view.Masks.Index().First(mask => mask.Item.Label == name || mask.Item.Path == name);
        return mask.Label == name
            ? (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) => Getters.Copy(Content.Mask(index).Values, ref value))
            : (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Content.Row.MaskPaths[index].AsMemory());
    }
}
