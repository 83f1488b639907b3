using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Tests.Reporting;

[TestClass]
public sealed class ThumbnailTests
{
    [TestMethod]
    [DataRow(640, 480, 320, 240)]
    [DataRow(300, 900, 106, 320)]
    [DataRow(320, 200, 320, 200)]
    [DataRow(4000, 1, 320, 1)]
    [DataRow(7_000_000, 1, 320, 1)]
    [DataRow(321, 321, 320, 320)]
    public void NoSide_IsLongerThanAllowed(int width, int height, int expectedWidth, int expectedHeight)
    {
        RgbImage small = Thumbnail.Shrink(new RgbImage(width, height), 320);
        Assert.AreEqual((expectedWidth, expectedHeight), (small.Width, small.Height));
    }

    [TestMethod]
    public void EachPixel_IsTheMeanOfThoseThatFallIntoIt()
    {
        RgbImage image = new(4, 2, [0, 0, 0, 10, 20, 30, 7, 7, 7, 7, 7, 7, 20, 40, 60, 30, 60, 90, 7, 7, 7, 7, 7, 7]);
        RgbImage small = Thumbnail.Shrink(image, 2);
        Assert.AreEqual(new RgbColor(15, 30, 45), small[0, 0]);
        Assert.AreEqual(new RgbColor(7, 7, 7), small[1, 0]);
    }

    [TestMethod]
    public void DataUri_HoldsThePicture_AndLeavesTheOriginalAlone()
    {
        RgbImage image = new(1, 1, [255, 7, 128]);
        string uri = Thumbnail.DataUri(image, 320);
        using MemoryStream png = new(Convert.FromBase64String(uri["data:image/png;base64,".Length..]));
        Assert.AreEqual(new RgbColor(252, 4, 128), RgbImage.Load(png, "picture")[0, 0]);
        Assert.AreEqual(new RgbColor(255, 7, 128), image[0, 0]);
    }
}
