using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Reads training samples from a view: each pass opens a cursor of its own, and no more than a row is held.</summary>
internal static class TrainingData
{
    /// <summary>Width and height of every image; of those so far, at least one, once it is cancelled.</summary>
    public static IEnumerable<(int Width, int Height)> ReadSizes(IDataView data, string imageColumn, CancellationToken cancellation = default)
    {
        DataViewSchema.Column image = DataColumns.Images(data.Schema, imageColumn);
        KnownSize? known = KnownSize.Of(image);
        using DataViewRowCursor cursor = data.GetRowCursor([image, .. RowNames.Columns(data.Schema)]);
        RowNames names = new(cursor);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(image);
        MLImage pixels = null!;
        while (cursor.MoveNext())
        {
            getImage(ref pixels);
            yield return pixels is null
                ? throw new InvalidDataException($"{names.CurrentWithNumber}: the column '{imageColumn}' holds no image.")
                : ReducedImage.SizeOf(pixels, known);
            if (cancellation.IsCancellationRequested)
            {
                yield break;
            }
        }
    }

    /// <summary>Images with their masks, one of each column.</summary>
    public static IEnumerable<TrainingSample> Read(IDataView data, string imageColumn, IReadOnlyList<string> labelColumns, CancellationToken cancellation = default)
    {
        DataViewSchema.Column image = DataColumns.Images(data.Schema, imageColumn);
        KnownSize? known = KnownSize.Of(image);
        DataViewSchema.Column[] labels = [.. labelColumns.Select(name => DataColumns.Bytes(data.Schema, name))];
        using DataViewRowCursor cursor = data.GetRowCursor([image, .. labels, .. RowNames.Columns(data.Schema)]);
        RowNames names = new(cursor);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(image);
        ValueGetter<VBuffer<byte>>[] getLabels = [.. labels.Select(cursor.GetGetter<VBuffer<byte>>)];
        MLImage pixels = null!;
        VBuffer<byte> mask = default;
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            byte[][] masks = [.. getLabels.Select(getLabel =>
            {
                getLabel(ref mask);
                return (byte[])[.. mask.DenseValues()];
            })];
            getImage(ref pixels);
            RgbImage rgb = pixels?.ToRgbImage()
                ?? throw new InvalidDataException($"{names.CurrentWithNumber}: the column '{imageColumn}' holds no image.");
            (int Width, int Height) full = ReducedImage.SizeOf(pixels, known);
            yield return new TrainingSample(names.CurrentWithNumber, rgb, masks[0])
            {
                MoreMasks = masks[1..],
                FullSize = full == (rgb.Width, rgb.Height) ? null : full,
            };
        }
    }
}
