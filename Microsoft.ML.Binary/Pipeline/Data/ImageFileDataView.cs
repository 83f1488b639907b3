using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>An image file and the files of its masks: as they were named, and where they are even if the program goes to another folder.</summary>
internal readonly record struct ImageFileRow(string ImagePath, ImmutableArray<string> MaskPaths)
{
    public string FullImagePath { get; } = Path.GetFullPath(ImagePath);

    public ImmutableArray<string> FullMaskPaths { get; } = [.. MaskPaths.Select(Path.GetFullPath)];

    /// <summary>What a manifest calls the image.</summary>
    public string? Name { get; init; }
}

/// <summary>A column of masks.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Path">The name of the column of the masks' files; null for none.</param>
/// <param name="Kind">How masks are meant.</param>
/// <param name="Classes">Where given, labels are checked to be below it (or 255).</param>
/// <param name="Colors">What colours mean in masks that are stored as RGB.</param>
internal sealed record MaskColumn(string Label, string? Path, MaskKind Kind, int? Classes = null, MaskColors? Colors = null)
{
    /// <summary>The column itself, if masks can be meant so.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind, or the number of classes is out of range or given for saliency.</exception>
    public MaskColumn Checked()
    {
        if (Kind is not (MaskKind.ClassIndices or MaskKind.Saliency))
        {
            throw new ArgumentOutOfRangeException("masks", Kind, "There is no such kind of mask.");
        }

        return Classes is < 1 or > 255 || (Classes is not null && Kind == MaskKind.Saliency)
            ? throw new ArgumentOutOfRangeException("numberOfClasses", Classes, "The number of classes must be from 1 to 255, and saliency masks have none.")
            : this;
    }
}

/// <summary>A lazy view of image files and their masks: a file is read when a cursor stands on its row and a column of it is asked for.</summary>
internal sealed class ImageFileDataView : IDataView
{
    private const byte Unknown = 0, Readable = 1, Unreadable = 2;

    private readonly IImageFileRows _rows;
    private readonly ImageLoadOptions _options;
    private readonly ImmutableArray<MaskColumn> _masks;

    // Of each row, where unreadable ones are left out: one that was read once is one from then on.
    private readonly byte[] _states;

    /// <param name="rows">Where the files are named.</param>
    /// <param name="masks">The columns of masks; none for images alone.</param>
    /// <param name="options">Everything else.</param>
    public ImageFileDataView(IImageFileRows rows, ImmutableArray<MaskColumn> masks, ImageLoadOptions options)
    {
        (_rows, _masks, _options) = (rows, masks, options);
        _states = options.OnUnreadable is null ? [] : new byte[rows.Ids];
        DataViewSchema.Builder schema = new();
        schema.AddColumn(ImageDataColumns.Image, ImageColumn.Type, null);
        foreach (MaskColumn mask in masks)
        {
            schema.AddColumn(mask.Label, new VectorDataViewType(NumberDataViewType.Byte), null);
        }

        if (!masks.IsEmpty)
        {
            schema.AddColumn(ImageDataColumns.MaskHeight, NumberDataViewType.Int32, null);
            schema.AddColumn(ImageDataColumns.MaskWidth, NumberDataViewType.Int32, null);
        }

        schema.AddColumn(ImageDataColumns.ImagePath, TextDataViewType.Instance, null);
        foreach (string path in masks.Select(mask => mask.Path).OfType<string>())
        {
            schema.AddColumn(path, TextDataViewType.Instance, null);
        }

        if (rows.HaveNames)
        {
            schema.AddColumn(ImageDataColumns.ImageName, TextDataViewType.Instance, null);
        }

        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    /// <summary>The columns of masks.</summary>
    public ImmutableArray<MaskColumn> Masks => _masks;

    public bool CanShuffle => _rows.CanShuffle;

    public long? GetRowCount() => _options.OnUnreadable is null ? _rows.Count : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    /// <summary>Cursor k of n gets the rows k, k + n, k + 2n, ... of the order, each as a batch of its own, so that they can be merged in order.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        bool[] active = Getters.Active(Schema, columnsNeeded);
        IEnumerable<(int, ImageFileRow)> rows = _rows.InOrder(rand);
        bool readsAhead = _options.ReadAhead && n == 1 && Environment.ProcessorCount > 1;
        return [.. Enumerable.Range(0, n).Select(k => new ImageFileCursor(this, new ImageFileWalk(this, rows.GetEnumerator(), k, n), active, readsAhead))];
    }

    /// <summary>What is in the files of a row; null if the row is left out.</summary>
    public ImageFileRowContent? Content(int index, ImageFileRow row, CancellationToken cancellation)
    {
        ImageFileRowContent content = new(row, _masks, _options.NeededLongestSide, cancellation);
        if (_options.OnUnreadable is not { } report || Volatile.Read(ref _states[index]) == Readable)
        {
            return content;
        }

        if (_states[index] == Unknown)
        {
            Exception? problem = content.Problem();
            if (problem is null)
            {
                Volatile.Write(ref _states[index], Readable);
                return content;
            }

            if (Interlocked.CompareExchange(ref _states[index], Unreadable, Unknown) == Unknown)
            {
                report(new(row.ImagePath, row.MaskPaths.FirstOrDefault(), ErrorText.Of(problem)));
            }
        }

        return null;
    }
}
