using System.Buffers.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Reads what a slow writer of its own makes, which follows the specification field by field.</summary>
[TestClass]
public class TiffReaderTests
{
    private const int Width = 37, Height = 21;

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
            foreach (Layout layout in Layouts(bits, color))
            {
                byte[] file = Write(color, bits, samples, compression, layout);

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
        byte[] file = Write(ColorModel.Rgb, 16, samples, 5, new Layout());

        CollectionAssert.AreEqual(samples, TiffReader.Open(new MemorySource(file), "test").ReadAll().Samples);
    }

    [TestMethod]
    public void MaskHasItsStoredValuesAndOrientation()
    {
        byte[] samples = TestPng.RandomSamples(1, Width, Height, ColorModel.Palette, 8);
        byte[] file = Write(ColorModel.Palette, 8, samples, 5, new Layout { Orientation = 3 });

        CollectionAssert.AreEqual(samples.Reverse().ToArray(), MaskReader.ReadClassIndices(new MemoryStream(file), "mask").Labels);
    }

    [TestMethod]
    public void AlphaIsOnWhiteWhetherMultipliedOrNot()
    {
        byte[] samples = new byte[4 * Width * Height];
        new byte[] { 100, 200, 50, 128 }.CopyTo(samples, 0);

        RgbImage straight = RgbImage.Load(new MemoryStream(Write(ColorModel.Rgba, 8, samples, 1, new Layout { Alpha = 2 })), "a");
        new byte[] { 50, 100, 25, 128 }.CopyTo(samples, 0);
        RgbImage multiplied = RgbImage.Load(new MemoryStream(Write(ColorModel.Rgba, 8, samples, 1, new Layout { Alpha = 1 })), "a");

        Assert.AreEqual(new RgbColor(177, 227, 152), straight[0, 0]);
        Assert.AreEqual(new RgbColor(177, 227, 152), multiplied[0, 0]);
        Assert.AreEqual(new RgbColor(255, 255, 255), straight[1, 0]);
    }

