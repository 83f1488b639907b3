using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>One rule for alpha: the same pixels are the same image in every format and through both loaders.</summary>
[TestClass]
public class AlphaTests
{
    private const int Side = 256;

    [TestMethod]
    public void EveryColorUnderEveryAlphaIsTheSameInEveryFormatAndLoader()
    {
        using TemporaryFolder folder = new();
        byte[] rgba = new byte[4 * Side * Side], expected = new byte[3 * Side * Side];
        for (int alpha = 0; alpha < Side; alpha++)
        {
            for (int color = 0; color < Side; color++)
            {
                int pixel = (alpha * Side) + color;
                byte[] colors = [(byte)color, (byte)(255 - color), (byte)(color ^ 0x55)];
                for (int channel = 0; channel < 3; channel++)
                {
                    rgba[(4 * pixel) + channel] = colors[channel];
                    int product = (int)Math.Floor((colors[channel] * alpha / 255.0) + 0.5);
                    expected[(3 * pixel) + channel] = (byte)(product + 255 - alpha);
                }

                rgba[(4 * pixel) + 3] = (byte)alpha;
            }
        }

        foreach ((string name, byte[] file) in new[]
        {
            ("a.png", EncodedImages.Png(Side, Side, rgba)),
            ("a.webp", EncodedImages.WebP(Side, Side, rgba)),
            ("a.bmp", EncodedImages.Bmp(Side, Side, rgba)),
        })
        {
            string path = folder.File(name);
            File.WriteAllBytes(path, file);
            using MLImage image = MLImage.CreateFromFile(path);

            CollectionAssert.AreEqual(expected, RgbImage.Load(path).Pixels, name);
            byte[] byMlNet = image.ToRgbImage().Pixels;
            if (name == "a.webp")
            {
                // The codec rounds the product down, and ML.NET takes it as it is.
                Assert.IsLessThanOrEqualTo(1, Enumerable.Range(0, expected.Length).Max(i => Math.Abs(expected[i] - byMlNet[i])));
            }
            else
            {
                CollectionAssert.AreEqual(expected, byMlNet, $"{name} as ML.NET loads it");
            }
        }
    }

    [TestMethod]
    public void TransparentColorOfGifAndPaletteAreWhite()
    {
        byte[] palette = [10, 20, 30, 40, 50, 60];
        byte[] gif = EncodedImages.Gif(2, 1, palette, [0, 1], transparent: 1);
        byte[] png = TestPng.Encode(
            2, 1, ML.Binary.Imaging.Codec.ColorModel.Palette, 8, [0, 1], false, 0, TestPng.Chunk("PLTE", palette), TestPng.Chunk("tRNS", 255, 0));
        foreach (byte[] file in new[] { gif, png })
        {
            CollectionAssert.AreEqual(new byte[] { 10, 20, 30, 255, 255, 255 }, RgbImage.Load(new MemoryStream(file), "image").Pixels);
        }
    }

    [TestMethod]
    public void ImageWithoutAnyAlphaHasItsColors()
    {
        byte[] frame = [1, 2, 3, 0, 4, 5, 6, 0];
        using MLImage ofCamera = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Rgba32, frame);
        using MLImage transparent = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Rgba32, new byte[8]);

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 6 }, ofCamera.ToRgbImage().Pixels);
        CollectionAssert.AreEqual(Enumerable.Repeat((byte)255, 6).ToArray(), transparent.ToRgbImage().Pixels);
        CollectionAssert.AreEqual(
            new byte[] { 1, 2, 3, 4, 5, 6 }, RgbImage.Load(new MemoryStream(EncodedImages.Bmp(2, 1, frame)), "image").Pixels);
    }
}
