using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>What holds for every format: header, limits, orientation, the size that is needed.</summary>
[TestClass]
public class ImageReaderTests
{
    private static readonly RgbImage Image = EncodedImages.Picture(23, 14);

    private static IEnumerable<(ImageFormat Format, byte[] File)> Files()
    {
        yield return (ImageFormat.Png, EncodedImages.Png(Image));
        yield return (ImageFormat.Pnm, [.. Encoding.ASCII.GetBytes("P6 23 14 255\n"), .. Image.Pixels]);
        yield return (ImageFormat.Bmp, EncodedImages.Bmp(Image));
        yield return (ImageFormat.Jpeg, EncodedImages.Jpeg(Image));
        yield return (ImageFormat.WebP, EncodedImages.WebP(Image));
        yield return (ImageFormat.Gif, EncodedImages.Gif(23, 14, [9, 8, 7], new byte[23 * 14]));
    }

    [TestMethod]
    public void HeaderGivesFormatAndSizeAndIsAllThatIsRead()
    {
        using TemporaryFolder folder = new();
        foreach ((ImageFormat format, byte[] file) in Files())
        {
            // The name says nothing, and of the file only the start is there.
            string path = folder.File($"{format}.dat");
            File.WriteAllBytes(path, format == ImageFormat.Jpeg ? file[..^40] : file[..Math.Min(file.Length, format == ImageFormat.Gif ? 420 : 140)]);

            Assert.AreEqual(new ImageInfo(format, 23, 14, ImageOrientation.Upright), ImageReader.ReadInfo(path));
        }
    }

