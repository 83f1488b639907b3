using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary.Tests.Compat;

[TestClass]
public class ImageBehaviourTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestInitialize]
    public void Register() => Sample.RegisterImages();

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void APngKeepsThePixels(MLPixelFormat format)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.png");
        using MLImage image = Sample.Image(5, 3, format);
        image.Save(path);
        using MLImage back = MLImage.CreateFromFile(path);
        Assert.AreEqual((5, 3), (back.Width, back.Height));
        Assert.AreEqual(32, back.BitsPerPixel);
        Assert.AreEqual(4 * 5 * 3, back.Pixels.Length);
        bool swapped = back.PixelFormat != format;
        for (int i = 0; i < back.Pixels.Length; i++)
        {
            int from = swapped && i % 4 != 3 ? i - (i % 4) + 2 - (i % 4) : i;
            Assert.AreEqual(image.Pixels[from], back.Pixels[i], $"byte {i}");
        }
    }

    [TestMethod]
    public void ATransparentPixelLosesItsColour()
    {
        using var folder = new TemporaryFolder();
        using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [10, 20, 30, 0]);
        image.Save(folder.File("t.png"));
        using MLImage back = MLImage.CreateFromFile(folder.File("t.png"));
        CollectionAssert.AreEqual(new byte[4], back.Pixels.ToArray());
    }

    [TestMethod]
    public void BadImagesAreArgumentErrors()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("text.png"), "not an image");
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromFile(folder.File("text.png")));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromFile(folder.File("missing.png")));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream()));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(0, 2, MLPixelFormat.Rgba32, []));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, new byte[5]));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Unknown, new byte[4]));
    }

    [TestMethod]
    public void ADisposedImageSaysSo()
    {
        MLImage image = Sample.Image(2, 2);
        image.Dispose();
        image.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(() => image.Width);
        Assert.ThrowsExactly<InvalidOperationException>(() => image.Pixels.Length);
    }

    [TestMethod]
    public void SizedImageTypesArePositive()
    {
        Assert.AreEqual("Image<3, 4>", new ImageDataViewType(3, 4).ToString());
        Assert.IsTrue(new ImageDataViewType().Equals(new ImageDataViewType()));
        Assert.IsFalse(new ImageDataViewType(3, 4).Equals(new ImageDataViewType(4, 3)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageDataViewType(0, 4));
    }

    [TestMethod]
    public void ARegistrationIsOneToOne()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DataViewTypeManager.Register(new ImageDataViewType(5, 6), typeof(MLImage)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SchemaDefinition.Create(typeof(UnsizedRow)));
    }

    [TestMethod]
    public void LoadImagesReadsInsideTheFolderAndTagsThePath()
    {
        using var folder = new TemporaryFolder();
        IDataView data = SavedImages(folder, (3, 2), (5, 4));
        IDataView loaded = _ml.Transforms.LoadImages("Image", folder.Path, "Path").Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "Path", "Image" }, Sample.Names(loaded.Schema));
        string[] read = _ml.Data.CreateEnumerable<ImageRow>(loaded, reuseRowObject: false)
            .Select(row => $"{row.Image!.Width}x{row.Image.Height} {row.Image.Tag}").ToArray();
        CollectionAssert.AreEqual(new[] { $"3x2 {folder.File("0.png")}", $"5x4 {folder.File("1.png")}" }, read);
    }

    [TestMethod]
    public void ImagesOfLoadImagesDoNotOutliveTheCursor()
    {
        using var folder = new TemporaryFolder();
        IDataView data = SavedImages(folder, (3, 2), (5, 4));
        IDataView loaded = _ml.Transforms.LoadImages("Image", folder.Path, "Path").Fit(data).Transform(data);
        foreach (ImageRow row in _ml.Data.CreateEnumerable<ImageRow>(loaded, reuseRowObject: false).ToList())
        {
            Assert.ThrowsExactly<InvalidOperationException>(() => row.Image!.Width);
        }
    }

    [TestMethod]
    public void LoadImagesSaysWhichFileIsMissing()
    {
        using var folder = new TemporaryFolder();
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new TextRow { Path = "missing.png" } });
        IDataView loaded = _ml.Transforms.LoadImages("Image", folder.Path, "Path").Fit(data).Transform(data);
        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => _ml.Data.CreateEnumerable<ImageRow>(loaded, false).ToList()).Message, "missing.png");
    }

    [TestMethod]
    public void AnEmptyPathIsNoImage()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new TextRow { Path = null } });
        IDataView loaded = _ml.Transforms.LoadImages("Image", "", "Path").Fit(data).Transform(data);
        Assert.IsNull(_ml.Data.CreateEnumerable<ImageRow>(loaded, false).Single().Image);
    }

    [TestMethod]
    public void ACustomMappingDoesNotFitAfterLoadImagesInOneChain()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Array.Empty<TextRow>());
        var chain = _ml.Transforms.LoadImages("Image", "", "Path")
            .Append(_ml.Transforms.CustomMapping<ImageRow, WidthRow>((_, _) => { }, null));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(data)).Message, "expected Image, got Image");
    }

    [TestMethod]
    [DataRow(ImageResizingEstimator.ResizingKind.Fill)]
    [DataRow(ImageResizingEstimator.ResizingKind.IsoPad)]
    [DataRow(ImageResizingEstimator.ResizingKind.IsoCrop)]
    public void ResizedImagesHaveTheSizeAskedFor(ImageResizingEstimator.ResizingKind kind)
    {
        using var folder = new TemporaryFolder();
        IDataView data = SavedImages(folder, (8, 2));
        var chain = _ml.Transforms.LoadImages("Image", folder.Path, "Path").Append(_ml.Transforms.ResizeImages("Small", 4, 4, "Image", kind));
        IDataView resized = chain.Fit(data).Transform(data);
        Assert.AreEqual(new ImageDataViewType(height: 4, width: 4), resized.Schema["Small"].Type);
        using DataViewRowCursor cursor = resized.GetRowCursor([resized.Schema["Small"]]);
        cursor.MoveNext();
        MLImage? image = null;
        cursor.GetGetter<MLImage?>(resized.Schema["Small"])(ref image);
        Assert.AreEqual((4, 4), (image!.Width, image.Height));
        Assert.AreEqual(folder.File("0.png"), image.Tag);
        // Padding shows above and below a wide image, and only there.
        Assert.AreEqual(kind == ImageResizingEstimator.ResizingKind.IsoPad, image.Pixels[..16].IndexOfAnyExcept((byte)0) < 0);
        image.Dispose();
    }

    [TestMethod]
    public void AnImageOfTheRightSizeIsPassedOnAndDisposedOfByTheNextRow()
    {
        ImageRow[] rows = [new() { Image = Sample.Image(3, 2) }, new() { Image = Sample.Image(3, 2) }];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        IDataView resized = _ml.Transforms.ResizeImages("Same", 3, 2, "Image").Fit(data).Transform(data);
        using (DataViewRowCursor cursor = resized.GetRowCursor(resized.Schema))
        {
            ValueGetter<MLImage?> getter = cursor.GetGetter<MLImage?>(resized.Schema["Same"]);
            MLImage? image = null;
            cursor.MoveNext();
            getter(ref image);
            Assert.AreSame(rows[0].Image, image);
            cursor.MoveNext();
            getter(ref image);
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => rows[0].Image!.Width);
        Assert.AreEqual(3, rows[1].Image!.Width);
        rows[1].Image!.Dispose();
    }

    [TestMethod]
    public void PixelsOfAKnownSizeAreExtractedAsRedGreenBlue()
    {
        using var folder = new TemporaryFolder();
        IDataView data = SavedImages(folder, (3, 2));
        var chain = _ml.Transforms.LoadImages("Image", folder.Path, "Path").Append(_ml.Transforms.ResizeImages("Image", imageWidth: 3, imageHeight: 2))
            .Append(_ml.Transforms.ExtractPixels("Pixels", "Image", interleavePixelColors: true, outputAsFloatArray: false));
        IDataView extracted = chain.Fit(data).Transform(data);

        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Byte, 2, 3, 3), extracted.Schema["Pixels"].Type);
        // The bytes of the image are blue, green, red, alpha = 7 times their index.
        byte[] expected = [.. Enumerable.Range(0, 6).SelectMany(i => new[] { (byte)(7 * (4 * i + 2)), (byte)(7 * (4 * i + 1)), (byte)(7 * 4 * i) })];
        CollectionAssert.AreEqual(expected, extracted.GetColumn<byte[]>("Pixels").Single());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.ExtractPixels("Pixels", "Image", interleavePixelColors: true, outputAsFloatArray: false).Fit(_ml.Data.LoadFromEnumerable<ImageRow>([])));
    }

    private IDataView SavedImages(TemporaryFolder folder, params (int Width, int Height)[] sizes)
    {
        for (int i = 0; i < sizes.Length; i++)
        {
            using MLImage image = Sample.Image(sizes[i].Width, sizes[i].Height);
            image.Save(folder.File($"{i}.png"));
        }

        return _ml.Data.LoadFromEnumerable(sizes.Select((_, i) => new TextRow { Path = $"{i}.png" }).ToArray());
    }

    public class UnsizedRow
    {
        [ImageType]
        public MLImage? Image { get; set; }
    }
}
