using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Images that are reduced while they are decoded, so that a small file with many pixels takes little memory.</summary>
[TestClass]
public sealed class ReducedReadingTests
{
    private const int Width = 75, Height = 43;

    [TestMethod]
    [DataRow(39, 1)]
    [DataRow(38, 2)]
    [DataRow(20, 2)]
    [DataRow(19, 4)]
    [DataRow(10, 8)]
    [DataRow(1, 8)]
    public void EveryPixelIsTheMeanOfItsBox(int needed, int reduction)
    {
        foreach ((string name, byte[] file) in Files())
        {
            AssertMeans(name, file, needed, reduction);
        }
    }

    [TestMethod]
    public void ReducedPicturesAreUpright()
    {
        RgbImage image = EncodedImages.Picture(Width, Height);
        foreach (ImageOrientation orientation in Enum.GetValues<ImageOrientation>())
        {
            byte[] file = EncodedImages.Png(image, TestPng.Chunk("eXIf", EncodedImages.Exif(orientation)));
            RgbImage stored = Read(EncodedImages.Png(image), 15, 4), turned = Read(file, 15, 4);
            for (int y = 0; y < turned.Height; y++)
            {
                for (int x = 0; x < turned.Width; x++)
                {
                    (int storedX, int storedY) = EncodedImages.StoredPlace(orientation, x, y, stored.Width, stored.Height);
                    Assert.AreEqual(stored[storedX, storedY], turned[x, y], $"{orientation}, x={x}, y={y}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void AnImageThatHasToBeReadTwiceCountsOnce(bool interlaced)
    {
        byte[] samples = TestPng.RandomSamples(4, Width, Height, ColorModel.Rgb, 8);
        byte[] data = TestPng.Deflate(TestPng.Scanlines(Width, Height, ColorModel.Rgb, 8, samples, interlaced, filter: 1));
        data[^1] ^= 1;
        List<string> warnings = [];
        byte[] file = TestPng.File(TestPng.Header(Width, Height, ColorModel.Rgb, 8, interlaced), TestPng.Chunk("IDAT", data), TestPng.Chunk("IEND"));

        LoadedImage loaded = ImageReader.Load(file, "adler", new() { NeededLongestSide = 15, OnWarning = warnings.Add });

        CollectionAssert.AreEqual(Means(new RgbImage(Width, Height, samples), 4).Pixels, loaded.Image.Pixels);
        Assert.HasCount(1, warnings);
    }

    [TestMethod]
    [DoNotParallelize]
    public void ADecoderMayGiveRowsInAnyOrder()
    {
        RgbImage image = new(Width, Height, TestPng.RandomSamples(5, Width, Height, ColorModel.Rgb, 8));
        int[] order = [.. Enumerable.Range(0, Height)];
        new Random(5).Shuffle(order);
        ProgramDecoder decoder = new(rows => Array.ForEach(order, y => rows.Set(y, image.Pixels.AsSpan(3 * Width * y, 3 * Width))));
        ImageReader.AddDecoder(decoder);

        LoadedImage loaded = decoder.Load(EncodedImages.Gif(Width, Height, [9, 8, 7], new byte[Width * Height]), new() { NeededLongestSide = 15 });

        CollectionAssert.AreEqual(Means(image, 4).Pixels, loaded.Image.Pixels);
    }

    [TestMethod]
    public void WebPIsReducedByItsDecoder()
    {
        RgbImage image = EncodedImages.Picture(Width, Height);
        byte[] file = EncodedImages.WebPWithExif(EncodedImages.WebP(image), Width, Height, EncodedImages.Exif(ImageOrientation.Rotated90));

        LoadedImage loaded = ImageReader.Load(file, "photo", new() { NeededLongestSide = 20 });

        Assert.AreEqual((2, Height, Width, 22, 38), (loaded.Reduction, loaded.FullWidth, loaded.FullHeight, loaded.Image.Width, loaded.Image.Height));
        RgbColor expected = image[40, 42 - 12], actual = loaded.Image[6, 20];
        Assert.IsLessThan(12, Math.Abs(expected.R - actual.R) + Math.Abs(expected.G - actual.G) + Math.Abs(expected.B - actual.B));
    }

    [TestMethod]
    [DoNotParallelize]
    public void MasksAreNeverReduced()
    {
        ImageReadOptions before = ImageReadOptions.Default;
        byte[] samples = TestPng.RandomSamples(4, Width, Height, ColorModel.Gray, 8), file = TestPng.Encode(Width, Height, ColorModel.Gray, 8, samples, interlaced: true);
        try
        {
            ImageReadOptions.Default = new() { NeededLongestSide = 20 };
            Assert.AreEqual(2, ImageReader.Load(file, "image").Reduction);
            CollectionAssert.AreEqual(samples, MaskReader.ReadClassIndices(new MemoryStream(file), "mask").Labels);
            CollectionAssert.AreEqual(samples, MaskReader.ReadGray(new MemoryStream(file), "mask").Values);
        }
        finally
        {
            ImageReadOptions.Default = before;
        }
    }

    /// <summary>16 million pixels are 48 MB as an image, and up to 128 MB as samples.</summary>
    [TestMethod]
    public void LittleIsAllocatedForManyPixels()
    {
        const int Side = 4000;
        (string Name, byte[] File)[] files =
        [
            ("1 bit", FlatPng(ColorModel.Gray, 1, false)), ("RGBA of 16 bits", FlatPng(ColorModel.Rgba, 16, false)),
            ("interlaced", FlatPng(ColorModel.Gray, 1, true)), ("interlaced RGBA of 16 bits", FlatPng(ColorModel.Rgba, 16, true)),
            ("BMP of runs", FlatBmp()), ("TIFF, one strip", FlatTiff(Side, Side)), ("TIFF, one tile", FlatTiff(Side, 4096)), ("TIFF, tall tiles", FlatTiff(1008, 4096)),
        ];
        foreach ((string name, byte[] file) in files)
        {
            Assert.IsLessThan(2_000_000, file.Length, name);
            LoadedImage? loaded = null;
            long allocated = Allocation.Of(() => loaded = ImageReader.Load(file, name, new() { NeededLongestSide = 256 }));

            Assert.AreEqual((8, 500, 500), (loaded!.Reduction, loaded.Image.Width, loaded.Image.Height), name);
            Assert.IsLessThan(6_000_000L, allocated, name);
        }

        byte[] FlatPng(ColorModel color, int depth, bool interlaced)
        {
            using MemoryStream data = new();
            using (System.IO.Compression.ZLibStream deflate = new(data, System.IO.Compression.CompressionLevel.Optimal))
            {
                foreach ((int stepX, int stepY) in interlaced ? [(8, 8), (8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2)] : new[] { (1, 1) })
                {
                    byte[] row = new byte[1 + (((Side / stepX * Raster.ChannelsOf(color) * depth) + 7) / 8)];
                    for (int y = 0; y < Side / stepY; y++)
                    {
                        deflate.Write(row);
                    }
                }
            }

            return TestPng.File(TestPng.Header(Side, Side, color, depth, interlaced), TestPng.Chunk("IDAT", data.ToArray()), TestPng.Chunk("IEND"));
        }

        static byte[] FlatBmp()
        {
            byte[] file = [.. "BM"u8, .. new byte[8], 62, 0, 0, 0, 40, 0, 0, 0, .. Number(Side), .. Number(Side), 1, 0, 8, 0, 1, 0, 0, 0, .. new byte[12], 2, 0, 0, 0, .. new byte[4], .. new byte[8], 0, 1];
            return file;
        }

        static byte[] FlatTiff(int tileWidth, int tileHeight)
        {
            int across = (Side + tileWidth - 1) / tileWidth;
            byte[] block = TestPng.Deflate(new byte[8 * tileWidth * (tileHeight > Side ? tileHeight : Side)]);
            List<byte> file = [.. "II*\0"u8, 0, 0, 0, 0, .. block];
            int offsets = file.Count;
            file.AddRange(Enumerable.Repeat(8, across).SelectMany(Number));
            int counts = file.Count;
            file.AddRange(Enumerable.Repeat(block.Length, across).SelectMany(Number));
            int depths = file.Count;
            file.AddRange([16, 0, 16, 0, 16, 0, 16, 0]);
            BinaryPrimitives.WriteInt32LittleEndian(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(file)[4..], file.Count);
            (int Tag, int Type, int Count, int Value)[] fields =
            [
                (256, 4, 1, Side), (257, 4, 1, Side), (258, 3, 4, depths), (259, 3, 1, 8), (262, 3, 1, 2), (277, 3, 1, 4), (322, 4, 1, tileWidth), (323, 4, 1, tileHeight),
                (324, 4, across, across == 1 ? 8 : offsets), (325, 4, across, across == 1 ? block.Length : counts), (338, 3, 1, 2),
            ];
            file.AddRange([(byte)fields.Length, 0]);
            foreach ((int tag, int type, int count, int value) in fields)
            {
                file.AddRange([.. Number(tag | (type << 16)), .. Number(count), .. Number(value)]);
            }

            file.AddRange(new byte[4]);
            return [.. file];
        }

        static byte[] Number(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
    }

    [TestMethod]
    [DataRow(1 << 24, 1, "IDAT")]
    [DataRow((1 << 24) + 1, 1, "a side may have at most 16777216")]
    [DataRow(1, (1 << 24) + 1, "a side may have at most 16777216")]
    public void NoSideIsLongerThanAnyPicture(int width, int height, string expected)
    {
        byte[] file = TestPng.File(TestPng.Header(width, height, ColorModel.Gray, 1), TestPng.Chunk("IDAT", 1, 2, 3), TestPng.Chunk("IEND"));

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(file, "long")).Message, expected);
    }

    /// <summary>What its decoder has to hold whole is bounded before it is decoded, by what it holds of each pixel.</summary>
    [TestMethod]
    [DataRow("gif", 4.0)]
    [DataRow("webp", 4.0)]
    [DataRow("webp, extended", 4.0)]
    [DataRow("jpeg, baseline", 0.0)]
    [DataRow("jpeg, progressive", 6.0)]
    [DataRow("jpeg, progressive, halved colours", 3.0)]
    [DataRow("jpeg, a scan for each component", 6.0)]
    public void WhatIsDecodedAllAtOnceHasALowerLimit(string kind, double bytes)
    {
        byte[] webP = EncodedImages.WebP(EncodedImages.Picture(200, 100));
        byte[] file = kind switch
        {
            "gif" => EncodedImages.Gif(200, 100, [9, 8, 7], new byte[200 * 100]),
            "webp" => webP,
            "webp, extended" => EncodedImages.WebPWithExif(webP, 200, 100, []),
            "jpeg, baseline" => FlatJpeg(0xC0, 0x11, scans: 1),
            "jpeg, progressive" => FlatJpeg(0xC2, 0x11, scans: 1),
            "jpeg, progressive, halved colours" => FlatJpeg(0xC2, 0x22, scans: 1),
            _ => FlatJpeg(0xC0, 0x11, scans: 3),
        };
        long most = bytes == 0 ? 20_000 : (long)Math.Ceiling(20_000 * bytes / 1.625);

        Assert.AreEqual(200, ImageReader.Load(file, "image", new() { MaxPixels = most }).FullWidth);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(file, "image", new() { MaxPixels = most - 1 })).Message;
        StringAssert.Contains(message, bytes == 0 ? "at most 19999 are read" : "200x100 pixels, of a kind that is decoded all at once; of these at most 19999 are read");
        StringAssert.Contains(message, "--max-pixels");
    }

    private static byte[] FlatJpeg(byte frame, byte sampling, int scans)
    {
        byte[] file =
        [
            0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64), 0xFF, frame, 0, 17, 8, 0, 100, 0, 200, 3, 1, sampling, 0, 2, 0x11, 0, 3, 0x11, 0,
            .. new byte[] { 0, 0x10 }.SelectMany(kind => (byte[])[0xFF, 0xC4, 0, 20, kind, 1, .. new byte[15], 0]),
        ];
        byte end = frame == 0xC0 ? (byte)63 : (byte)0;
        for (byte scan = 1; scan <= scans; scan++)
        {
            // A block takes a bit, and with the coefficients that are not its mean another.
            int blocks = scans == 1 ? sampling == 0x22 ? 13 * 7 * 6 : 25 * 13 * 3 : 25 * 13;
            int bits = blocks * (end == 0 ? 1 : 2);
            byte[] components = scans == 1 ? [3, 1, 0, 2, 0, 3, 0] : [1, scan, 0];
            file = [.. file, 0xFF, 0xDA, 0, (byte)(components.Length + 5), .. components, 0, end, 0, .. new byte[bits / 8], .. bits % 8 == 0 ? (byte[])[] : [(byte)((1 << (8 - (bits % 8))) - 1)]];
        }

        return [.. file, 0xFF, 0xD9];
    }

    private static IEnumerable<(string Name, byte[] File)> Files()
    {
        foreach (bool interlaced in new[] { false, true })
        {
            foreach ((ColorModel color, int depth) in new[]
            {
                (ColorModel.Gray, 1), (ColorModel.Gray, 4), (ColorModel.Gray, 8), (ColorModel.Gray, 16), (ColorModel.GrayAlpha, 8), (ColorModel.GrayAlpha, 16),
                (ColorModel.Rgb, 8), (ColorModel.Rgb, 16), (ColorModel.Rgba, 8), (ColorModel.Rgba, 16),
            })
            {
                byte[] samples = TestPng.RandomSamples(depth, Width, Height, color, depth);
                yield return ($"PNG, {color}, {depth} bits, {(interlaced ? "interlaced" : "in order")}", TestPng.Encode(Width, Height, color, depth, samples, interlaced));
            }

            byte[] indices = TestPng.RandomSamples(3, Width, Height, ColorModel.Palette, 4);
            yield return ($"PNG, palette, {interlaced}", TestPng.Encode(Width, Height, ColorModel.Palette, 4, indices, interlaced, -1, TestPng.Chunk("PLTE", TestPng.RandomSamples(9, 16, 1, ColorModel.Rgb, 8)), TestPng.Chunk("tRNS", 0, 90, 255)));
        }

        byte[] rgba = TestPng.RandomSamples(1, Width, Height, ColorModel.Rgba, 8);
        yield return ("BMP, bottom up", EncodedImages.Bmp(Width, Height, rgba));
        yield return ("BMP, top down", EncodedImages.Bmp(Width, Height, rgba, topDown: true));
        yield return ("PNM", [.. Encoding.ASCII.GetBytes($"P6 {Width} {Height} 255\n"), .. TestPng.RandomSamples(2, Width, Height, ColorModel.Rgb, 8)]);
        yield return ("TIFF", TestTiff.Write(Width, Height, ColorModel.Rgba, 8, rgba));
        yield return ("GIF", EncodedImages.Gif(Width, Height, TestPng.RandomSamples(8, 100, 1, ColorModel.Rgb, 8), [.. TestPng.RandomSamples(7, Width, Height, ColorModel.Gray, 8).Select(v => (byte)(v % 100))], transparent: 5));
    }

    private static void AssertMeans(string name, byte[] file, int needed, int reduction) =>
        CollectionAssert.AreEqual(Means(ImageReader.Load(file, name).Image, reduction).Pixels, Read(file, needed, reduction).Pixels, $"{name}, 1/{reduction}");

    private static RgbImage Read(byte[] file, int needed, int reduction)
    {
        LoadedImage loaded = ImageReader.Load(file, "image", new() { NeededLongestSide = needed });
        Assert.AreEqual(reduction, loaded.Reduction);
        return loaded.Image;
    }

    /// <summary>By the definition: the mean of the pixels of a box, rounded, halves up.</summary>
    private static RgbImage Means(RgbImage image, int reduction)
    {
        RgbImage means = new((image.Width + reduction - 1) / reduction, (image.Height + reduction - 1) / reduction);
        for (int y = 0; y < means.Height; y++)
        {
            for (int x = 0; x < means.Width; x++)
            {
                RgbColor[] box = [.. from j in Enumerable.Range(reduction * y, reduction) where j < image.Height from i in Enumerable.Range(reduction * x, reduction) where i < image.Width select image[i, j]];
                means[x, y] = new(Mean(color => color.R), Mean(color => color.G), Mean(color => color.B));

                byte Mean(Func<RgbColor, byte> channel) => (byte)Math.Floor((box.Sum(color => (double)channel(color)) / box.Length) + 0.5);
            }
        }

        return means;
    }
}