    [TestMethod]
    public void ALinkInALinkedFolderIsRead()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("real/deep"));
        Directory.CreateSymbolicLink(folder.File("short"), Path.Combine("real", "deep"));
        File.CreateSymbolicLink(folder.File("real/deep/link.png"), Path.Combine("..", "image.png"));
        Image.SavePng(folder.File("real/image.png"));
        CollectionAssert.AreEqual(Image.Pixels, ImageReader.Load(folder.File("short/link.png")).Image.Pixels);
    }

    [TestMethod]
    public void EveryFormatIsRead()
    {
        using TemporaryFolder folder = new();
        foreach ((ImageFormat format, byte[] file) in Files())
        {
            File.WriteAllBytes(folder.File("image"), file);
            LoadedImage fromFile = ImageReader.Load(folder.File("image"));
            LoadedImage fromStream = ImageReader.Load(new MemoryStream(file), "stream");

            CollectionAssert.AreEqual(fromFile.Image.Pixels, fromStream.Image.Pixels);
            Assert.AreEqual((format, 1, 23, 14), (fromFile.Info.Format, fromFile.Reduction, fromFile.FullWidth, fromFile.FullHeight));
            double difference = Image.Pixels.Zip(fromFile.Image.Pixels, (expected, actual) => Math.Abs(expected - actual)).Average();
            Assert.IsTrue(format switch { ImageFormat.Jpeg => difference < 5, ImageFormat.Gif => fromFile.Image[22, 13] == new RgbColor(9, 8, 7), _ => difference == 0 }, $"{format}: {difference}");
        }
    }

    [TestMethod]
    public void EveryTruncationWithinTheHeaderIsNamed()
    {
        foreach ((ImageFormat format, byte[] file) in Files())
        {
            for (int length = 0; length < 26; length++)
            {
                Assert.IsTrue(
                    Refused(file[..length], "cut").StartsWith("cut: ", StringComparison.Ordinal), $"{format}, {length} bytes");
            }
        }
    }

    [TestMethod]
    public void DamageIsRefusedOrReadWhateverItIs()
    {
        Random random = new(7);
        foreach ((ImageFormat _, byte[] file) in Files())
        {
            for (int i = 0; i < 3000; i++)
            {
                byte[] damaged = file[..random.Next(file.Length / 2, file.Length + 1)];
                for (int k = random.Next(4); k > 0; k--)
                {
                    damaged[random.Next(k % 2 == 0 ? Math.Min(100, damaged.Length) : damaged.Length)] = (byte)random.Next(256);
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
    [DataRow(1 << 16)]
    [DataRow(30000)]
    [DataRow(11586)]
    public void SizeAboveTheLimitIsRefusedBeforeAnythingIsAllocated(int side)
    {
        byte low = (byte)side, high = (byte)(side >> 8), third = (byte)(side >> 16);
        byte[] gif = [.. "GIF89a"u8, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x2C, .. new byte[8], 0, 2, 1, 0, 0, 0x3B];
        byte[] bmp = EncodedImages.Bmp(1, 1, [1, 2, 3, 255]);
        new byte[] { low, high, third, 0, low, high, third, 0 }.CopyTo(bmp, 18);
        byte[] png = TestPng.File(TestPng.Header(side, side, ColorModel.Gray, 1), TestPng.Chunk("IDAT", 1, 2, 3), TestPng.Chunk("IEND"));
        byte[] pnm = Encoding.ASCII.GetBytes($"P5 {side} {side} 255\n");
        byte[] webP = EncodedImages.WebPWithExif(EncodedImages.WebP(Image), 1, 1, []);
        new byte[] { 0xFF, 0xFF, 0, 0xFF, 0xFF, 0 }.CopyTo(webP, 24);
        byte[] jpeg = EncodedImages.Jpeg(Image);
        int frame = jpeg.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }.CopyTo(jpeg, frame + 5);
        foreach (byte[] file in new[] { gif, bmp, png, pnm, webP, jpeg })
        {
            string message = "";
            Assert.IsLessThan(1L << 20, Allocation.Of(() => message = Refused(file, "bomb")));
            StringAssert.Contains(message, $"at most {1 << 27} are read");
        }
    }

    [TestMethod]
    public void TheLimitIsThatOfTheOptions()
    {
        byte[] file = EncodedImages.Png(Image);

        Assert.AreEqual(23, ImageReader.Load(new MemoryStream(file), "a", new() { MaxPixels = 23 * 14 }).FullWidth);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(new MemoryStream(file), "a", new() { MaxPixels = (23 * 14) - 1 })).Message,
            "a: the PNG header claims 23x14 pixels; at most 321 are read");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageReadOptions { MaxPixels = 0 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageReadOptions { MaxPixels = long.MaxValue });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageReadOptions { NeededLongestSide = -1 });
    }

    [TestMethod]
    public void EveryOrientationIsMadeUpright()
    {
        byte[] webP = EncodedImages.WebP(Image), jpeg = EncodedImages.Jpeg(Image);
        RgbImage decodedJpeg = ImageReader.Load(new MemoryStream(jpeg), "upright").Image;
        foreach (ImageOrientation orientation in Enum.GetValues<ImageOrientation>())
        {
            bool little = (int)orientation % 2 == 0;
            byte[] exif = EncodedImages.Exif(orientation, little);
            Check(orientation, EncodedImages.Png(Image, TestPng.Chunk("eXIf", exif)), Image);
            Check(orientation, EncodedImages.WebPWithExif(webP, 23, 14, exif), Image);
            Check(orientation, EncodedImages.JpegWithExif(jpeg, exif), decodedJpeg);
        }

        static void Check(ImageOrientation orientation, byte[] file, RgbImage stored)
        {
            LoadedImage loaded = ImageReader.Load(new MemoryStream(file), "turned");

            Assert.AreEqual(orientation, loaded.Info.Orientation);
            (int width, int height) = (int)orientation >= 5 ? (stored.Height, stored.Width) : (stored.Width, stored.Height);
            Assert.AreEqual((width, height), (loaded.Image.Width, loaded.Image.Height));
            Assert.AreEqual((width, height), (loaded.FullWidth, loaded.FullHeight));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    (int storedX, int storedY) = EncodedImages.StoredPlace(orientation, x, y, stored.Width, stored.Height);
                    Assert.AreEqual(stored[storedX, storedY], loaded.Image[x, y], $"{loaded.Info.Format}, {orientation}, x={x}, y={y}");
                }
            }
        }
    }

    [TestMethod]
    public void TheLargestLimitIsWhatAnArrayHolds() => Assert.AreEqual(ImageReadOptions.LargestMaxPixels, Array.MaxLength / 3);

    [TestMethod]
    public void AnExifChunkOfAnyLengthTurnsThePicture()
    {
        byte[] file = EncodedImages.Png(Image, TestPng.Chunk("eXIf", [.. EncodedImages.Exif(ImageOrientation.Rotated90), .. new byte[1 << 16]]));
        Assert.AreEqual(ImageOrientation.Rotated90, ImageReader.ReadInfo(file, "large").Orientation);
    }

    [TestMethod]
    public void MasksAreMadeUprightToo()
    {
        byte[] file = TestPng.Encode(
            3, 2, ColorModel.Gray, 8, [1, 2, 3, 4, 5, 6], false, 0, TestPng.Chunk("eXIf", EncodedImages.Exif(ImageOrientation.Rotated90)));

        SegmentationMask mask = MaskReader.ReadClassIndices(new MemoryStream(file), "mask");

        Assert.AreEqual((2, 3), (mask.Width, mask.Height));
        CollectionAssert.AreEqual(new byte[] { 4, 1, 5, 2, 6, 3 }, mask.Labels);
    }

    [TestMethod]
    public void ExifThatMakesNoSenseIsUpright()
    {
        byte[] jpeg = EncodedImages.Jpeg(Image), exif = EncodedImages.Exif((ImageOrientation)9);
        for (int length = 0; length <= exif.Length; length++)
        {
            LoadedImage image = ImageReader.Load(new MemoryStream(EncodedImages.JpegWithExif(jpeg, exif[..length])), "exif");
            Assert.AreEqual((ImageOrientation.Upright, 23), (image.Info.Orientation, image.Image.Width));
        }
    }

    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(1, 8)]
    [DataRow(50, 8)]
    [DataRow(51, 4)]
    [DataRow(100, 4)]
    [DataRow(101, 2)]
    [DataRow(200, 2)]
    [DataRow(201, 1)]
    [DataRow(5000, 1)]
    public void JpegIsDecodedAtTheFractionThatIsNeeded(int needed, int reduction)
    {
        RgbImage picture = EncodedImages.Picture(399, 202);
        byte[] file = EncodedImages.JpegWithExif(EncodedImages.Jpeg(picture), EncodedImages.Exif(ImageOrientation.Rotated90));

        LoadedImage loaded = ImageReader.Load(new MemoryStream(file), "photo", new() { NeededLongestSide = needed });

        Assert.AreEqual((reduction, 202, 399), (loaded.Reduction, loaded.FullWidth, loaded.FullHeight));
        Assert.AreEqual(((202 + reduction - 1) / reduction, (399 + reduction - 1) / reduction), (loaded.Image.Width, loaded.Image.Height));
        RgbColor expected = picture[300, 201 - 100], actual = loaded.Image[100 / reduction, 300 / reduction];
        Assert.IsLessThan(12, Math.Abs(expected.R - actual.R) + Math.Abs(expected.G - actual.G) + Math.Abs(expected.B - actual.B));
    }

    [TestMethod]
    public void WhatIsNoRegularFileIsNotOpened()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("empty.png"), []);
        File.CreateSymbolicLink(folder.File("dangling.png"), folder.File("nothing"));
        StringAssert.Contains(NotRead<InvalidDataException>("empty.png"), "empty.png: the file is empty");
        foreach (string missing in new[] { "dangling.png", "none.png", "none/none.png" })
        {
            Assert.AreEqual($"{folder.File(missing)}: the image file does not exist.", NotRead<FileNotFoundException>(missing));
        }

        StringAssert.Contains(NotRead<IOException>("."), "a folder");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        folder.Pipe("pipe.png");
        File.CreateSymbolicLink(folder.File("link.png"), folder.File("pipe.png"));
        File.CreateSymbolicLink(folder.File("zero.png"), "/dev/zero");
        foreach (string name in new[] { "pipe.png", "link.png", "zero.png" })
        {
            StringAssert.Contains(NotRead<InvalidDataException>(name), "a pipe or a device, which are not read as images");
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => MaskReader.ReadClassIndices(folder.File(name))).Message, "a pipe or a device");
        }

        string NotRead<T>(string name)
            where T : Exception => Assert.ThrowsExactly<T>(() => ImageReader.Load(folder.File(name))).Message;
    }

    [TestMethod]
    public void LinkToAnImageIsRead()
    {
        using TemporaryFolder folder = new();
        Image.SavePng(folder.File("a.png"));
        File.CreateSymbolicLink(folder.File("b.png"), folder.File("a.png"));

        CollectionAssert.AreEqual(Image.Pixels, RgbImage.Load(folder.File("b.png")).Pixels);
    }

    [TestMethod]
    [DoNotParallelize]
    public void ADecoderOfTheProgram_GoesBeforeThatOfThePackage_WhicheverCameFirst()
    {
        byte[] gif = EncodedImages.Gif(2, 1, [9, 8, 7], [0, 0]);
        ProgramDecoder decoder = new(rows => rows.Set(0, [1, 2, 3, 4, 5, 6]));
        ImageReader.AddDecoder(decoder);
        SkiaImageDecoder.AddToEngine();
        CollectionAssert.AreEqual((byte[])[1, 2, 3, 4, 5, 6], decoder.Load(gif).Image.Pixels);
        CollectionAssert.AreEqual((byte[])[9, 8, 7, 9, 8, 7], ImageReader.Load(gif, "gif").Image.Pixels, "its formats alone are the program's");
    }

    private static string Refused(byte[] file, string name) =>
        Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(new MemoryStream(file), name)).Message;
}