    [TestMethod]
    public void EveryTruncationIsRefused()
    {
        foreach (int compression in new[] { 1, 5, 8, 32773 })
        {
            byte[] file = Write(ColorModel.Gray, 8, TestPng.RandomSamples(3, Width, Height, ColorModel.Gray, 8), compression, new Layout { RowsPerStrip = 5 });
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
            byte[] file = Write(ColorModel.Rgb, 8, TestPng.RandomSamples(3, Width, Height, ColorModel.Rgb, 8), compression, new Layout { RowsPerStrip = 5, Predictor = 2 });
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
        byte[] file = Write(ColorModel.Gray, 8, new byte[Width * Height], 1, new Layout { Predictor = 1 });
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
        byte[] file = Write(ColorModel.Gray, 8, new byte[Width * Height], 8, new Layout { TileWidth = 16000, TileHeight = 16000, TileData = false });

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file), "bad.tif")).Message, "tiles of 16000x16000 pixels");
    }

    [TestMethod]
    public void LowBitFirst_IsReadOfUncompressedBitsAlone()
    {
        byte[] samples = TestPng.RandomSamples(4, Width, Height, ColorModel.Gray, 1), inverted = [.. samples.Select(sample => (byte)(1 - sample))];
        foreach (Layout layout in Layouts(1, ColorModel.Gray))
        {
            CollectionAssert.AreEqual(samples, Samples(Write(ColorModel.Gray, 1, samples, 1, layout with { LowBitFirst = true })), $"{layout}");
            CollectionAssert.AreEqual(samples, Samples(Write(ColorModel.Gray, 1, inverted, 1, layout with { LowBitFirst = true, WhiteIsZero = true })), $"{layout}");
        }

        foreach ((int compression, int bits) in new[] { (5, 1), (8, 1), (32773, 1), (1, 2), (1, 4), (1, 16) })
        {
            byte[] file = Write(ColorModel.Gray, bits, TestPng.RandomSamples(4, Width, Height, ColorModel.Gray, bits), compression, new Layout { LowBitFirst = true });
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
            foreach (Layout layout in Layouts(bits, color))
            {
                CollectionAssert.AreEqual(samples, Samples(Write(color, bits, stored, 1, layout with { WhiteIsZero = true })), $"{color}, {layout}");
            }
        }
    }

    [TestMethod]
    public void WhiteIsZero_MultipliedWithAlpha_IsRefused()
    {
        byte[] file = Write(ColorModel.GrayAlpha, 8, new byte[2 * Width * Height], 1, new Layout { WhiteIsZero = true, Alpha = 1 });
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Samples(file)).Message, "multiplied with alpha");
    }

    [TestMethod]
    public void DirectoryBehindTheFirstPartOfAStreamIsRead()
    {
        byte[] samples = TestPng.RandomSamples(2, Width, Height, ColorModel.Rgb, 8);
        using ImageFile file = ImageFile.Open(new MemoryStream(Write(ColorModel.Rgb, 8, samples, 1, new Layout())), "late.tif", extraBytes: 1000);
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
        byte[] file = Write(ColorModel.Rgb, 8, TestPng.RandomSamples(2, Width, Height, ColorModel.Rgb, 8), 8, new Layout { TileWidth = 16, TileHeight = 16 });
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

    private static IEnumerable<Layout> Layouts(int bits, ColorModel color)
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

    /// <summary>A TIFF file of one strip that is not compressed.</summary>
    internal static byte[] Write(int width, int height, ColorModel color, int bits, byte[] samples) => Write(color, bits, samples, 1, new Layout { ImageWidth = width, ImageHeight = height, RowsPerStrip = height });

    private static byte[] Write(ColorModel color, int bits, byte[] samples, int compression, Layout layout)
    {
        (int Width, int Height) = (layout.ImageWidth, layout.ImageHeight);
        int channels = Raster.ChannelsOf(color), together = layout.Planes ? 1 : channels;
        (int blockWidth, int blockHeight) = layout.TileWidth > 0 ? (layout.TileWidth, layout.TileHeight) : (Width, Math.Min(layout.RowsPerStrip, Height));
        List<byte> file = [.. layout.LittleEndian ? "II*\0"u8 : "MM\0*"u8, 0, 0, 0, 0];
        List<int> offsets = [], counts = [];
        for (int plane = 0; plane < channels / together; plane++)
        {
            for (int y0 = 0; y0 < Height; y0 += blockHeight)
            {
                for (int x0 = 0; x0 < Width; x0 += blockWidth)
                {
                    List<byte> block = [];
                    int rows = layout.TileWidth > 0 ? blockHeight : Math.Min(blockHeight, Height - y0);
                    for (int y = y0; layout.TileData && y < y0 + rows; y++)
                    {
                        block.AddRange(Row(x0, y, plane));
                    }

                    byte[] data = Compress(compression, [.. block]);
                    offsets.Add(file.Count);
                    counts.Add(data.Length);
                    file.AddRange(data);
                }
            }
        }

        List<(int Tag, int Type, int[] Values)> fields =
        [
            (256, 4, [Width]), (257, 4, [Height]), (258, 3, [.. Enumerable.Repeat(bits, channels)]), (259, 3, [compression]),
            (262, 3, [color switch { ColorModel.Palette => 3, ColorModel.Rgb or ColorModel.Rgba => 2, _ => layout.WhiteIsZero ? 0 : 1 }]), (266, 3, [layout.LowBitFirst ? 2 : 1]), (274, 3, [layout.Orientation]), (277, 3, [channels]),
            (284, 3, [layout.Planes ? 2 : 1]), (317, 3, [layout.Predictor]), (339, 3, [1]),
        ];
        fields.AddRange(layout.TileWidth > 0
            ? [(322, 3, [layout.TileWidth]), (323, 3, [layout.TileHeight]), (324, 4, [.. offsets]), (325, 4, [.. counts])]
            : [(273, 4, [.. offsets]), (278, 4, [layout.RowsPerStrip]), (279, 4, [.. counts])]);
        if (color == ColorModel.Palette)
        {
            fields.Add((320, 3, [.. Enumerable.Range(0, 3 << bits).Select(i => i * 256 % 65536)]));
        }

        if (color is ColorModel.Rgba or ColorModel.GrayAlpha)
        {
            fields.Add((338, 3, [layout.Alpha]));
        }

        // The values come first, so that the directory's last entry ends the file.
        Dictionary<int, int> places = [];
        foreach ((int tag, int type, int[] values) in fields.Where(field => field.Values.Length * (field.Type == 3 ? 2 : 4) > 4))
        {
            places[tag] = file.Count;
            file.AddRange(values.SelectMany(value => Number(value, type == 3 ? 2 : 4)));
        }

        byte[] start = Number(file.Count, 4);
        for (int i = 0; i < 4; i++)
        {
            file[4 + i] = start[i];
        }

        file.AddRange(Number(fields.Count, 2));
        foreach ((int tag, int type, int[] values) in fields.OrderBy(field => field.Tag))
        {
            file.AddRange([.. Number(tag, 2), .. Number(type, 2), .. Number(values.Length, 4)]);
            byte[] inline = [.. values.SelectMany(value => Number(value, type == 3 ? 2 : 4)), 0, 0];
            file.AddRange(places.TryGetValue(tag, out int place) ? Number(place, 4) : inline[..4]);
        }

        return [.. file];

        byte[] Number(int value, int size)
        {
            byte[] bytes = [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
            return layout.LittleEndian ? bytes[..size] : [.. bytes[..size].Reverse()];
        }

        byte[] Row(int x0, int y, int plane)
        {
            List<int> values = [];
            for (int x = x0; x < x0 + blockWidth; x++)
            {
                for (int channel = plane; channel < plane + together; channel++)
                {
                    int i = (((Math.Min(y, Height - 1) * Width) + Math.Min(x, Width - 1)) * channels) + channel;
                    values.Add(bits == 16 ? (samples[2 * i] << 8) | samples[(2 * i) + 1] : samples[i]);
                }
            }

            for (int i = values.Count - 1; layout.Predictor == 2 && i >= together; i--)
            {
                values[i] -= values[i - together];
            }

            if (bits >= 8)
            {
                return [.. values.SelectMany(value => Number(value, bits / 8))];
            }

            byte[] packed = new byte[((values.Count * bits) + 7) / 8];
            for (int i = 0; i < values.Count; i++)
            {
                packed[i * bits / 8] |= (byte)(values[i] << (layout.LowBitFirst ? i * bits % 8 : 8 - bits - (i * bits % 8)));
            }

            return packed;
        }
    }

    private static byte[] Compress(int compression, byte[] data) => compression switch
    {
        1 => data,
        5 => Lzw(data),
        8 => TestPng.Deflate(data),
        _ => PackBits(data),
    };

    private static byte[] PackBits(byte[] data)
    {
        List<byte> packed = [0x80];
        for (int i = 0; i < data.Length;)
        {
            int run = 1;
            while (run < 128 && i + run < data.Length && data[i + run] == data[i])
            {
                run++;
            }

            if (run > 1)
            {
                packed.AddRange([(byte)(1 - run), data[i]]);
                i += run;
            }
            else
            {
                int count = Math.Min(3, data.Length - i);
                packed.AddRange([(byte)(count - 1), .. data[i..(i + count)]]);
                i += count;
            }
        }

        return [.. packed];
    }

    /// <summary>As the specification's pseudo-code has it: the table is a dictionary of strings, the width grows one code early.</summary>
    private static byte[] Lzw(byte[] data)
    {
        List<bool> bits = [];
        Dictionary<string, int> table = [];
        int width = 9;
        Clear();
        string omega = "";
        foreach (byte value in data)
        {
            string longer = omega + (char)value;
            if (longer.Length == 1 || table.ContainsKey(longer))
            {
                omega = longer;
                continue;
            }

            Put(Code(omega));
            table[longer] = table.Count + 258;
            width = (table.Count + 258) switch { >= 2048 => 12, >= 1024 => 11, >= 512 => 10, _ => 9 };
            if (table.Count + 258 == 4095)
            {
                Clear();
            }

            omega = "" + (char)value;
        }

        if (omega.Length > 0)
        {
            Put(Code(omega));
        }

        Put(257);
        byte[] packed = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            packed[i / 8] |= (byte)(bits[i] ? 0x80 >> (i % 8) : 0);
        }

        return packed;

        int Code(string text) => text.Length == 1 ? text[0] : table[text];

        void Clear()
        {
            Put(256);
            table.Clear();
            width = 9;
        }

        void Put(int code)
        {
            for (int bit = width - 1; bit >= 0; bit--)
            {
                bits.Add((code >> bit & 1) != 0);
            }
        }
    }

    private sealed record Layout
    {
        public int ImageWidth { get; init; } = Width;

        public int ImageHeight { get; init; } = Height;

        public bool LittleEndian { get; init; } = true;

        public int RowsPerStrip { get; init; } = Height;

        public int TileWidth { get; init; }

        public int TileHeight { get; init; }

        public bool TileData { get; init; } = true;

        public int Predictor { get; init; } = 1;

        public bool Planes { get; init; }

        public int Orientation { get; init; } = 1;

        public bool LowBitFirst { get; init; }

        public bool WhiteIsZero { get; init; }

        public int Alpha { get; init; } = 2;
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
