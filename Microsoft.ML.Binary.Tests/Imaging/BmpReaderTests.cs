using System.Buffers.Binary;
using Microsoft.ML.Binary.Imaging;
using SkiaSharp;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class BmpReaderTests
{
    private static readonly byte[] Palette = [.. Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)(255 - i), (byte)(i * 7), (byte)0 })];

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(8)]
    [DataRow(16)]
    [DataRow(24)]
    [DataRow(32)]
    public void EveryDepthIsReadAsSkiaReadsIt(int bits)
    {
        foreach ((int width, int height) in new[] { (1, 1), (3, 2), (8, 5), (33, -7) })
        {
            int stride = ((width * bits) + 31) / 32 * 4;
            byte[] pixels = new byte[stride * Math.Abs(height)];
            new Random(bits + width).NextBytes(pixels);
            byte[] file = File(width, height, bits, 0, pixels);

            RgbImage image = RgbImage.Load(new MemoryStream(file), "image");

            using SKBitmap expected = SKBitmap.Decode(file);
            Assert.AreEqual((expected.Width, expected.Height), (image.Width, image.Height));
            for (int y = 0; y < image.Height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    SKColor color = expected.GetPixel(x, y);
                    RgbColor actual = image[x, y];
                    Assert.AreEqual((color.Red, color.Green, color.Blue), (actual.R, actual.G, actual.B), $"{bits} bits, x={x}, y={y}");
                }
            }
        }
    }

    [TestMethod]
    public void IndicesOfAPaletteAreTheClassesOfAMask()
    {
        byte[] file = File(3, 2, 8, 0, [4, 5, 6, 0, 1, 2, 3, 0]);

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 6 }, MaskReader.ReadClassIndices(new MemoryStream(file), "mask").Labels);
    }

    [TestMethod]
    public void RunsAreExpanded()
    {
        // Bottom row: three of 7, then 1, 2, 3 one by one (padded to whole words), end of row. Then a move by 2 columns and a row, two of 9, end.
        byte[] eight = [3, 7, 0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 2, 1, 2, 9, 0, 1];
        byte[] four = [3, 0x78, 0, 3, 0x12, 0x30, 0, 0, 0, 2, 2, 1, 2, 0x9A, 0, 1];

        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 1, 2, 3 },
            MaskReader.ReadClassIndices(new MemoryStream(File(6, 3, 8, 1, eight)), "mask").Labels);
        CollectionAssert.AreEqual(
            new byte[] { 0, 0, 9, 10, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 7, 1, 2, 3 },
            MaskReader.ReadClassIndices(new MemoryStream(File(6, 3, 4, 2, four)), "mask").Labels);
    }

    [TestMethod]
    public void HeaderOfOs2IsRead()
    {
        byte[] file = [.. "BM"u8, .. new byte[8], 32, 0, 0, 0, 12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 4, 5, 6, 0x40, 0, 0, 0];

        CollectionAssert.AreEqual(new byte[] { 3, 2, 1, 6, 5, 4 }, RgbImage.Load(new MemoryStream(file), "image").Pixels);
    }

    [TestMethod]
    public void EveryTruncationIsRefused()
    {
        foreach (byte[] file in new[] { File(5, 4, 8, 0, new byte[32]), File(5, 4, 24, 0, new byte[64]), File(6, 2, 8, 1, [3, 7, 0, 0, 2, 1, 0, 1]) })
        {
            // Padding after the last row and the last byte of the end code are not missed.
            int needed = file.Length - (file[30] == 1 ? 0 : file[28] == 24 ? 1 : 3);
            for (int length = 0; length < needed; length++)
            {
                string message = Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file[..length]), "cut"), $"{length} bytes").Message;
                StringAssert.StartsWith(message, "cut: ");
            }
        }
    }

    [TestMethod]
    [DataRow(14, 39, "a header of 39 bytes")]
    [DataRow(18, 0, "the size 0x4")]
    [DataRow(22, int.MinValue, "both sides must be at least 1")]
    [DataRow(30, 4, "8 bits a pixel with compression 4 are not read")]
    [DataRow(28, 3, "3 bits a pixel")]
    [DataRow(10, -1, "truncated")]
    public void WrongHeadersAreNamed(int at, int value, string expected)
    {
        byte[] file = File(5, 4, 8, 0, new byte[32]);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file), "bad.bmp")).Message, expected);
    }

    private static byte[] File(int width, int height, int bits, int compression, byte[] pixels)
    {
        byte[] palette = bits <= 8 ? Palette[..(4 << bits)] : [];
        byte[] file = [.. "BM"u8, .. new byte[52], .. palette, .. pixels];
        foreach ((int at, int value) in new[] { (10, 54 + palette.Length), (14, 40), (18, width), (22, height), (26, 1), (30, compression) })
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        }

        file[28] = (byte)bits;
        return file;
    }
}
