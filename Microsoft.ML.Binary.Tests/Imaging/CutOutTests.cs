using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class CutOutTests
{
    [TestMethod]
    public void AlphaIsTheSaliencyAndUnseenColorIsNotStored()
    {
        using var folder = new TemporaryFolder();
        var image = new RgbImage(3, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]);

        CutOut.SavePng(folder.File("cut.png"), image, new SaliencyMask(3, 1, [0, 128, 255]));

        Raster raster = ImageFile.Open(folder.File("cut.png")).ReadSamples();
        Assert.AreEqual(ColorModel.Rgba, raster.Color);
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 0, 4, 5, 6, 128, 7, 8, 9, 255 }, raster.Samples);
    }

    [TestMethod]
    public void SizesMustAgree()
        => Assert.ThrowsExactly<ArgumentException>(
            () => CutOut.SavePng(new MemoryStream(), new RgbImage(2, 2), new SaliencyMask(2, 1, new byte[2])));
}
