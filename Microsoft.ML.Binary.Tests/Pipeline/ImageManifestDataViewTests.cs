using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class ImageManifestDataViewTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void RowsAreThoseOfTheManifest_InItsOrder()
    {
        using TestImages images = new((8, 5), (7, 9), (6, 6));
        File.WriteAllText(images.File("a.csv"), "name,path\nb/two,images/002.png\nzero,images/000.png\none,images/001.png\n");
        IDataView view = _ml.Data.LoadImageManifest(images.File("a.csv"));
        CollectionAssert.AreEqual(new[] { "Image", "ImagePath", "ImageName" }, view.Schema.Names());
        Assert.AreEqual(3, view.GetRowCount());
        Assert.IsFalse(view.CanShuffle);
        CollectionAssert.AreEqual(new[] { "b/two", "zero", "one" }, Names(view));
        List<MLImage> pictures = view.Values<MLImage>("Image");
        CollectionAssert.AreEqual(RgbImage.Load(images.ImagePath(2)).Pixels, pictures[0].ToRgbImage().Pixels);
        pictures.ForEach(picture => picture.Dispose());

        DataViewRowCursor[] cursors = view.GetRowCursorSet(view.Schema, 2);
        Assert.IsTrue(cursors[1].MoveNext());
        Assert.AreEqual(1, cursors[1].Batch);
        Assert.IsFalse(cursors[1].MoveNext());
        Assert.IsFalse(cursors[1].MoveNext());
        Assert.IsTrue(cursors[0].MoveNext());
        Assert.IsTrue(cursors[0].MoveNext());
        Assert.AreEqual((1L, 2L), (cursors[0].Position, cursors[0].Batch));
        Assert.IsFalse(cursors[0].MoveNext());
        Array.ForEach(cursors, cursor => cursor.Dispose());
    }

    [TestMethod]
    public void ShardsTogether_AreTheWhole()
    {
        using TestImages images = new((8, 5), (7, 9), (6, 6), (5, 5), (4, 4));
        File.WriteAllLines(images.File("a.txt"), Enumerable.Range(0, 5).Select(i => $"images/{i:D3}.png"));
        string[] shards = [.. Enumerable.Range(1, 3).SelectMany(i => Names(_ml.Data.LoadImageManifest(images.File("a.txt"), shard: new(i, 3))))];
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 5).Select(i => $"images/{i:D3}").ToArray(), shards);
    }

    [TestMethod]
    public void UnreadableImages_AreLeftOutAndToldOnce()
    {
        using TestImages images = new((8, 5), (7, 9), (6, 6));
        File.WriteAllText(images.ImagePath(1), "not an image");
        File.WriteAllLines(images.File("a.txt"), Enumerable.Range(0, 3).Select(i => $"images/{i:D3}.png"));
        List<UnreadableImage> told = [];
        IDataView view = _ml.Data.LoadImageManifest(images.File("a.txt"), new() { OnUnreadable = told.Add });
        Assert.IsNull(view.GetRowCount());
        CollectionAssert.AreEqual(new[] { "images/000", "images/002" }, Names(view));
        CollectionAssert.AreEqual(new[] { "images/000", "images/002" }, Names(view));
        Assert.AreEqual(images.ImagePath(1), told.Single().ImagePath);
    }

    [TestMethod]
    public void Transformers_ScoreIt()
    {
        using TestImages images = new((24, 16), (16, 24));
        File.WriteAllLines(images.File("a.txt"), ["images/001.png", "images/000.png"]);
        SegmentationTransformer model = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        ScoredRows.AreEqual(
            [.. model.Transform(_ml.Data.LoadImages(images.Images)).Vectors<byte>("PredictedLabel").AsEnumerable().Reverse()],
            model.Transform(_ml.Data.LoadImageManifest(images.File("a.txt"))).Vectors<byte>("PredictedLabel"));
    }

    private static string[] Names(IDataView view) => [.. view.Values<ReadOnlyMemory<char>>("ImageName").Select(name => name.ToString())];
}
