using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>How pictures are cut into tiles, and of what columns.</summary>
internal sealed record TileOptions(int Width, int Height, int Overlap, string Image, string? Label);

/// <summary>A lazy view with a row for each tile of each row of another view. Pictures are decoded when a cursor comes to them, one at a time.</summary>
internal sealed class TileDataView : IDataView
{
    private readonly IDataView _source;
    private readonly TileOptions _options;

    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public TileDataView(IDataView source, TileOptions options)
    {
        (_source, _options) = (source, options);
        DataViewSchema.Column image = DataColumns.Images(source.Schema, options.Image);
        DataViewSchema.Column? label = options.Label is null ? null : DataColumns.Bytes(source.Schema, options.Label);
        string[] replaced = label is null ? [] : [ImageDataColumns.MaskHeight, ImageDataColumns.MaskWidth];
        Kept = [.. source.Schema.Where(column => !column.IsHidden && column.Index != image.Index && column.Index != label?.Index && !replaced.Contains(column.Name))];
        DataViewSchema.Builder schema = new();
        foreach (DataViewSchema.Column column in Kept)
        {
            schema.AddColumn(column.Name, column.Type, PictureAnnotation.AddTo(column.Annotations));
        }

        schema.AddColumn(ImageDataColumns.SourceRow, NumberDataViewType.Int64, null);
        foreach (string name in (ReadOnlySpan<string>)[ImageDataColumns.TileX, ImageDataColumns.TileY, ImageDataColumns.SourceHeight, ImageDataColumns.SourceWidth])
        {
            schema.AddColumn(name, NumberDataViewType.Int32, null);
        }

        schema.AddColumn(options.Image, ImageColumn.Type, null);
        if (label is { } masks)
        {
            schema.AddColumn(masks.Name, new VectorDataViewType(NumberDataViewType.Byte), masks.Annotations);
            schema.AddColumn(ImageDataColumns.MaskHeight, NumberDataViewType.Int32, null);
            schema.AddColumn(ImageDataColumns.MaskWidth, NumberDataViewType.Int32, null);
        }

        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    /// <summary>The source's columns that are passed through; they come first.</summary>
    public IReadOnlyList<DataViewSchema.Column> Kept { get; }

    public bool CanShuffle => false;

    // Nobody knows before the pictures are looked at.
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = Getters.Active(Schema, columnsNeeded);
        List<DataViewSchema.Column> needed = [DataColumns.Images(_source.Schema, _options.Image), .. RowNames.Columns(_source.Schema), .. Kept.Where((_, i) => active[i])];
        if (_options.Label is not null)
        {
            needed.Add(DataColumns.Bytes(_source.Schema, _options.Label));
        }

        return new TileCursor(this, _source.GetRowCursor(needed.DistinctBy(column => column.Index)), _options, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];
}

/// <summary>
/// Says of a column of tiles that its value is that of the picture, by which the merged view tells it from what stages made of the tile since. It goes with the
/// column where that is copied or moved, and not to another of its name.
/// </summary>
internal static class PictureAnnotation
{
    private const string Kind = "IsOfPicture";

    public static DataViewSchema.Annotations AddTo(DataViewSchema.Annotations? annotations)
    {
        DataViewSchema.Annotations.Builder builder = new();
        if (annotations is not null)
        {
            builder.Add(annotations, kind => kind != Kind);
        }

        builder.Add(Kind, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return builder.ToAnnotations();
    }

    public static bool IsOn(DataViewSchema.Column column) => column.Annotations.Schema.GetColumnOrNull(Kind) is not null;
}

/// <summary>Walks over the tiles of each picture before it goes on to the next.</summary>
internal sealed class TileCursor : DataViewRowCursor
{
    private readonly TileDataView _view;
    private readonly DataViewRowCursor _source;
    private readonly TileOptions _options;
    private readonly bool[] _active;
    private readonly RowNames _names, _masks;
    private readonly ValueGetter<MLImage> _getImage;
    private readonly KnownSize? _known;
    private readonly ValueGetter<VBuffer<byte>>? _getMask;
    private RgbImage? _image;
    private SegmentationMask? _mask;
    private TileGrid? _grid;
    private int _tile;
    private long _position = -1;

