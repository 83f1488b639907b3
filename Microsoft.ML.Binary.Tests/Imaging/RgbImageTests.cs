using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class RgbImageTests
{
    [TestMethod]
    public void FourByteLayoutsAreConvertedAtEveryLength()
    {
        for (int width = 1; width <= 40; width++)
        {
            byte[] four = new byte[4 * width];
            new Random(width).NextBytes(four);

            RgbImage fromRgba = new(width, 1), fromBgra = new(width, 1);
            fromRgba.CopyFromRgba(four);
            fromBgra.CopyFromBgra(four);
            byte[] bgra = new byte[4 * width];
            fromBgra.CopyToBgra(bgra);

            for (int x = 0; x < width; x++)
            {
                byte[] p = four[(4 * x)..(4 * (x + 1))];
                Assert.AreEqual(new RgbColor(p[0], p[1], p[2]), fromRgba[x, 0]);
                Assert.AreEqual(new RgbColor(p[2], p[1], p[0]), fromBgra[x, 0]);
                CollectionAssert.AreEqual(new byte[] { p[0], p[1], p[2], 255 }, bgra[(4 * x)..(4 * (x + 1))]);
            }
        }
    }

    [TestMethod]
    public void PngIsReadBack()
    {
        using var folder = new TemporaryFolder();
        RgbImage image = new(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

        image.SavePng(folder.File("a.png"));
        var copy = RgbImage.Load(folder.File("a.png"));

        Assert.AreEqual((2, 2), (copy.Width, copy.Height));
        CollectionAssert.AreEqual(image.Pixels, copy.Pixels);
    }

    [TestMethod]
    public void IndexerSetsWhatItGets()
    {
        var image = new RgbImage(3, 2);
        image[2, 1] = new RgbColor(7, 8, 9);

        Assert.AreEqual(new RgbColor(7, 8, 9), image[2, 1]);
        CollectionAssert.AreEqual(new byte[] { 7, 8, 9 }, image.Pixels[15..]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => image[3, 0]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => image[0, -1]);
    }

    [TestMethod]
    public void WrongSizesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(0, 1));
        Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(2, 2, new byte[11]));
        foreach ((int width, int height) in new[] { (30_000, 30_000), (int.MaxValue, int.MaxValue), (1, Array.MaxLength / 3 + 1) })
        {
            string expected = $"The size is {width}x{height}; there may be at most {Array.MaxLength / 3} pixels.";
            Assert.AreEqual(expected, Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(width, height)).Message);
            Assert.AreEqual(expected, Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(1, 1).Resize(width, height)).Message);
        }

        Assert.ThrowsExactly<ArgumentException>(() => new SegmentationMask(1, 1, [0]).Resize(50_000, 50_000));
        Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(2, 2).CopyToBgra(new byte[12]));
    }

    [TestMethod]
    public void MissingAndForeignFilesAreNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.png"), "%PDF-1.7");

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(folder.File("a.png"))).Message, "a.png: not an image of a known format (PNG, JPEG");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => RgbImage.Load(folder.File("b.png"))).Message, "b.png");
    }

    [TestMethod]
    public void PixelsAreTakenOverInTheOrderNamed()
    {
        RgbImage image = new(1, 1);
        image.CopyFromBgra([1, 2, 3, 4]);
        Assert.AreEqual(new RgbColor(3, 2, 1), image[0, 0]);
        image.CopyFromRgba([1, 2, 3, 4]);
        Assert.AreEqual(new RgbColor(1, 2, 3), image[0, 0]);
        Assert.ThrowsExactly<ArgumentException>(() => image.CopyFromRgba([1, 2, 3]));
        Assert.ThrowsExactly<ArgumentException>(() => image.CopyFromBgra(new byte[8]));
    }
}
