using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

using Microsoft.ML.Binary.Tests.Inference;

namespace Microsoft.ML.Binary.Tests.Imaging.Resampling;

[TestClass]
public class ImageResamplerTests
{
    [TestMethod]
    public void AnySizeToAnySizeIsTheExactMeanRoundedOnce()
    {
        Random random = new(1);
        for (int i = 0; i < 120; i++)
        {
            int width = 1 + random.Next(i % 4 == 0 ? 900 : 60), height = 1 + random.Next(60), newWidth = 1 + random.Next(70), newHeight = 1 + random.Next(70);
            RgbImage image = RandomNetworks.Image(width, height, i);
            CollectionAssert.AreEqual(
                ReferenceViews.View(image, new(newWidth, newHeight, Mirrored: false)).Pixels, image.Resize(newWidth, newHeight).Pixels,
                $"{width}x{height} to {newWidth}x{newHeight}");
        }
    }

    [TestMethod]
    public void HalvesAreRoundedUp()
    {
        RgbImage image = new(2, 1, [0, 10, 255, 1, 11, 254]);
        CollectionAssert.AreEqual(new byte[] { 1, 11, 255 }, image.Resize(1, 1).Pixels);
    }

    [TestMethod]
    public void TheSameSizeIsACopy()
    {
        RgbImage image = RandomNetworks.Image(31, 17);
        RgbImage copy = image.Resize(31, 17);
        Assert.AreNotSame(image.Pixels, copy.Pixels);
        CollectionAssert.AreEqual(image.Pixels, copy.Pixels);
    }

    [TestMethod]
    public void AFlatImageStaysFlat()
    {
        foreach (byte value in new byte[] { 0, 1, 127, 254, 255 })
        {
            RgbImage image = new(1203, 701);
            Array.Fill(image.Pixels, value);
            Assert.IsTrue(image.Resize(97, 61).Pixels.All(v => v == value));
            Assert.IsTrue(image.Resize(1500, 800).Pixels.All(v => v == value));
        }
    }

    [TestMethod]
    public void SidesThatAreTooLongAreRefused() => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(() => new RgbImage(5_000_000, 1).Resize(100, 1)).Message, "at most 4194304");
}
