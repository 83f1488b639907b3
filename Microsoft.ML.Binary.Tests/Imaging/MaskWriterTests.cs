using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class MaskWriterTests
{
    private static readonly SegmentationMask Mask = new(4, 2, [0, 1, 2, 3, 255, 3, 19, 0]);

    [TestMethod]
    public void ClassIndicesAreReadBack()
    {
        using var folder = new TemporaryFolder();
        string gray = folder.File("gray.png");
        string palette = folder.File("palette.png");

        MaskWriter.Save(gray, Mask);
        MaskWriter.Save(palette, Mask, Palette.Default);

        foreach (string path in new[] { gray, palette })
        {
            SegmentationMask copy = MaskReader.ReadClassIndices(path);
            Assert.AreEqual((4, 2), (copy.Width, copy.Height));
            CollectionAssert.AreEqual(Mask.Labels, copy.Labels);
        }
    }

    [TestMethod]
    public void PaletteFileShowsTheClassColors()
    {
        using var stream = new MemoryStream();
        MaskWriter.Save(stream, Mask, new Palette(Palette.Default, new RgbColor(1, 2, 3)));
        stream.Position = 0;

        var image = RgbImage.Load(stream, "mask");

        Assert.AreEqual(Palette.Default[3], image[3, 0]);
        Assert.AreEqual(new RgbColor(1, 2, 3), image[0, 1]);
    }

    [TestMethod]
    public void OnlyLabelsThatOccurNeedAColor()
    {
        using var stream = new MemoryStream();
        MaskWriter.Save(stream, Mask, new Palette(Palette.Default.Take(20)));
        stream.Position = 0;

        CollectionAssert.AreEqual(Mask.Labels, MaskReader.ReadClassIndices(stream, "mask").Labels);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => MaskWriter.Save(new MemoryStream(), Mask, new Palette(Palette.Default.Take(19))));
    }

    [TestMethod]
    public void SaliencyIsReadBackFromAnEightBitGrayFile()
    {
        using var folder = new TemporaryFolder();
        byte[] values = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        MaskWriter.Save(folder.File("s.png"), new SaliencyMask(32, 8, values));

        CollectionAssert.AreEqual(values, MaskReader.ReadGray(folder.File("s.png")).Values);
        Raster stored = ImageFile.Open(folder.File("s.png")).ReadSamples();
        Assert.AreEqual((ColorModel.Gray, 255), (stored.Color, stored.MaxValue));
    }

    [TestMethod]
    public void FailedWriteLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("mask.png");
        MaskWriter.Save(path, Mask);
        byte[] before = File.ReadAllBytes(path);

        // The palette turns out too small once the file has been opened.
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MaskWriter.Save(path, Mask, new Palette(Palette.Default.Take(2))));

        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }
}
