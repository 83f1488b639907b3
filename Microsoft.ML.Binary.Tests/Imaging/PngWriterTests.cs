using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PngWriterTests
{
    [TestMethod]
    [DataRow(0, 8)]
    [DataRow(0, 16)]
    [DataRow(2, 8)]
    [DataRow(2, 16)]
    [DataRow(3, 8)]
    [DataRow(4, 8)]
    [DataRow(4, 16)]
    [DataRow(6, 8)]
    [DataRow(6, 16)]
    public void WhatIsWrittenIsReadBack(int colorType, int bitDepth)
    {
        var color = (ColorModel)colorType;
        foreach ((int width, int height) in new[] { (1, 1), (1, 7), (9, 1), (33, 21), (100, 80) })
        {
            var raster = new Raster(
                "test", width, height, color, (1 << bitDepth) - 1, TestPng.RandomSamples(5, width, height, color, bitDepth))
            {
                PaletteRgb = color == ColorModel.Palette ? new byte[768] : [],
                PaletteAlpha = color == ColorModel.Palette ? [1, 2, 3] : [],
                TransparentColor = color == ColorModel.Rgb ? [1, 2, 300] : [],
            };

            Raster copy = PngReader.Decode(PngWriter.Encode(raster), "test");

            Assert.AreEqual((width, height, color, raster.MaxValue), (copy.Width, copy.Height, copy.Color, copy.MaxValue));
            CollectionAssert.AreEqual(raster.Samples, copy.Samples);
            CollectionAssert.AreEqual(raster.PaletteRgb, copy.PaletteRgb);
            CollectionAssert.AreEqual(raster.PaletteAlpha, copy.PaletteAlpha);
            CollectionAssert.AreEqual(raster.TransparentColor, copy.TransparentColor);
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

        byte[] filtered = PngWriter.Encode(new Raster("test", 128, 128, ColorModel.Rgb, 255, samples));
        byte[] unfiltered = TestPng.Encode(128, 128, ColorModel.Rgb, 8, samples, false, 0);

        Assert.IsLessThan(unfiltered.Length, 2 * filtered.Length);
    }

    [TestMethod]
    public void WhatCannotBeWrittenIsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PngWriter.Encode(new Raster("test", 2, 2, ColorModel.Gray, 15, new byte[4])));
        Assert.ThrowsExactly<ArgumentException>(() => PngWriter.Encode(new Raster("test", 2, 2, ColorModel.Palette, 65535, new byte[8])));
        Assert.ThrowsExactly<ArgumentException>(() => PngWriter.Encode(new Raster("test", 2, 2, ColorModel.Gray, 255, new byte[5])));
        Assert.ThrowsExactly<ArgumentException>(() => PngWriter.Encode(new Raster("test", 0, 2, ColorModel.Gray, 255, [])));
        Assert.ThrowsExactly<ArgumentException>(() => PngWriter.Encode(new Raster("test", 2, 2, ColorModel.Palette, 255, new byte[4])));
    }
}
