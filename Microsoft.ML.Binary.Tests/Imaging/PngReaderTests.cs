using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PngReaderTests
{
    private static readonly byte[] PaletteOf256 = [.. Enumerable.Range(0, 768).Select(i => (byte)(i * 7))];

    public static IEnumerable<object[]> Formats()
    {
        (ColorModel Color, int[] Depths)[] all =
        [
            (ColorModel.Gray, [1, 2, 4, 8, 16]), (ColorModel.Palette, [1, 2, 4, 8]), (ColorModel.Rgb, [8, 16]),
            (ColorModel.GrayAlpha, [8, 16]), (ColorModel.Rgba, [8, 16]),
        ];
        return all.SelectMany(format => format.Depths.Select(depth => new object[] { (int)format.Color, depth }));
    }

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void ReadsEveryFormatInterlacedOrNot(int colorType, int bitDepth)
    {
        var color = (ColorModel)colorType;
        foreach ((int width, int height) in new[] { (1, 1), (2, 1), (1, 5), (3, 3), (4, 4), (7, 9), (8, 8), (13, 6), (41, 33) })
        {
            foreach (bool interlaced in new[] { false, true })
            {
                byte[] samples = TestPng.RandomSamples(width, width, height, color, bitDepth);
                byte[] file = TestPng.Encode(width, height, color, bitDepth, samples, interlaced, -1, PaletteFor(color, bitDepth));

                Raster raster = TestPng.Decode(file, "test");

                Assert.AreEqual((width, height, color, (1 << bitDepth) - 1), (raster.Width, raster.Height, raster.Color, raster.MaxValue));
                CollectionAssert.AreEqual(samples, raster.Samples, $"{width}x{height}, interlaced: {interlaced}");
            }
        }
    }

    /// <summary>Lines are inflated many at a time: more than fit at once, exactly as many, and lines of which none fits.</summary>
    [TestMethod]
    [DataRow(250, 200, (int)ColorModel.Rgba)]
    [DataRow(341, 130, (int)ColorModel.Rgb)]
    [DataRow(255, 512, (int)ColorModel.Gray)]
    [DataRow(30_000, 5, (int)ColorModel.Rgb)]
    public void ReadsImagesOfManyBlocks(int width, int height, int colorType)
    {
        var color = (ColorModel)colorType;
        byte[] samples = TestPng.RandomSamples(width, width, height, color, 8);
        foreach (bool interlaced in new[] { false, true })
        {
            CollectionAssert.AreEqual(samples, TestPng.Decode(TestPng.Encode(width, height, color, 8, samples, interlaced), "test").Samples, $"interlaced: {interlaced}");
        }

        byte[] lines = TestPng.Scanlines(width, height, color, 8, samples, interlaced: false, filter: 0);
        byte[] cut = TestPng.File(TestPng.Header(width, height, color, 8), TestPng.Chunk("IDAT", TestPng.Deflate(lines[..(lines.Length * 4 / 5)])), TestPng.Chunk("IEND"));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => TestPng.Decode(cut, "cut.png")).Message, $"the image data end in row {height * 4 / 5} of {height}");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void UndoesEachFilter(int filter)
    {
        foreach (object[] format in Formats())
        {
            var color = (ColorModel)(int)format[0];
            int bitDepth = (int)format[1];
            byte[] samples = TestPng.RandomSamples(filter, 67, 5, color, bitDepth);
            byte[] file = TestPng.Encode(67, 5, color, bitDepth, samples, false, filter, PaletteFor(color, bitDepth));

            CollectionAssert.AreEqual(samples, TestPng.Decode(file, "test").Samples, $"{color}, {bitDepth} bits");
        }
    }

    [TestMethod]
    public void JoinsImageDataOfSeveralChunksAndSkipsWhatItNeedNotKnow()
    {
        byte[] samples = TestPng.RandomSamples(1, 20, 10, ColorModel.Rgb, 8);
        byte[] data = TestPng.Deflate(TestPng.Scanlines(20, 10, ColorModel.Rgb, 8, samples, false, -1));
        byte[] file =
        [
            .. TestPng.File(
                TestPng.Header(20, 10, ColorModel.Rgb, 8),
                TestPng.Chunk("gAMA", 0, 0, 1, 2),
                TestPng.Chunk("IDAT", data[..1]),
                TestPng.Chunk("IDAT"),
                TestPng.Chunk("IDAT", data[1..100]),
                TestPng.Chunk("IDAT", data[100..]),
                TestPng.Chunk("tEXt", 65, 0, 66),
                TestPng.Chunk("IEND")),
            1, 2, 3,
        ];

        CollectionAssert.AreEqual(samples, TestPng.Decode(file, "test").Samples);
    }

    /// <summary>Its samples, of 8 bytes a pixel, fill no array; its rows do.</summary>
    [TestMethod]
    public void AnImageThatIsTooLargeForItsSamplesIsOpenedForItsColors()
    {
        const int Side = 16400;
        byte[] png = TestPng.File(TestPng.Header(Side, Side, ColorModel.Rgba, 16), TestPng.Chunk("IDAT", new byte[3 << 20]), TestPng.Chunk("IEND"));
        byte[] tiff = TestTiff.Write(ColorModel.Rgba, 16, [], 1, new TestTiff.Layout { ImageWidth = Side, ImageHeight = Side, RowsPerStrip = Side, TileData = false });
        foreach (SampleReader reader in new SampleReader[] { PngReader.Open(new MemorySource(png), "large"), TiffReader.Open(new MemorySource(tiff), "large") })
        {
            Assert.AreEqual(Side, reader.Form.Width);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => reader.ReadAll()).Message, "do not fit one buffer");
        }
    }

    [TestMethod]
    public void KeepsPaletteAndTransparency()
    {
        byte[] colors = [1, 2, 3, 40, 50, 60, 200, 201, 202];
        byte[] file = TestPng.Encode(
            3, 1, ColorModel.Palette, 2, [2, 0, 1], false, 0, TestPng.Chunk("PLTE", colors), TestPng.Chunk("tRNS", 9, 8));

        Raster raster = TestPng.Decode(file, "test");

        CollectionAssert.AreEqual(colors, raster.PaletteRgb);
        CollectionAssert.AreEqual(new byte[] { 9, 8 }, raster.PaletteAlpha);
        CollectionAssert.AreEqual(new byte[] { 200, 201, 202, 246, 246, 246, 248, 249, 249 }, Colors(file));
    }

    [TestMethod]
    public void TransparentColorIsComparedWithUnscaledSamples()
    {
        byte[] gray = TestPng.Encode(3, 1, ColorModel.Gray, 2, [0, 1, 3], false, 0, TestPng.Chunk("tRNS", 0, 1));
        byte[] rgb = TestPng.Encode(2, 1, ColorModel.Rgb, 8, [1, 2, 3, 1, 2, 4], false, 0, TestPng.Chunk("tRNS", 0, 1, 0, 2, 0, 3));

        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 255, 255, 255, 255, 255, 255 }, Colors(gray));
        CollectionAssert.AreEqual(new byte[] { 255, 255, 255, 1, 2, 4 }, Colors(rgb));
    }

    [TestMethod]
    public void SixteenBitsAreRoundedToEight()
    {
        byte[] samples = [0, 0, 0, 127, 0, 129, 0x80, 0, 0xFF, 0x7F, 0xFF, 0xFF];
        byte[] file = TestPng.Encode(6, 1, ColorModel.Gray, 16, samples);

        CollectionAssert.AreEqual(new byte[] { 0, 0, 1, 128, 255, 255 }, RowColors.ToGray(TestPng.Decode(file, "test")));
    }

    [TestMethod]
    public void ColorsBecomeLumaAndGrayStaysGray()
    {
        byte[] file = TestPng.Encode(4, 1, ColorModel.Rgba, 8, [255, 0, 0, 1, 0, 255, 0, 2, 0, 0, 255, 3, 77, 77, 77, 4]);

        CollectionAssert.AreEqual(new byte[] { 76, 150, 29, 77 }, RowColors.ToGray(TestPng.Decode(file, "test")));
    }

    [TestMethod]
    public void PaletteIndexWithoutColorNamesThePixel()
    {
        byte[] file = TestPng.Encode(2, 2, ColorModel.Palette, 8, [0, 0, 0, 5], false, 0, TestPng.Chunk("PLTE", 1, 2, 3));

        var error = Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file), "a.png"));

        StringAssert.Contains(error.Message, "a.png: pixel x=1, y=1: palette index 5");
    }

    private static byte[] Colors(byte[] file) => RgbImage.Load(new MemoryStream(file), "test").Pixels;

    private static byte[][] PaletteFor(ColorModel color, int bitDepth)
        => color == ColorModel.Palette ? [TestPng.Chunk("PLTE", PaletteOf256[..(3 << bitDepth)])] : [];
}