    public TileCursor(TileDataView view, DataViewRowCursor source, TileOptions options, bool[] active)
    {
        (_view, _source, _options, _active) = (view, source, options, active);
        (_names, _masks) = (RowNames.OfImages(source), RowNames.OfMasks(source));
        DataViewSchema.Column images = DataColumns.Images(source.Schema, options.Image);
        (_getImage, _known) = (source.GetGetter<MLImage>(images), KnownSize.Of(images));
        _getMask = options.Label is null ? null : source.GetGetter<VBuffer<byte>>(DataColumns.Bytes(source.Schema, options.Label));
    }

    public override DataViewSchema Schema => _view.Schema;

    public override long Position => IsOnRow() ? _position : -1;

    public override long Batch => 0;

    private TileArea Area => _grid!.Tiles[_tile].Area;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter()
    {
        ValueGetter<DataViewRowId> source = _source.GetIdGetter();
        return Getters.OnRow(IsOnRow, (ref DataViewRowId id) =>
        {
            source(ref id);
            id = id.Combine(new DataViewRowId((ulong)_tile, 0));
        });
    }

    public override bool MoveNext()
    {
        if (_grid is not null && _tile + 1 < _grid.Tiles.Length)
        {
            _tile++;
        }
        else
        {
            _grid = null;
            if (!_source.MoveNext())
            {
                return false;
            }

            Open();
        }

        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Getters.OnRow(
        IsOnRow,
        !_active[column.Index] ? Getters.As<TValue>(null, column)
        : column.Index < _view.Kept.Count ? _source.GetGetter<TValue>(_view.Kept[column.Index])
        : Getters.As<TValue>(GetterOf(column.Name), column));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsOnRow() => _grid is not null;

    private Delegate GetterOf(string name) => name switch
    {
        ImageDataColumns.MaskHeight or ImageDataColumns.SourceHeight or ImageDataColumns.MaskWidth or ImageDataColumns.SourceWidth
            or ImageDataColumns.TileX or ImageDataColumns.TileY => Number(name),
        ImageDataColumns.SourceRow => (ValueGetter<long>)((ref long value) => value = _source.Position),
        _ when name == _options.Label => (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) => Getters.Copy<byte>(Crop(_mask!.Labels, 1), ref value)),
        _ => (ValueGetter<MLImage>)((ref MLImage value) =>
            value = NativeImageMemory.Track(new RgbImage(Area.Width, Area.Height, Crop(_image!.Pixels, 3)).ToMLImage())),
    };

    private ValueGetter<int> Number(string name) => (ref int value) => value = name switch
    {
        ImageDataColumns.MaskHeight => Area.Height,
        ImageDataColumns.MaskWidth => Area.Width,
        ImageDataColumns.TileX => Area.X,
        ImageDataColumns.TileY => Area.Y,
        ImageDataColumns.SourceHeight => _grid!.Height,
        _ => _grid!.Width,
    };

    private byte[] Crop(byte[] pixels, int bytes)
    {
        TileArea area = Area;
        byte[] part = new byte[area.Width * area.Height * bytes];
        for (int y = 0; y < area.Height; y++)
        {
            pixels.AsSpan(((area.Y + y) * _grid!.Width + area.X) * bytes, area.Width * bytes).CopyTo(part.AsSpan(y * area.Width * bytes));
        }

        return part;
    }

    private void Open()
    {
        MLImage image = null!;
        _getImage(ref image);
        if (image is null)
        {
            throw Wrong(_names, $"the column '{_options.Image}' holds no image; remove rows without one before");
        }

        if (ReducedImage.SizeOf(image, _known) is var full && full != (image.Width, image.Height))
        {
            throw Wrong(_names, $"the picture of {full.Width}x{full.Height} pixels was decoded at {image.Width}x{image.Height}; load images without {nameof(ImageLoadOptions.NeededLongestSide)} to cut them into tiles");
        }

        image.CopyTo(ref _image);
        if (_getMask is not null)
        {
            VBuffer<byte> labels = default;
            _getMask(ref labels);
            _mask = labels.Length == (long)image.Width * image.Height
                ? new(image.Width, image.Height, [.. labels.DenseValues()])
                : throw Wrong(_masks, $"the mask in '{_options.Label}' has {labels.Length} values, and the image is of {image.Width}x{image.Height} pixels");
        }

        (_grid, _tile) = (new TileGrid(image.Width, image.Height, _options.Width, _options.Height, _options.Overlap), 0);
    }

    private static InvalidDataException Wrong(RowNames names, string what) => new($"{names.CurrentWithNumber}: {what}.");
}
