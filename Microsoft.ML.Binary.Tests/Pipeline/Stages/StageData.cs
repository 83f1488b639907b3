using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline.Stages;

/// <summary>A row with a mask of its own, for stages without a network before them.</summary>
internal sealed class MaskRow
{
    public byte[] PredictedLabel { get; set; } = [];

    public float[] Saliency { get; set; } = [];

    public int MaskHeight { get; set; }

    public int MaskWidth { get; set; }

    public string ImagePath { get; set; } = "";

    public static MaskRow Of(SegmentationMask mask, string path = "") => new()
    {
        PredictedLabel = mask.Labels,
        Saliency = [.. mask.Labels.Select(label => label % 11 / 10f)],
        MaskHeight = mask.Height,
        MaskWidth = mask.Width,
        ImagePath = path,
    };

    public static MaskRow Random(int width, int height, int seed) => Of(new(width, height, TestImages.Labels(width, height, seed)), $"{seed:D3}.png");
}

/// <summary>Pictures of columns, and models that went through a file.</summary>
internal static class StageData
{
    /// <summary>Blue, green, red, alpha of the images of a column.</summary>
    public static List<byte[]> Pictures(this IDataView view, string column)
    {
        List<byte[]> rows = [];
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(view.Schema[column]);
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getter(ref image);
            Assert.AreEqual(MLPixelFormat.Bgra32, image.PixelFormat);
            rows.Add([.. image.Pixels]);
            image.Dispose();
        }

        return rows;
    }

    public static ITransformer SavedAndLoaded(this ITransformer model, TestImages images)
    {
        new MLContext(1).Model.Save(model, null, images.File("model.zip"));
        return new MLContext(2).Model.Load(images.File("model.zip"), out _);
    }

    public static string[] SlotNames(this DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
