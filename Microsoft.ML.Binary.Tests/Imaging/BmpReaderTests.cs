using System.Buffers.Binary;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public sealed class BmpReaderTests
{
    private static readonly byte[] Labels = [0, 1, 2, 3, 1, 0, 0, 2, 1, 3, 3, 3, 0, 1, 2];

    [TestMethod]
    [DataRow(4)]
    [DataRow(8)]
    public void PaletteIndices_AreKept(int bits)
    {
        foreach (bool topDown in new[] { false, true })
        {
            SegmentationMask mask = MaskReader.ReadClassIndices(new MemoryStream(Bitmap(5, 3, bits, topDown)), "a.bmp");
            Assert.AreEqual((5, 3), (mask.Width, mask.Height));
            CollectionAssert.AreEqual(Labels, mask.Labels);
        }
    }

    [TestMethod]
    public void OneBit_IsTwoClasses()
    {
        byte[] two = [.. Labels.Select(label => (byte)(label & 1))];
        CollectionAssert.AreEqual(two, MaskReader.ReadClassIndices(new MemoryStream(Bitmap(5, 3, 1, false, two)), "a.bmp").Labels);
    }

    [TestMethod]
    [DataRow(24)]
    [DataRow(32)]
    public void GrayColors_AreTheirValues(int bits) =>
        CollectionAssert.AreEqual(Labels, MaskReader.ReadClassIndices(new MemoryStream(Bitmap(5, 3, bits, false)), "a.bmp").Labels);

    [TestMethod]
    public void Palette_GivesGrayValues()
    {
        // Entry i of the palette is gray 80 i.
        byte[] expected = [.. Labels.Select(label => (byte)(80 * label))];
        CollectionAssert.AreEqual(expected, MaskReader.ReadGray(new MemoryStream(Bitmap(5, 3, 8, false)), "a.bmp").Values);
    }

    [TestMethod]
    public void EveryTruncationAndEveryHostileSize_IsAnError()
    {
        byte[] file = Bitmap(5, 3, 8, false);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.ThrowsExactly<InvalidDataException>(() => MaskReader.ReadGray(new MemoryStream(file, 0, length), "a.bmp"), $"{length} bytes");
        }

        foreach (int width in new[] { int.MinValue, -1, 0, 6000, int.MaxValue })
        {
            foreach (int height in new[] { int.MinValue, 0, -6000, 6000, int.MaxValue })
            {
                foreach (short bits in new short[] { 1, 8, 24, 32 })
                {
                    byte[] hostile = [.. file];
                    BinaryPrimitives.WriteInt32LittleEndian(hostile.AsSpan(18), width);
                    BinaryPrimitives.WriteInt32LittleEndian(hostile.AsSpan(22), height);
                    BinaryPrimitives.WriteInt16LittleEndian(hostile.AsSpan(28), bits);
                    string message = Assert.ThrowsExactly<InvalidDataException>(() => MaskReader.ReadGray(new MemoryStream(hostile), "a.bmp")).Message;
                    StringAssert.StartsWith(message, "a.bmp: the bitmap is");
                }
            }
        }
    }

    [TestMethod]
    public void RandomBytes_NeverBreakTheReader()
    {
        Random random = new(7);
        byte[] file = Bitmap(5, 3, 8, false);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = [.. file];
            for (int k = 0; k < 3; k++)
            {
                damaged[random.Next(2, 60)] = (byte)random.Next(256);
            }

            try
            {
                MaskReader.ReadGray(new MemoryStream(damaged), "a.bmp");
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [TestMethod]
    public void Compressed_IsRefusedWithTheWayOut()
    {
        byte[] file = Bitmap(5, 3, 8, false);
        file[30] = 1;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => MaskReader.ReadGray(new MemoryStream(file), "a.bmp")).Message, "Save it as PNG");
    }

    /// <summary>A bitmap with a palette of gray 0, 80, 160, ... or of gray pixels.</summary>
    private static byte[] Bitmap(int width, int height, int bits, bool topDown, byte[]? labels = null)
    {
        labels ??= Labels;
        int palette = bits <= 8 ? 4 << bits : 0, stride = (width * bits + 31) / 32 * 4, pixels = 54 + palette;
        byte[] file = new byte[pixels + stride * height];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), pixels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -height : height);
        file[26] = 1;
        file[28] = (byte)bits;
        for (int i = 0; i < palette / 4; i++)
        {
            file.AsSpan(54 + 4 * i, 3).Fill((byte)(80 * i));
        }

        for (int y = 0; y < height; y++)
        {
            Span<byte> row = file.AsSpan(pixels + stride * (topDown ? y : height - 1 - y), stride);
            for (int x = 0; x < width; x++)
            {
                byte label = labels[y * width + x];
                if (bits <= 8)
                {
                    row[x * bits / 8] |= (byte)(label << (8 - bits - x * bits % 8));
                }
                else
                {
                    row.Slice(x * bits / 8, 3).Fill(label);
                }
            }
        }

        return file;
    }
}
