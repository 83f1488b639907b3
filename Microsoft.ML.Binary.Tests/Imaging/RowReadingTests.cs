using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Images that are read, and masks that are written, row by row.</summary>
[TestClass]
public class RowReadingTests
{
    private static readonly RgbImage Image = EncodedImages.Picture(23, 14);

    [TestMethod]
    public void RowsOfEveryFormatAreThoseOfTheImage()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, byte[] file) in Files())
        {
            File.WriteAllBytes(folder.File("image"), file);
            CollectionAssert.AreEqual(ImageReader.Load(folder.File("image"), new()).Image.Pixels, Rows(folder.File("image"), new()), name);
        }
    }

    [TestMethod]
    public void APngOfManyChunksIsReadFromDisk()
    {
        using TemporaryFolder folder = new();
        byte[] samples = TestPng.RandomSamples(3, 500, 300, ColorModel.Rgb, 8);
        byte[] data = TestPng.Deflate(TestPng.Scanlines(500, 300, ColorModel.Rgb, 8, samples, interlaced: false, filter: 2));
        byte[] file = TestPng.File([TestPng.Header(500, 300, ColorModel.Rgb, 8), .. data.Chunk(100_000).Select(part => TestPng.Chunk("IDAT", part)), TestPng.Chunk("IEND")]);
        File.WriteAllBytes(folder.File("a.png"), file);
        CollectionAssert.AreEqual(samples, Rows(folder.File("a.png"), new()));

        file[file.Length / 2] ^= 1;
        File.WriteAllBytes(folder.File("a.png"), file);
        string damaged = Assert.ThrowsExactly<InvalidDataException>(() => Rows(folder.File("a.png"), new())).Message;
        Assert.AreEqual(Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(folder.File("a.png"))).Message, damaged);

        File.WriteAllBytes(folder.File("a.png"), file[..250_000]);
        string cut = Assert.ThrowsExactly<InvalidDataException>(() => Rows(folder.File("a.png"), new())).Message;
        Assert.AreEqual(Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(folder.File("a.png"))).Message, cut);
    }

    [TestMethod]
    public void APngWithAWrongChecksumInsideGivesEachRowOnce()
    {
        using TemporaryFolder folder = new();
        byte[] data = TestPng.Deflate(TestPng.Scanlines(23, 14, ColorModel.Rgb, 8, Image.Pixels, interlaced: false, filter: 0));
        data[^1] ^= 1;
        File.WriteAllBytes(folder.File("a.png"), TestPng.File(TestPng.Header(23, 14, ColorModel.Rgb, 8), TestPng.Chunk("IDAT", data), TestPng.Chunk("IEND")));
        List<string> warnings = [];
        CollectionAssert.AreEqual(Image.Pixels, Rows(folder.File("a.png"), new() { OnWarning = warnings.Add }));
        Assert.AreEqual(1, warnings.Count);
    }

    [TestMethod]
    public void WhatTheTakerThrows_ComesOutAsItIs_AndItGetsNoMoreRows()
    {
        using TemporaryFolder folder = new();
        foreach ((string name, byte[] file) in Files())
        {
            File.WriteAllBytes(folder.File("image"), file);
            foreach (Exception fault in (Exception[])[new IOException("the disk is full"), new InvalidDataException("no such row"), new InvalidOperationException("anything else")])
            {
                int calls = 0;
                Exception thrown = Assert.Throws<Exception>(() => ImageReader.ReadRows(folder.File("image"), _ => Take), name);
                Assert.AreSame(fault, thrown, name);
                Assert.AreEqual(3, calls, name);

                void Take(ReadOnlySpan<byte> rgb)
                {
                    if (++calls >= 3)
                    {
                        throw fault;
                    }
                }
            }
        }
    }

    [TestMethod]
    public void LimitsHoldBeforeAnythingIsDecoded()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("a.png"), EncodedImages.Png(Image));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.ReadRows(folder.File("a.png"), _ => throw new AssertFailedException(), new() { MaxPixels = 300 })).Message, "300");
    }

    [TestMethod]
    [DataRow(40, 30, true)]
    [DataRow(40, 30, false)]
    [DataRow(1500, 1300, true)]
    [DataRow(1500, 1300, false)]
    public void AMaskWrittenByRowsIsTheFileOfTheWholeMask(int width, int height, bool isClassIndices)
    {
        byte[] values = new byte[width * height];
        new Random(1).NextBytes(values);
        using MemoryStream whole = new(), byRows = new();
        if (isClassIndices)
        {
            MaskWriter.Save(whole, new SegmentationMask(width, height, values));
        }
        else
        {
            MaskWriter.Save(whole, new SaliencyMask(width, height, values));
        }

        using MaskRowWriter writer = new(byRows, width, height, isClassIndices);
        for (int y = 0; y < height; y++)
        {
            writer.Add(values.AsSpan(y * width, width));
        }

        CollectionAssert.AreEqual(whole.ToArray(), byRows.ToArray());
        CollectionAssert.AreEqual(values, TestPng.Decode(byRows.ToArray(), "mask").Samples);
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(new byte[width]));
    }

    private static List<(string Name, byte[] File)> Files()
    {
        byte[] rgba = [.. Image.Pixels.Chunk(3).SelectMany(pixel => (byte[])[.. pixel, byte.MaxValue])];
        byte[] jpeg = EncodedImages.Jpeg(Image);
        byte[] interlaced = TestPng.File(
            TestPng.Header(23, 14, ColorModel.Rgb, 8, interlaced: true),
            TestPng.Chunk("IDAT", TestPng.Deflate(TestPng.Scanlines(23, 14, ColorModel.Rgb, 8, Image.Pixels, interlaced: true, filter: 4))), TestPng.Chunk("IEND"));
        return
        [
            ("png", EncodedImages.Png(Image)), ("interlaced", interlaced), ("pnm", [.. Encoding.ASCII.GetBytes("P6 23 14 255\n"), .. Image.Pixels]),
            ("tiff", TestTiff.Write(23, 14, ColorModel.Rgb, 8, Image.Pixels)),
            ("bmp, bottom up", EncodedImages.Bmp(Image)), ("bmp, top down", EncodedImages.Bmp(23, 14, rgba, topDown: true)), ("jpeg", jpeg), ("jpeg without end", jpeg[..^2]),
            ("webp", EncodedImages.WebP(Image)), ("gif", EncodedImages.Gif(23, 14, [9, 8, 7], new byte[23 * 14])),
            .. Enum.GetValues<ImageOrientation>().Select(orientation => ($"jpeg, {orientation}", EncodedImages.JpegWithExif(jpeg, EncodedImages.Exif(orientation)))),
        ];
    }

    private static byte[] Rows(string path, ImageReadOptions options)
    {
        List<byte> pixels = [];
        ImageReader.ReadRows(path, info => rgb =>
        {
            Assert.AreEqual(3 * info.Width, rgb.Length);
            pixels.AddRange(rgb);
        }, options);
        return [.. pixels];
    }
}
