using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class ImageFileDataViewTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void PairsHaveImageMaskSizeAndPaths()
    {
        using TestImages images = new((8, 5), (7, 9));

        IDataView view = _ml.Data.LoadImagePairs(images.Images, images.Masks);

        CollectionAssert.AreEqual(new[] { "Image", "Label", "MaskHeight", "MaskWidth", "ImagePath", "MaskPath" }, view.Schema.Names());
        Assert.AreEqual(2, view.GetRowCount());
        ScoredRows.AreEqual([TestImages.Labels(8, 5, 0), TestImages.Labels(7, 9, 1)], view.Vectors<byte>("Label"));
        CollectionAssert.AreEqual(new[] { 5, 9 }, view.Values<int>("MaskHeight"));
        CollectionAssert.AreEqual(new[] { 8, 7 }, view.Values<int>("MaskWidth"));
        CollectionAssert.AreEqual(
            new[] { images.ImagePath(0), images.ImagePath(1) }, view.Values<ReadOnlyMemory<char>>("ImagePath").ConvertAll(path => path.ToString()));
        CollectionAssert.AreEqual(
            new[] { images.MaskPath(0), images.MaskPath(1) }, view.Values<ReadOnlyMemory<char>>("MaskPath").ConvertAll(path => path.ToString()));
    }

    /// <summary>As ML.NET has it of every cursor.</summary>
    [TestMethod]
    public void BeforeAndBehindTheRows_ThePositionIsNone()
    {
        using TestImages images = new((8, 5), (7, 9));
        using DataViewRowCursor cursor = _ml.Data.LoadImages(images.Images).GetRowCursor([]);
        List<long> positions = [cursor.Position];
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(i < 2, cursor.MoveNext());
            positions.Add(cursor.Position);
        }

        CollectionAssert.AreEqual(new long[] { -1, 0, 1, -1, -1 }, positions);
    }

    /// <summary>Rows that are mapped dispose of the row below, which whoever made it does too.</summary>
    [TestMethod]
    public void CursorsAreDisposedOfAsOftenAsYouLike()
    {
        using TestImages images = new((8, 5), (7, 9), (6, 6));
        IDataView photos = _ml.Data.LoadImages(images.Images), pairs = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        IDataView tiles = _ml.Data.SplitIntoTiles(pairs, 4, 4, labelColumnName: "Label"), scored = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()).Transform(pairs);
        foreach (IDataView view in new[]
        {
            photos, pairs, tiles, scored, _ml.Segmentation.MergeTiles(tiles, "Label"), _ml.Segmentation.Regions().Fit(scored).Transform(scored),
            new FoldDataView(pairs, [0, 1, 0], 0, isHeldOut: false), _ml.Segmentation.Evaluate(scored).ToDataView(),
        })
        {
            foreach (DataViewRowCursor cursor in view.GetRowCursorSet(view.Schema, 2).Append(view.GetRowCursor(view.Schema)))
            {
                Assert.IsTrue(cursor.MoveNext());
                cursor.Dispose();
                cursor.Dispose();
            }
        }

        using DataViewRowCursor input = photos.GetRowCursor(photos.Schema);
        IRowToRowMapper mapper = ((ITransformer)_ml.Transforms.CopyColumns("Copy", "ImagePath").Fit(photos)).GetRowToRowMapper(photos.Schema);
        using DataViewRow row = mapper.GetRow(input, [mapper.OutputSchema["Copy"]]);
        Assert.IsTrue(input.MoveNext());
    }

    [TestMethod]
    public void ImagesAreFreshAndStayUsable()
    {
        using TestImages images = new((8, 5), (7, 9));
        IDataView view = _ml.Data.LoadImages(images.Images);

        List<MLImage> first = view.Values<MLImage>("Image"), second = view.Values<MLImage>("Image");

        CollectionAssert.AreEqual(new[] { "Image", "ImagePath" }, view.Schema.Names());
        for (int i = 0; i < 2; i++)
        {
            Assert.AreNotSame(first[i], second[i]);
            CollectionAssert.AreEqual(RgbImage.Load(images.ImagePath(i)).Pixels, first[i].ToRgbImage().Pixels);
            first[i].Dispose();
            CollectionAssert.AreEqual(RgbImage.Load(images.ImagePath(i)).Pixels, second[i].ToRgbImage().Pixels);
        }
    }

    [TestMethod]
    public void SaliencyMasksAreGrayValues()
    {
        using TestImages images = new((2, 1));
        File.Delete(images.MaskPath(0));
        File.WriteAllBytes(Path.ChangeExtension(images.MaskPath(0), ".pgm"), [.. Encoding.ASCII.GetBytes("P5 2 1 1\n"), 0, 1]);

        CollectionAssert.AreEqual(new byte[] { 0, 255 }, _ml.Data.LoadImagePairs(images.Images, images.Masks, MaskKind.Saliency).Vectors<byte>("Label")[0]);
        CollectionAssert.AreEqual(new byte[] { 0, 1 }, _ml.Data.LoadImagePairs(images.Images, images.Masks).Vectors<byte>("Label")[0]);
    }

    [TestMethod]
    public void OnlyWhatIsAskedForIsRead()
    {
        using TestImages images = new((8, 5), (7, 9));
        IDataView view = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        File.WriteAllText(images.ImagePath(0), "damaged");

        Assert.HasCount(2, view.Vectors<byte>("Label"));
        StringAssert.Contains(Refused(() => view.Values<MLImage>("Image")), images.ImagePath(0));
    }

    [TestMethod]
    public void ShufflingKeepsIds()
    {
        using TestImages images = new([.. Enumerable.Range(1, 12).Select(i => (i, 1))]);
        IDataView view = _ml.Data.LoadImages(images.Images);

        List<(ulong Id, int Width)> straight = Rows(view.GetRowCursor(view.Schema)), shuffled = Rows(view.GetRowCursor(view.Schema, new Random(7)));

        CollectionAssert.AreEqual(Enumerable.Range(1, 12).ToArray(), straight.ConvertAll(row => row.Width));
        CollectionAssert.AreNotEqual(straight, shuffled);
        CollectionAssert.AreEquivalent(straight, shuffled);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(7)]
    public void CursorSetSharesTheRowsOut(int? seed)
    {
        using TestImages images = new([.. Enumerable.Range(1, 8).Select(i => (i, 1))]);
        IDataView view = _ml.Data.LoadImages(images.Images);

        DataViewRowCursor[] cursors = view.GetRowCursorSet(view.Schema, 3, seed is int value ? new Random(value) : null);

        Assert.HasCount(3, cursors);
        List<(long Batch, int Width)> rows = [];
        foreach (DataViewRowCursor cursor in cursors)
        {
            int before = rows.Count;
            ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
            MLImage image = null!;
            while (cursor.MoveNext())
            {
                getter(ref image);
                rows.Add((cursor.Batch, image.Width));
            }

            Assert.IsTrue(rows.Count - before is 2 or 3, "8 rows are 3, 3 and 2");
        }

        List<(ulong, int Width)> expected = Rows(view.GetRowCursor(view.Schema, seed is int same ? new Random(same) : null));
        CollectionAssert.AreEqual(expected.ConvertAll(row => row.Width), rows.OrderBy(row => row.Batch).Select(row => row.Width).ToArray());
    }

    [TestMethod]
    public void CursorRefusesWhatItHasNot()
    {
        using TestImages images = new((8, 5));
        IDataView view = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Label"]]);

        Assert.IsTrue(cursor.IsColumnActive(view.Schema["Label"]));
        Assert.IsFalse(cursor.IsColumnActive(view.Schema["Image"]));
        StringAssert.Contains(NotNow(() => cursor.GetGetter<MLImage>(view.Schema["Image"])), "'Image' was not asked for");
        StringAssert.Contains(NotNow(() => cursor.GetGetter<int>(view.Schema["Label"])), "'Label' has values of type");
        ValueGetter<VBuffer<byte>> getter = cursor.GetGetter<VBuffer<byte>>(view.Schema["Label"]);
        VBuffer<byte> label = default;
        StringAssert.Contains(NotNow(() => getter(ref label)), "stands on no row");
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        StringAssert.Contains(NotNow(() => getter(ref label)), "stands on no row");
    }

    /// <summary>Nothing that was scored before stands in for a row that is not there, also where no value was asked for on a row.</summary>
    [TestMethod]
    public void OutsideOfTheRows_ScoresAndStagesAreRefusedToo()
    {
        using TestImages images = new((8, 5));
        IDataView scored = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()).Transform(_ml.Data.LoadImages(images.Images));
        IDataView view = _ml.Segmentation.ClassShares().Fit(scored).Transform(scored);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<VBuffer<byte>> labels = cursor.GetGetter<VBuffer<byte>>(view.Schema["PredictedLabel"]);
        ValueGetter<VBuffer<float>> shares = cursor.GetGetter<VBuffer<float>>(view.Schema["ClassShares"]);
        VBuffer<byte> label = default;
        VBuffer<float> share = default;
        StringAssert.Contains(NotNow(() => labels(ref label)), "stands on no row");
        StringAssert.Contains(NotNow(() => shares(ref share)), "stands on no row");
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        StringAssert.Contains(NotNow(() => labels(ref label)), "stands on no row");
        StringAssert.Contains(NotNow(() => shares(ref share)), "stands on no row");
    }

    [TestMethod]
    public void FoldersThatDoNotFitAreNamed()
    {
        using TestImages images = new((8, 5), (7, 9));
        string missing = images.File("nowhere"), empty = images.File("empty");
        Directory.CreateDirectory(empty);

        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(() => _ml.Data.LoadImages(missing)).Message, missing);
        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(() => _ml.Data.LoadImagePairs(images.Images, missing)).Message, missing);
        StringAssert.Contains(Refused(() => _ml.Data.LoadImages(empty)), empty);
        StringAssert.Contains(Refused(() => _ml.Data.LoadImages(Array.Empty<string>())), "the list of files is empty");
        StringAssert.Contains(Refused(() => _ml.Data.LoadImagePairs(Array.Empty<ImagePair>())), "the list of files is empty");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadImagePairs(images.Images, images.Masks, numberOfClasses: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadImagePairs(images.Images, images.Masks, MaskKind.Saliency, 2));
        File.Delete(images.MaskPath(1));
        StringAssert.Contains(Refused(() => _ml.Data.LoadImagePairs(images.Images, images.Masks)), images.ImagePath(1));
    }

    [TestMethod]
    [DataRow(MaskKind.Saliency, 3, "numberOfClasses")]
    [DataRow(MaskKind.ClassIndices, 0, "numberOfClasses")]
    [DataRow(MaskKind.ClassIndices, 300, "numberOfClasses")]
    [DataRow((MaskKind)7, null, "masks")]
    public void FilesThatAreReadByThemselves_HaveTheChecksOfViews(MaskKind kind, int? classes, string parameter)
    {
        using TestImages images = new((8, 5));
        ImagePair pair = ImageFolder.Pair(images.Images, images.Masks)[0];
        TaskMasks[] tasks = [new("task", images.Masks, kind) { NumberOfClasses = classes }];
        AssertRefused(() => _ml.Data.LoadImagePairs([pair], kind, classes));
        AssertRefused(() => ImagePairReader.Load(pair, kind, classes));
        AssertRefused(() => TaskImages.Load(new("task", pair.ImagePath, [pair.MaskPath]), tasks));

        void AssertRefused(Action load) => Assert.AreEqual(parameter, Assert.ThrowsExactly<ArgumentOutOfRangeException>(load).ParamName);
    }

    [TestMethod]
    public void MaskOfAnotherSizeIsNamed()
    {
        using TestImages images = new((8, 5), (7, 9));
        MaskWriter.Save(images.MaskPath(1), new SegmentationMask(9, 7, new byte[63]));
        IDataView view = _ml.Data.LoadImagePairs(images.Images, images.Masks);

        string message = Refused(() => view.Preview());

        StringAssert.Contains(message, $"{images.MaskPath(1)}: the mask is 9x7, but its image {images.ImagePath(1)} is 7x9");
    }

    /// <summary>Whichever of the two is read last is refused, however often it is asked for.</summary>
    [TestMethod]
    public void MaskOfAnotherSizeIsRefusedEachTime()
    {
        using TestImages images = new((7, 9));
        MaskWriter.Save(images.MaskPath(0), new SegmentationMask(9, 7, new byte[63]));
        IDataView view = _ml.Data.LoadImagePairs(images.Images, images.Masks, new ImageLoadOptions { ReadAhead = false });
        foreach (bool maskFirst in new[] { true, false })
        {
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(view.Schema["Image"]);
            ValueGetter<int> getHeight = cursor.GetGetter<int>(view.Schema["MaskHeight"]);
            MLImage image = null!;
            int height = 0;
            Action readImage = () => getImage(ref image), readHeight = () => getHeight(ref height);
            (Action good, Action bad) = maskFirst ? (readHeight, readImage) : (readImage, readHeight);
            Assert.IsTrue(cursor.MoveNext());
            for (int i = 0; i < 2; i++)
            {
                good();
                StringAssert.Contains(Refused(bad), "the mask is 9x7");
            }
        }
    }

    [TestMethod]
    public void ImagesAreUprightAndAMaskThatIsNotIsToldSo()
    {
        using TestImages images = new((8, 5));
        byte[] exif = EncodedImages.Exif(ImageOrientation.Rotated90);
        File.WriteAllBytes(images.ImagePath(0), EncodedImages.Png(EncodedImages.Picture(8, 5), TestPng.Chunk("eXIf", exif)));
        IDataView view = _ml.Data.LoadImagePairs(images.Images, images.Masks);

        MLImage image = view.Values<MLImage>("Image")[0];
        string message = Refused(() => view.Preview());

        Assert.AreEqual((5, 8), (image.Width, image.Height));
        StringAssert.Contains(message, "the mask is 8x5");
        StringAssert.Contains(message, "the mask must be upright too");
    }

    [TestMethod]
    public void ClassOutOfRangeIsNamedWithPixelAndValue()
    {
        using TestImages images = new((8, 5));
        byte[] labels = new byte[40];
        labels[2 * 8 + 6] = 3;
        MaskWriter.Save(images.MaskPath(0), new SegmentationMask(8, 5, labels));

        Assert.HasCount(1, _ml.Data.LoadImagePairs(images.Images, images.Masks, numberOfClasses: 4).Vectors<byte>("Label"));
        string message = Refused(() => _ml.Data.LoadImagePairs(images.Images, images.Masks, numberOfClasses: 3).Vectors<byte>("Label"));

        StringAssert.Contains(message, $"{images.MaskPath(0)}: pixel x=6, y=2: class index 3");
    }

    [TestMethod]
    public void DamagedImagesAreNamed()
    {
        using TestImages images = new((40, 30));
        byte[] png = File.ReadAllBytes(images.ImagePath(0));
        byte[] noSize = TestPng.File(TestPng.Header(0, 3, ColorModel.Gray, 8), TestPng.Chunk("IEND"));

        Damaged("truncated.png", png[..(png.Length / 2)]);
        Damaged("zero.png", noSize);
        Damaged("empty.png", []);
        Damaged("text.jpg", Encoding.ASCII.GetBytes("this is no image at all, but a text"));
        StringAssert.Contains(Damaged("truncated.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0]), "the JPEG file is truncated");
        StringAssert.Contains(Damaged("noframe.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xDA, 0, 2, 1, 2, 3]), "no frame header");
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Data.LoadImages([images.File("gone.png")]).Values<MLImage>("Image")).Message, "gone.png");

        string Damaged(string name, byte[] content)
        {
            string path = images.File(name);
            File.WriteAllBytes(path, content);
            string message = Refused(() => _ml.Data.LoadImages([path]).Values<MLImage>("Image"));
            StringAssert.Contains(message, path);
            return message;
        }
    }

    [TestMethod]
    public void OtherFormatsAreReadWhereMlNetReadsThem()
    {
        using TestImages images = new((40, 30));
        string jpeg = images.File("image.jpg");
        using MLImage image = RgbImage.Load(images.ImagePath(0)).ToMLImage();
        image.Save(jpeg);
        MLImage loaded = _ml.Data.LoadImages([jpeg]).Values<MLImage>("Image")[0];

        Assert.AreEqual((40, 30), (loaded.Width, loaded.Height));
    }

    private static List<(ulong Id, int Width)> Rows(DataViewRowCursor cursor)
    {
        List<(ulong, int)> rows = [];
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(cursor.Schema["Image"]);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        MLImage image = null!;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            getImage(ref image);
            getId(ref id);
            rows.Add((id.Low, image.Width));
        }

        return rows;
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<InvalidDataException>(action).Message;

    private static string NotNow(Action action) => Assert.ThrowsExactly<InvalidOperationException>(action).Message;
}
