using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Walks over image files. What is decoded of a row is kept until the next, so that several columns decode it once.</summary>
internal sealed class ImageFileCursor : DataViewRowCursor
{
    private readonly ImageFileDataView _view;
    private readonly IEnumerator<(int Id, ImageFileRow Row)> _rows;
    private readonly int _step;
    private readonly bool[] _active;
    private readonly Delegate?[] _getters;
    private ImageFileRowContent? _content;
    private long _position = -1;
    private long _rank = -1;
    private int _ahead;

    /// <param name="view">The view walked over.</param>
    /// <param name="rows">Its rows in their order.</param>
    /// <param name="first">At which of them this cursor starts.</param>
    /// <param name="step">How far it goes each time.</param>
    /// <param name="active">The columns asked for.</param>
    public ImageFileCursor(ImageFileDataView view, IEnumerable<(int Id, ImageFileRow Row)> rows, int first, int step, bool[] active)
    {
        (_view, _rows, _ahead, _step, _active) = (view, rows.GetEnumerator(), first + 1, step, active);
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
        id = new DataViewRowId((ulong)_rows.Current.Id, 0);
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
            _content = Advance() ? _view.Content(_rows.Current.Id, _rows.Current.Row) : null;
        }
        while (_content is null && _ahead > 0);
        return _content is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rows.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Moves to the cursor's next row; at the end there is nothing ahead any more.</summary>
    private bool Advance()
    {
        for (; _ahead > 0; _ahead--, _rank++)
        {
            if (!_rows.MoveNext())
            {
                _ahead = 0;
                return false;
            }
        }

        _ahead = _step;
        return true;
    }

    private Delegate GetterOf(string name) => name switch
    {
        ImageDataColumns.Image => (ValueGetter<MLImage>)((ref MLImage value) => value = NativeImageMemory.Track(ReducedImage.Of(Content.Picture))),
        ImageDataColumns.MaskHeight => (ValueGetter<int>)((ref int value) => value = Content.Mask(0).Height),
        ImageDataColumns.MaskWidth => (ValueGetter<int>)((ref int value) => value = Content.Mask(0).Width),
        ImageDataColumns.ImageName => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Content.Row.Name.AsMemory()),
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
