using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Reads training samples from a view: each pass opens a cursor of its own, and no more than a row is held.</summary>
internal static class TrainingData
{
    /// <summary>Width and height of every image.</summary>
    public static IEnumerable<(int Width, int Height)> ReadSizes(IDataView data, string imageColumn)
    {
        DataViewSchema.Column image = DataColumns.Images(data.Schema, imageColumn);
        using DataViewRowCursor cursor = data.GetRowCursor([image, .. RowNames.Columns(data.Schema)]);
        RowNames names = new(cursor);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(image);
        MLImage pixels = null!;
        while (cursor.MoveNext())
        {
            getImage(ref pixels);
            yield return pixels is null
                ? throw new InvalidDataException($"{names.CurrentWithNumber}: the column '{imageColumn}' holds no image.")
                : ReducedImage.FullSizeOf(pixels);
        }
    }

    public static IEnumerable<TrainingSample> Read(IDataView data, string imageColumn, string labelColumn)
    {
        DataViewSchema.Column image = DataColumns.Images(data.Schema, imageColumn);
        DataViewSchema.Column label = DataColumns.Bytes(data.Schema, labelColumn);
        using DataViewRowCursor cursor = data.GetRowCursor([image, label, .. RowNames.Columns(data.Schema)]);
        RowNames names = new(cursor);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(image);
        ValueGetter<VBuffer<byte>> getLabel = cursor.GetGetter<VBuffer<byte>>(label);
        MLImage pixels = null!;
        VBuffer<byte> mask = default;
        while (cursor.MoveNext())
        {
            getLabel(ref mask);
            getImage(ref pixels);
            RgbImage rgb = pixels?.ToRgbImage()
                ?? throw new InvalidDataException($"{names.CurrentWithNumber}: the column '{imageColumn}' holds no image.");
            (int Width, int Height) full = ReducedImage.FullSizeOf(pixels);
            yield return new TrainingSample(names.CurrentWithNumber, rgb, [.. mask.DenseValues()])
            {
                FullSize = full == (rgb.Width, rgb.Height) ? null : full,
            };
        }
    }
}
