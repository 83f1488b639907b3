using System.Buffers.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Reads what a slow writer of the tests makes (<see cref="TestTiff"/>).</summary>
[TestClass]
public class TiffReaderTests
{
    private const int Width = TestTiff.Width, Height = TestTiff.Height;

    [TestMethod]
    [DataRow(1)]
    [DataRow(5)]
    [DataRow(8)]
    [DataRow(32773)]
    public void EveryLayoutIsRead(int compression)
    {
        foreach ((ColorModel color, int bits) in new[]
        {
            (ColorModel.Gray, 1), (ColorModel.Gray, 4), (ColorModel.Gray, 8), (ColorModel.Gray, 16), (ColorModel.Palette, 2), (ColorModel.Palette, 8),
            (ColorModel.Rgb, 8), (ColorModel.Rgb, 16), (ColorModel.Rgba, 8), (ColorModel.GrayAlpha, 16),
        })
        {
            byte[] samples = TestPng.RandomSamples(bits, Width, Height, color, bits);
            foreach (TestTiff.Layout layout in Layouts(bits, color))
            {
                byte[] file = TestTiff.Write(color, bits, samples, compression, layout);

                Raster raster = TiffReader.Open(new MemorySource(file), "test").ReadAll();

                Assert.AreEqual((Width, Height, color, (1 << bits) - 1), (raster.Width, raster.Height, raster.Color, raster.MaxValue));
                CollectionAssert.AreEqual(samples, raster.Samples, $"{color}, {bits} bits, {layout}");
            }
        }
    }

    [TestMethod]
    public void LongRunsOfLzwGoThroughEveryCodeWidth()
    {
        // Noise fills the table of 4096 strings several times; a flat part makes codes that stand for what they are just writing.
        byte[] samples = TestPng.RandomSamples(5, Width, Height, ColorModel.Rgb, 16);
        samples.AsSpan(500, 2000).Clear();
        byte[] file = TestTiff.Write(ColorModel.Rgb, 16, samples, 5, new TestTiff.Layout());

        CollectionAssert.AreEqual(samples, TiffReader.Open(new MemorySource(file), "test").ReadAll().Samples);
    }

    [TestMethod]
    public void MaskHasItsStoredValuesAndOrientation()
    {
        byte[] samples = TestPng.RandomSamples(1, Width, Height, ColorModel.Palette, 8);
        byte[] file = TestTiff.Write(ColorModel.Palette, 8, samples, 5, new TestTiff.Layout { Orientation = 3 });

        CollectionAssert.AreEqual(samples.Reverse().ToArray(), MaskReader.ReadClassIndices(new MemoryStream(file), "mask").Labels);
    }

    [TestMethod]
    public void AlphaIsOnWhiteWhetherMultipliedOrNot()
    {
        byte[] samples = new byte[4 * Width * Height];
        new byte[] { 100, 200, 50, 128 }.CopyTo(samples, 0);

        RgbImage straight = RgbImage.Load(new MemoryStream(TestTiff.Write(ColorModel.Rgba, 8, samples, 1, new TestTiff.Layout { Alpha = 2 })), "a");
        new byte[] { 50, 100, 25, 128 }.CopyTo(samples, 0);
        RgbImage multiplied = RgbImage.Load(new MemoryStream(TestTiff.Write(ColorModel.Rgba, 8, samples, 1, new TestTiff.Layout { Alpha = 1 })), "a");

        Assert.AreEqual(new RgbColor(177, 227, 152), straight[0, 0]);
        Assert.AreEqual(new RgbColor(177, 227, 152), multiplied[0, 0]);
        Assert.AreEqual(new RgbColor(255, 255, 255), straight[1, 0]);
    }

