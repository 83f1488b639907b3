using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Reads training samples from a view: each pass opens a cursor of its own, and no more than a row is held.</summary>
internal static class TrainingData
{
    /// <summary>Looks for the columns that a trainer reads; no row is read.</summary>
    /// <exception cref="ArgumentException">One is missing or of another type.</exception>
    public static void CheckColumns(IDataView data, DenseTrainerOptions options)
    {
        _ = DataColumns.Images(data.Schema, options.ImageColumnName);
        foreach (string label in options.LabelColumns)
        {
            _ = DataColumns.Bytes(data.Schema, label);
        }
    }

    /// <summary>Width and height of every image; of those so far, at least one, once it is cancelled.</summary>
    public static IEnumerable<(int Width, int Height)> ReadSizes(IDataView data, string imageColumn, CancellationToken cancellation = default)
    {
        DataViewSchema.Column image = DataColumns.Images(data.Schema, imageColumn);
        KnownSize? known = KnownSize.Of(image);
        using DataViewRowCursor cursor = data.GetRowCursor([image, .. RowNames.Columns(data.Schema)]);
        RowNames names = RowNames.OfImages(cursor);
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
        RowNames names = RowNames.OfMasks(cursor), imageNames = RowNames.OfImages(cursor);
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
                ?? throw new InvalidDataException($"{imageNames.CurrentWithNumber}: the column '{imageColumn}' holds no image.");
            (int Width, int Height) full = ReducedImage.SizeOf(pixels, known);
            yield return new TrainingSample(names.CurrentWithNumber, rgb, masks[0])
            {
                MoreMasks = masks[1..],
                FullSize = full == (rgb.Width, rgb.Height) ? null : full,
            };
        }
    }
}
