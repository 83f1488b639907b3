using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class MLImageConversionTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 1)]
    [DataRow(16, 3)]
    [DataRow(37, 5)]
    public void BothPixelFormatsGiveTheSameColors(int width, int height)
    {
        RgbImage expected = PipelineNetworks.Image(width, height, 3);
        byte[] bgra = new byte[4 * width * height], rgba = new byte[4 * width * height];
        for (int i = 0; i < width * height; i++)
        {
            (byte red, byte green, byte blue) = (expected.Pixels[3 * i], expected.Pixels[3 * i + 1], expected.Pixels[3 * i + 2]);
            (bgra[4 * i], bgra[4 * i + 1], bgra[4 * i + 2], bgra[4 * i + 3]) = (blue, green, red, 255);
            (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) = (red, green, blue, 255);
        }

        using MLImage first = MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, bgra);
        using MLImage second = MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, rgba);
        using MLImage back = expected.ToMLImage();

        CollectionAssert.AreEqual(expected.Pixels, first.ToRgbImage().Pixels);
        CollectionAssert.AreEqual(expected.Pixels, second.ToRgbImage().Pixels);
        CollectionAssert.AreEqual(bgra, back.Pixels.ToArray());
        Assert.AreEqual(MLPixelFormat.Bgra32, back.PixelFormat);
    }
}
