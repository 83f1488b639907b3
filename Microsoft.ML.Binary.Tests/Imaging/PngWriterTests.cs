using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PngWriterTests
{
    [TestMethod]
    [DataRow((int)ColorModel.Gray)]
    [DataRow((int)ColorModel.Rgb)]
    [DataRow((int)ColorModel.Palette)]
    [DataRow((int)ColorModel.Rgba)]
    public void WhatIsWrittenIsReadBack(int colorType)
    {
        var color = (ColorModel)colorType;
        byte[]? palette = color == ColorModel.Palette ? new byte[768] : null;
        foreach ((int width, int height) in new[] { (1, 1), (1, 7), (9, 1), (33, 21), (100, 80) })
        {
            byte[] samples = TestPng.RandomSamples(5, width, height, color, 8);

            Raster copy = TestPng.Decode(Encode(width, height, color, samples, palette));

            Assert.AreEqual((width, height, color, 255), (copy.Width, copy.Height, copy.Color, copy.MaxValue));
            CollectionAssert.AreEqual(samples, copy.Samples);
            CollectionAssert.AreEqual(palette ?? [], copy.PaletteRgb);
        }
    }

    [TestMethod]
    public void FiltersMakeASmoothImageSmallerThanDeflateAlone()
    {
        byte[] samples = new byte[3 * 128 * 128];
        for (int i = 0; i < samples.Length; i++)
        {
            int x = i / 3 % 128;
            int y = i / 3 / 128;
            samples[i] = (byte)((3 * x) + (2 * y) + (x * y / 50) + (40 * (i % 3)));
        }

        byte[] filtered = Encode(128, 128, ColorModel.Rgb, samples);
        byte[] unfiltered = TestPng.Encode(128, 128, ColorModel.Rgb, 8, samples, false, 0);

        Assert.IsLessThan(unfiltered.Length, 2 * filtered.Length);
    }

    [TestMethod]
    public void NothingMoreIsWrittenOfAnImageThatIsGivenUp()
    {
        using MemoryStream output = new();
        PngWriter writer = new(output, 40, 2, ColorModel.Gray);
        writer.Add(new byte[40]);
        long before = output.Length;

        writer.Dispose();

        Assert.AreEqual(before, output.Length);
    }

    private static byte[] Encode(int width, int height, ColorModel color, byte[] samples, byte[]? palette = null)
    {
        using MemoryStream output = new();
        PngWriter.Write(output, width, height, color, samples, indices: palette is not null, palette);
        return output.ToArray();
    }
}
