using System.Buffers.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PngDamageTests
{
    private const int EndBytes = 12;

    private static readonly byte[] Header2x2 = TestPng.Header(2, 2, ColorModel.Gray, 8);
    private static readonly byte[] Data2x2 = TestPng.Chunk("IDAT", TestPng.Deflate([0, 1, 2, 0, 3, 4]));
    private static readonly byte[] End = TestPng.Chunk("IEND");

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EveryTruncationOfTheImageDataIsRefusedAndOneOfTheEndIsAWarning(bool interlaced)
    {
        byte[] file = SmallFile(interlaced);
        for (int length = 0; length < file.Length - EndBytes; length++)
        {
            var error = Assert.ThrowsExactly<InvalidDataException>(() => TestPng.Decode(file.AsMemory(0, length), "cut.png"), $"{length} bytes");
            StringAssert.StartsWith(error.Message, "cut.png: ");
        }

        byte[] samples = TestPng.Decode(file, "whole.png", Assert.Fail).Samples;
        for (int length = file.Length - EndBytes; length < file.Length; length++)
        {
            List<string> warnings = [];
            CollectionAssert.AreEqual(samples, TestPng.Decode(file.AsMemory(0, length), "cut.png", warnings.Add).Samples);
            StringAssert.StartsWith(warnings.Single(), "cut.png: the PNG file ends without an IEND chunk");
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EveryChangedByteIsRefusedOrBesideThePixelsAndAWarning(bool interlaced)
    {
        byte[] file = SmallFile(interlaced);
        byte[] samples = TestPng.Decode(file, "whole.png").Samples;
        RgbImage colors = RgbImage.Load(new MemoryStream(file), "whole.png");
        Assert.AreEqual((4, 5), (colors.Width, colors.Height));
        int warned = 0;
        for (int at = 0; at < file.Length; at++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x20, 0x80, 0xFF })
            {
                byte[] damaged = [.. file];
                damaged[at] ^= flip;
                List<string> warnings = [];
                try
                {
                    CollectionAssert.AreEqual(samples, TestPng.Decode(damaged, "bad.png", warnings.Add).Samples, $"byte {at} ^ {flip}");
                    Assert.IsNotEmpty(warnings, $"byte {at} ^ {flip} goes unnoticed");
                    warned++;
                }
                catch (InvalidDataException error)
                {
                    StringAssert.StartsWith(error.Message, "bad.png: ");
                }

                try
                {
                    RgbImage read = RgbImage.Load(new MemoryStream(damaged), "bad.png");
                    Assert.AreEqual(colors.Width, read.Width, $"byte {at} ^ {flip}");
                    CollectionAssert.AreEqual(colors.Pixels, read.Pixels, $"byte {at} ^ {flip}");
                }
                catch (InvalidDataException error)
                {
                    StringAssert.StartsWith(error.Message, "bad.png: ");
                }
            }
        }

        // The transparency, with its name, its data and its CRC, and the end chunk.
        Assert.IsLessThanOrEqualTo(4 * (28 + EndBytes), warned);
    }

    [TestMethod]
    public void DamageBehindAValidCrcIsRefusedOrWarnedOf()
    {
        // An attacker can make every checksum of the chunks right, so the bytes inside of them must be checked too.
        byte[] samples = TestPng.RandomSamples(3, 9, 9, ColorModel.Rgb, 8);
        byte[] data = TestPng.Deflate(TestPng.Scanlines(9, 9, ColorModel.Rgb, 8, samples, true, -1));
        int noticed = 0;
        for (int at = 0; at < data.Length; at++)
        {
            byte[] damaged = [.. data];
            damaged[at] ^= 0x10;
            byte[] file = TestPng.File(TestPng.Header(9, 9, ColorModel.Rgb, 8, true), TestPng.Chunk("IDAT", damaged), End);
            List<string> warnings = [];
            try
            {
                Assert.AreEqual(samples.Length, TestPng.Decode(file, "bad.png", warnings.Add).Samples.Length);
            }
            catch (InvalidDataException error)
            {
                warnings.Add(error.Message);
            }

            noticed += warnings.Count > 0 ? 1 : 0;
            Assert.IsTrue(warnings.TrueForAll(warning => warning.StartsWith("bad.png: PNG chunk IDAT", StringComparison.Ordinal)));
        }

        // The checksum inside the compressed data leaves nothing undetected but header bits without a meaning for decoding.
        Assert.IsGreaterThanOrEqualTo(data.Length - 2, noticed);
    }

    [TestMethod]
    public void TruncatedImageDataBehindAValidCrcAreRefused()
    {
        // Past the last pixel come the end-of-block code (1 byte here) and the inner checksum (4): without them every pixel is still there,
        // and the chunk's CRC vouches for it.
        const int trailer = 5;
        byte[] data = TestPng.Deflate([0, 1, 2, 0, 3, 4]);
        for (int length = 0; length < data.Length - trailer; length++)
        {
            byte[] file = TestPng.File(Header2x2, TestPng.Chunk("IDAT", data[..length]), End);
            StringAssert.StartsWith(Message(file), "bad.png: PNG chunk IDAT", $"{length} of {data.Length} bytes");
        }
    }

    [TestMethod]
    public void AnExifChunkThatIsCutIsRefused()
    {
        byte[] file = TestPng.File(Header2x2, Data2x2, TestPng.Chunk("eXIf", EncodedImages.Exif(ImageOrientation.Rotated90)));

        StringAssert.Contains(Message(file[..^5]), "chunk eXIf: claims");
    }

    [TestMethod]
    public void CrcErrorNamesTheChunk()
    {
        byte[] data = [.. Data2x2];
        data[^1] ^= 1;

        StringAssert.Contains(Message(TestPng.File(Header2x2, data, End)), "chunk IDAT: CRC");
    }

    [TestMethod]
    [DataRow(0, 5)]
    [DataRow(5, 0)]
    [DataRow(-1, 5)]
    public void SizeOutOfLimitsIsRefusedBeforeAllocation(int width, int height)
    {
        byte[] file = TestPng.File(TestPng.Header(width, height, ColorModel.Gray, 8), Data2x2, End);

        StringAssert.Contains(Message(file), $"chunk IHDR: size {(uint)width}x{(uint)height}");
        Assert.IsLessThan(1L << 20, Allocation.Of(() => Message(file)));
    }

    [TestMethod]
    [DataRow(16000)]
    [DataRow(int.MaxValue)]
    public void SizeThatTheDataCannotFillIsRefusedBeforeAllocation(int side)
    {
        byte[] file = TestPng.File(TestPng.Header(side, side, ColorModel.Gray, 8), Data2x2, End);

        StringAssert.Contains(Message(file), $"cannot hold {side}x{side}");
        Assert.IsLessThan(1L << 20, Allocation.Of(() => Message(file)));
    }

    [TestMethod]
    public void ChunkLengthBeyondTheFileIsRefusedBeforeAllocation()
    {
        byte[] data = [.. Data2x2];
        BinaryPrimitives.WriteUInt32BigEndian(data, uint.MaxValue);
        byte[] file = TestPng.File(Header2x2, data, End);

        StringAssert.Contains(Message(file), "claims 4294967295 bytes");
        Assert.IsLessThan(1L << 20, Allocation.Of(() => Message(file)));
    }

    [TestMethod]
    [DataRow(0, 3)]
    [DataRow(3, 16)]
    [DataRow(2, 4)]
    [DataRow(6, 1)]
    [DataRow(1, 8)]
    [DataRow(7, 8)]
    public void UndefinedFormatIsRefused(int color, int bitDepth)
        => StringAssert.Contains(
            Message(TestPng.File(TestPng.Header(2, 2, (ColorModel)color, bitDepth), Data2x2, End)), $"colour type {color} with bit depth {bitDepth}");

    [TestMethod]
    public void WrongStructureIsNamed()
    {
        byte[] palette = TestPng.Chunk("PLTE", 1, 2, 3);
        byte[] indexed = TestPng.Header(2, 2, ColorModel.Palette, 8);
        byte[] text = TestPng.Chunk("tEXt", 65);

        StringAssert.Contains(Message(TestPng.File(Data2x2, Header2x2, End)), "chunk IDAT: stands first");
        StringAssert.Contains(Message(TestPng.File(Header2x2, End)), "chunk IDAT: missing");
        StringAssert.Contains(Message(TestPng.File(Header2x2, Data2x2, text, Data2x2, End)), "interrupted");
        StringAssert.Contains(Message(TestPng.File(Header2x2, Header2x2, Data2x2, End)), "chunk IHDR");
        StringAssert.Contains(Message(TestPng.File(Header2x2, TestPng.Chunk("IMPO"), Data2x2, End)), "chunk IMPO");
        StringAssert.Contains(Message(TestPng.File(indexed, Data2x2, End)), "chunk PLTE: missing");
        StringAssert.Contains(Message(TestPng.File(indexed, palette, palette, Data2x2, End)), "second palette");
        StringAssert.Contains(Message(TestPng.File(indexed, Data2x2, palette, End)), "before the image data");
        StringAssert.Contains(Message(TestPng.File(indexed, TestPng.Chunk("PLTE", 1, 2), Data2x2, End)), "chunk PLTE: 2 bytes");
        StringAssert.Contains(Message(TestPng.File(indexed, palette, TestPng.Chunk("tRNS", 1, 2), Data2x2, End)), "chunk tRNS: 2 alpha");
        StringAssert.Contains(Message(TestPng.File(Header2x2, TestPng.Chunk("tRNS", 1), Data2x2, End)), "chunk tRNS: 1 bytes");
        StringAssert.Contains(Message(TestPng.File(TestPng.Chunk("IHDR", 1, 2), Data2x2, End)), "chunk IHDR: 2 bytes");
    }

    [TestMethod]
    public void WrongFilterAndSurplusDataAreNamed()
    {
        StringAssert.Contains(Message(TestPng.File(Header2x2, TestPng.Chunk("IDAT", TestPng.Deflate([0, 1, 2, 5, 3, 4])), End)), "row 1 has filter 5");

        List<string> warnings = [];
        byte[] surplus = TestPng.File(Header2x2, TestPng.Chunk("IDAT", TestPng.Deflate([0, 1, 2, 0, 3, 4, 9])), End);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4 }, TestPng.Decode(surplus, "bad.png", warnings.Add).Samples);
        StringAssert.Contains(warnings.Single(), "holds more data than 2x2 pixels need");
    }

    private static string Message(byte[] file)
        => Assert.ThrowsExactly<InvalidDataException>(() => TestPng.Decode(file, "bad.png")).Message;

    private static byte[] SmallFile(bool interlaced)
        => TestPng.Encode(
            5, 4, ColorModel.Palette, 4, TestPng.RandomSamples(2, 5, 4, ColorModel.Palette, 4), interlaced, -1,
            TestPng.Chunk("PLTE", [.. Enumerable.Range(0, 48).Select(i => (byte)(5 * i))]), TestPng.Chunk("tRNS", [.. Enumerable.Range(0, 16).Select(i => (byte)(7 * i))]),
            TestPng.Chunk("eXIf", EncodedImages.Exif(ImageOrientation.Rotated90)));
}
