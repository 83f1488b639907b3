using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Cli;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class ImageLoadOptionsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void DamagedRow_IsAnExceptionThatNamesTheFile()
    {
        using Workplace place = new();
        File.WriteAllText(place.Image(1), "no image");
        IDataView scored = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(classes: 3)).Transform(_ml.Data.LoadImagePairs(place.Images, place.Masks));
        Exception error = Assert.Throws<Exception>(() => Names(scored, ImageDataColumns.PredictedLabel));
        StringAssert.Contains(error.Message, place.Image(1));
    }

    [TestMethod]
    public void DamagedRows_AreLeftOutAndToldOnce()
    {
        using Workplace place = new(images: 6);
        File.WriteAllText(place.Image(1), "no image");
        File.WriteAllBytes(place.Mask(3), File.ReadAllBytes(place.Mask(3))[..^20]);
        MaskWriter.Save(place.Mask(5), new SegmentationMask(2, 2, new byte[4]));
        List<UnreadableImage> told = [];
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Masks, new ImageLoadOptions { OnUnreadable = told.Add });
        Assert.IsNull(data.GetRowCount());
        string[] expected = [place.Image(0), place.Image(2), place.Image(4)];

        // Whatever columns are asked for, and however often, the rows are the same.
        CollectionAssert.AreEqual(expected, Names(data));
        CollectionAssert.AreEqual(expected, Names(data, ImageDataColumns.Image));
        CollectionAssert.AreEqual(expected, Names(data, ImageDataColumns.Label));
        CollectionAssert.AreEqual(new[] { place.Image(1), place.Image(3), place.Image(5) }, told.Select(row => row.ImagePath).ToArray());
        StringAssert.Contains(told[0].Reason, place.Image(1));
        StringAssert.Contains(told[1].Reason, place.Mask(3));
        StringAssert.Contains(told[2].Reason, "2x2");

        IDataView scored = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(classes: 3)).Transform(data);
        Assert.AreEqual(3, _ml.Segmentation.Evaluate(scored).ImageCount);
    }

    [TestMethod]
    public void CursorSets_LeaveOutTheSameRows()
    {
        using Workplace place = new(images: 7);
        File.WriteAllText(place.Image(2), "no image");
        IDataView data = _ml.Data.LoadImages(place.Images, new ImageLoadOptions { OnUnreadable = _ => { } });
        DataViewRowCursor[] cursors = data.GetRowCursorSet([data.Schema[ImageDataColumns.ImagePath]], 3);
        List<string> names = [];
        foreach (DataViewRowCursor cursor in cursors)
        {
            long expected = 0;
            names.AddRange(NamesOf(cursor, () => Assert.AreEqual(expected++, cursor.Position)));
        }

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 7).Where(i => i != 2).Select(place.Image).ToArray(), names);
    }

    [TestMethod]
    public void FoldersWithSuffixesAndSubfolders_AreLoaded()
    {
        using Workplace place = new();
        Directory.CreateDirectory(Path.Combine(place.Images, "sub"));
        Directory.CreateDirectory(Path.Combine(place.Masks, "sub"));
        File.Move(place.Image(2), Path.Combine(place.Images, "sub", "x.png"));
        File.Move(place.Mask(2), Path.Combine(place.Masks, "sub", "x.png"));
        List<string> said = [];
        Assert.AreEqual(2L, _ml.Data.LoadImagePairs(place.Images, place.Masks, new ImageLoadOptions { Report = said.Add }).GetRowCount());
        StringAssert.Contains(said[0], "sub with 1 image");
        Assert.AreEqual(3L, _ml.Data.LoadImagePairs(place.Images, place.Masks, new ImageLoadOptions { Recursive = true }).GetRowCount());
        Assert.AreEqual(3L, _ml.Data.LoadImages(place.Images, new ImageLoadOptions { Recursive = true }).GetRowCount());

        File.Move(place.Image(0), Path.Combine(place.Images, "000_seen.png"));
        File.Move(place.Mask(0), Path.Combine(place.Masks, "000_drawn.png"));
        File.Move(place.Image(1), Path.Combine(place.Images, "001_seen.png"));
        File.Move(place.Mask(1), Path.Combine(place.Masks, "001_drawn.png"));
        Assert.ThrowsExactly<InvalidDataException>(() => _ml.Data.LoadImagePairs(place.Images, place.Masks));
        IDataView named = _ml.Data.LoadImagePairs(place.Images, place.Masks, new ImageLoadOptions { ImageSuffix = "_seen", MaskSuffix = "_drawn" });
        CollectionAssert.AreEqual(new[] { "000_drawn.png", "001_drawn.png" }, named.GetColumn<string>(ImageDataColumns.MaskPath).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    [DoNotParallelize]
    public void RelativeFolders_StayThoseOfTheTimeOfLoading()
    {
        using Workplace place = new();
        string before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = Path.GetDirectoryName(place.Images)!;
            IDataView data = _ml.Data.LoadImagePairs("images", "masks");
            Environment.CurrentDirectory = Path.GetPathRoot(before)!;
            CollectionAssert.AreEqual(
                Enumerable.Range(0, 3).Select(i => Path.Combine("images", $"{i:D3}.png")).ToArray(), Names(data, ImageDataColumns.Image, ImageDataColumns.Label));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [TestMethod]
    public void ColorMasks_BecomeClassIndices()
    {
        using Workplace place = new(images: 1);
        RgbImage mask = new(Workplace.Width, Workplace.Height);
        mask[3, 2] = new(255, 0, 0);
        mask.SavePng(place.Mask(0));
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Masks, new ImageLoadOptions { Colors = new([new RgbColor(0, 0, 0), new RgbColor(255, 0, 0)]) });
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[ImageDataColumns.Label]]);
        VBuffer<byte> label = default;
        Assert.IsTrue(cursor.MoveNext());
        cursor.GetGetter<VBuffer<byte>>(data.Schema[ImageDataColumns.Label])(ref label);
        Assert.AreEqual(1, label.GetItemOrDefault(2 * Workplace.Width + 3));
    }

    [TestMethod]
    public void CacheAndShuffle_AreNamedWhereTheyDroppedTheImages()
    {
        using Workplace place = new();
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Masks);
        SegmentationTransformer model = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(classes: 3));
        foreach (IDataView dropped in new[] { _ml.Data.Cache(data), _ml.Data.ShuffleRows(data) })
        {
            if (dropped.Schema.GetColumnOrNull(ImageDataColumns.Image) is not null)
            {
                model.Transform(dropped);
                continue;
            }

            string message = Assert.ThrowsExactly<ArgumentException>(() => model.Transform(dropped)).Message;
            StringAssert.Contains(message, "Cache, AppendCacheCheckpoint and ShuffleRows drop such columns");
        }

        // ML.NET's own loader gives the images no paths.
        IDataView files = _ml.Transforms.CopyColumns("File", "ImagePath").Append(_ml.Transforms.DropColumns("Image", "ImagePath", "MaskPath")).Fit(data).Transform(data);
        var pipeline = _ml.Transforms.LoadImages("Image", "", "File").AppendCacheCheckpoint(_ml).Append(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation(classes: 3)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => pipeline.Fit(files)).Message, "AppendCacheCheckpoint");

        Assert.DoesNotContain("Cache", Assert.ThrowsExactly<ArgumentException>(() => _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(classes: 3), new() { ImageColumnName = "Picture" }).Transform(data)).Message);
    }

    private string[] Names(IDataView data, params string[] more)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[ImageDataColumns.ImagePath], .. more.Select(name => data.Schema[name])]);
        Action read = () => { };
        foreach (string name in more)
        {
            DataViewSchema.Column column = data.Schema[name];
            if (name == ImageDataColumns.Image)
            {
                ValueGetter<MLImage> get = cursor.GetGetter<MLImage>(column);
                read += () =>
                {
                    MLImage image = null!;
                    get(ref image);
                    image.Dispose();
                };
            }
            else
            {
                ValueGetter<VBuffer<byte>> get = cursor.GetGetter<VBuffer<byte>>(column);
                read += () =>
                {
                    VBuffer<byte> labels = default;
                    get(ref labels);
                };
            }
        }

        return NamesOf(cursor, read);
    }

    private static string[] NamesOf(DataViewRowCursor cursor, Action read)
    {
        ValueGetter<ReadOnlyMemory<char>> get = cursor.GetGetter<ReadOnlyMemory<char>>(cursor.Schema[ImageDataColumns.ImagePath]);
        List<string> names = [];
        ReadOnlyMemory<char> name = default;
        while (cursor.MoveNext())
        {
            get(ref name);
            read();
            names.Add(name.ToString());
        }

        return [.. names];
    }
}