    [TestMethod]
    public void EveryTruncationIsRefused()
    {
        foreach (int compression in new[] { 1, 5, 8, 32773 })
        {
            byte[] file = TestTiff.Write(ColorModel.Gray, 8, TestPng.RandomSamples(3, Width, Height, ColorModel.Gray, 8), compression, new TestTiff.Layout { RowsPerStrip = 5 });
            // The value that ends the directory has two bytes, and two that mean nothing.
            for (int length = 0; length < file.Length - 2; length++)
            {
                string message = Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file[..length]), "cut")).Message;
                StringAssert.StartsWith(message, "cut: ");
            }
        }
    }

    [TestMethod]
    public void DamageIsRefusedOrReadWhateverItIs()
    {
        Random random = new(7);
        foreach (int compression in new[] { 1, 5, 8, 32773 })
        {
            byte[] file = TestTiff.Write(ColorModel.Rgb, 8, TestPng.RandomSamples(3, Width, Height, ColorModel.Rgb, 8), compression, new TestTiff.Layout { RowsPerStrip = 5, Predictor = 2 });
            for (int i = 0; i < 3000; i++)
            {
                byte[] damaged = [.. file];
                for (int k = random.Next(1, 4); k > 0; k--)
                {
                    damaged[random.Next(k % 2 == 0 ? 0 : damaged.Length - 200, damaged.Length)] = (byte)random.Next(256);
                }

                try
                {
                    ImageReader.Load(new MemoryStream(damaged), "damaged", new() { MaxPixels = 1 << 20 });
                }
                catch (InvalidDataException error)
                {
                    StringAssert.StartsWith(error.Message, "damaged: ");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(259, 7, "compression 7 is not read")]
    [DataRow(258, 12, "12 bits a sample are not read")]
    [DataRow(262, 6, "colours of kind 6 are not read")]
    [DataRow(277, 9, "9 samples a pixel are not read")]
    [DataRow(339, 3, "floating-point are not read")]
    [DataRow(317, 3, "predictor 3 is not read")]
    [DataRow(266, 2, "fill order 2 is not read")]
    [DataRow(266, 3, "fill order 3 is not read")]
    [DataRow(256, 0, "gives the size 0x21")]
    public void WhatIsNotReadIsNamed(int tag, int value, string expected)
    {
        byte[] file = TestTiff.Write(ColorModel.Gray, 8, new byte[Width * Height], 1, new TestTiff.Layout { Predictor = 1 });
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        for (int entry = directory + 2; entry < file.Length - 4; entry += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry)) == tag)
            {
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(entry + 8), value);
            }
        }

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file), "bad.tif")).Message, expected);
    }

    [TestMethod]
    public void LargeTileOfASmallImageIsRefused()
    {
        byte[] file = TestTiff.Write(ColorModel.Gray, 8, new byte[Width * Height], 8, new TestTiff.Layout { TileWidth = 16000, TileHeight = 16000, TileData = false });

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file), "bad.tif")).Message, "tiles of 16000x16000 pixels");
    }

    [TestMethod]
    public void LowBitFirst_IsReadOfUncompressedBitsAlone()
    {
        byte[] samples = TestPng.RandomSamples(4, Width, Height, ColorModel.Gray, 1), inverted = [.. samples.Select(sample => (byte)(1 - sample))];
        foreach (TestTiff.Layout layout in Layouts(1, ColorModel.Gray))
        {
            CollectionAssert.AreEqual(samples, Samples(TestTiff.Write(ColorModel.Gray, 1, samples, 1, layout with { LowBitFirst = true })), $"{layout}");
            CollectionAssert.AreEqual(samples, Samples(TestTiff.Write(ColorModel.Gray, 1, inverted, 1, layout with { LowBitFirst = true, WhiteIsZero = true })), $"{layout}");
        }

        foreach ((int compression, int bits) in new[] { (5, 1), (8, 1), (32773, 1), (1, 2), (1, 4), (1, 16) })
        {
            byte[] file = TestTiff.Write(ColorModel.Gray, bits, TestPng.RandomSamples(4, Width, Height, ColorModel.Gray, bits), compression, new TestTiff.Layout { LowBitFirst = true });
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Samples(file)).Message, "test: TIFF file: fill order 2 is not read", $"{compression}, {bits}");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(8)]
    [DataRow(16)]
    public void WhiteIsZero_InvertsGrayAndNotAlpha(int bits)
    {
        foreach (ColorModel color in bits < 8 ? [ColorModel.Gray] : new[] { ColorModel.Gray, ColorModel.GrayAlpha })
        {
            int pixel = Raster.ChannelsOf(color) * (bits == 16 ? 2 : 1), max = Math.Min((1 << bits) - 1, byte.MaxValue);
            byte[] samples = TestPng.RandomSamples(6, Width, Height, color, bits);
            byte[] stored = [.. samples.Select((value, i) => (byte)(i % pixel < (bits == 16 ? 2 : 1) ? max - value : value))];
            foreach (TestTiff.Layout layout in Layouts(bits, color))
            {
                CollectionAssert.AreEqual(samples, Samples(TestTiff.Write(color, bits, stored, 1, layout with { WhiteIsZero = true })), $"{color}, {layout}");
            }
        }
    }

    [TestMethod]
    public void WhiteIsZero_MultipliedWithAlpha_IsRefused()
    {
        byte[] file = TestTiff.Write(ColorModel.GrayAlpha, 8, new byte[2 * Width * Height], 1, new TestTiff.Layout { WhiteIsZero = true, Alpha = 1 });
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Samples(file)).Message, "multiplied with alpha");
    }

    [TestMethod]
    public void DirectoryBehindTheFirstPartOfAStreamIsRead()
    {
        byte[] samples = TestPng.RandomSamples(2, Width, Height, ColorModel.Rgb, 8);
        using ImageFile file = ImageFile.Open(new MemoryStream(TestTiff.Write(ColorModel.Rgb, 8, samples, 1, new TestTiff.Layout())), "late.tif", extraBytes: 1000);
        CollectionAssert.AreEqual(samples, file.ReadSamples().Samples);
    }

    [TestMethod]
    public void DirectoryThatNeverComesIsNotLookedForWithoutEnd()
    {
        EndlessStream stream = new([.. "II*\0"u8, 0xFF, 0xFF, 0xFF, 0x7F]);
        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => ImageFile.Open(stream, "endless.tif", new() { MaxPixels = 100 }, extraBytes: 1000));
        StringAssert.StartsWith(error.Message, "endless.tif: the TIFF file is truncated");
        Assert.AreEqual(1000 + (16 * 100), stream.Count);
    }

    [TestMethod]
    public void EveryBlockIsDisposedAlsoAfterAnError()
    {
        byte[] file = TestTiff.Write(ColorModel.Rgb, 8, TestPng.RandomSamples(2, Width, Height, ColorModel.Rgb, 8), 8, new TestTiff.Layout { TileWidth = 16, TileHeight = 16 });
        foreach (int rows in new[] { int.MaxValue, 5 })
        {
            List<BlockStream> blocks = [];
            TiffReader reader = TiffReader.Open(new MemorySource(file), "test", (compression, data) =>
            {
                blocks.Add(new(TiffCompression.Expand(compression, data)));
                return blocks[^1];
            });
            int left = rows;
            void Take(SampleRow take) => reader.ReadRows(() => take);
            if (rows == int.MaxValue)
            {
                Take((_, _) => { });
            }
            else
            {
                Assert.ThrowsExactly<OperationCanceledException>(() => Take((_, _) => { if (--left == 0) { throw new OperationCanceledException(); } }));
            }

            Assert.HasCount(rows == int.MaxValue ? 6 : 3, blocks);
            Assert.IsTrue(blocks.TrueForAll(block => block.IsDisposed), $"{rows}");
        }
    }

    private static byte[] Samples(byte[] file) => TiffReader.Open(new MemorySource(file), "test").ReadAll().Samples;

    private static IEnumerable<TestTiff.Layout> Layouts(int bits, ColorModel color)
    {
        yield return new();
        yield return new() { RowsPerStrip = 4, LittleEndian = false };
        yield return new() { TileWidth = 16, TileHeight = 32 };
        if (bits >= 8)
        {
            yield return new() { RowsPerStrip = 8, Predictor = 2 };
            yield return new() { TileWidth = 32, TileHeight = 16, Predictor = 2, LittleEndian = false };
        }

        if (Raster.ChannelsOf(color) > 1)
        {
            yield return new() { RowsPerStrip = 6, Planes = true, Predictor = 2 };
        }
    }

    /// <summary>Zeros behind a start, and how much of it all was read.</summary>
    private sealed class EndlessStream(byte[] start) : ReadOnlyStream
    {
        public long Count { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            buffer.Clear();
            start.AsSpan((int)Math.Min(Count, start.Length)).CopyTo(buffer);
            Count += buffer.Length;
            return buffer.Length;
        }
    }

    private sealed class BlockStream(Stream data) : ReadOnlyStream
    {
        public bool IsDisposed { get; private set; }

        public override int Read(Span<byte> buffer) => data.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            data.Dispose();
            base.Dispose(disposing);
        }
    }
}
