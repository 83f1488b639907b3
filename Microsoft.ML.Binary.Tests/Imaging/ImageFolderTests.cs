using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class ImageFolderTests
{
    [TestMethod]
    public void PairsByBaseNameInOrdinalOrder()
    {
        using var images = Folder("b.jpg", "a.PNG", "B.bmp", "a2.webp", "notes.txt", ".hidden.png");
        using var masks = Folder("b.png", "a.pgm", "B.png", "a2.png", "unused.png", "b.txt");
        Directory.CreateDirectory(images.File("sub.png"));

        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(images.Path, masks.Path);

        CollectionAssert.AreEqual(new[] { "B", "a", "a2", "b" }, pairs.Select(pair => pair.Name).ToArray());
        Assert.AreEqual(new ImagePair("a", images.File("a.PNG"), masks.File("a.pgm")), pairs[1]);
        CollectionAssert.AreEqual(pairs.Select(pair => pair.ImagePath).ToArray(), ImageFolder.ListImages(images.Path).ToArray());
    }

    [TestMethod]
    public void ASuffixOfImagesThatIsToldIsLeftOutOfTheirNames()
    {
        using var images = Folder("a_seen.jpg", "b_seen.jpg");
        using var masks = Folder("a.png", "b.png");
        Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Pair(images.Path, masks.Path));

        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(images.Path, masks.Path, new() { ImageSuffix = "_seen" });

        CollectionAssert.AreEqual(
            new[] { (images.File("a_seen.jpg"), masks.File("a.png")), (images.File("b_seen.jpg"), masks.File("b.png")) }, pairs.Select(pair => (pair.ImagePath, pair.MaskPath)).ToArray());
    }

    [TestMethod]
    public void ImageWithoutMaskIsNamedWithTheMaskThatIsMissing()
    {
        using var images = Folder("a.png", "b.jpg");
        using var masks = Folder("a.png", "b.jpg");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Pair(images.Path, masks.Path));

        StringAssert.StartsWith(error.Message, images.File("b.jpg"));
        StringAssert.Contains(error.Message, masks.File("b.png"));
    }

    [TestMethod]
    public void MissingFolderIsNamed()
    {
        using var folder = Folder("a.png");
        string missing = folder.File("none");

        StringAssert.StartsWith(
            Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageFolder.Pair(missing, folder.Path)).Message, $"{missing}: the image folder");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageFolder.Pair(folder.Path, missing)).Message, $"{missing}: the mask folder");
    }

    [TestMethod]
    public void EmptyFolderIsNamedWithTheExtensionsThatCount()
    {
        using var images = Folder("a.png");
        using var masks = Folder("a.jpg");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.Pair(images.Path, masks.Path));

        StringAssert.StartsWith(error.Message, $"{masks.Path}: the mask folder");
        StringAssert.Contains(error.Message, ".png, .pgm");
    }

    [TestMethod]
    public void TwoImagesOfOneNameAreRefused()
    {
        using var images = Folder("a.jpg", "a.png");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => ImageFolder.ListImages(images.Path));

        StringAssert.Contains(error.Message, "a second image named 'a' beside a.jpg");
    }

    private static TemporaryFolder Folder(params string[] names)
    {
        var folder = new TemporaryFolder();
        foreach (string name in names)
        {
            folder.Touch(name);
        }

        return folder;
    }
}
