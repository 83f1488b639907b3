using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Where a JPEG ends, and what is missing of one that ends early.</summary>
[TestClass]
public class JpegEndTests
{
    private static readonly byte[] File = EncodedImages.Jpeg(EncodedImages.Picture(70, 45));

    [TestMethod]
    public void WhatFollowsThePictureChangesNothing()
    {
        byte[] preview = EncodedImages.Jpeg(EncodedImages.Picture(16, 8));
        byte[] expected = Read(File).Pixels;
        byte[] film = [.. "\0\0\0\x18ftypmp42"u8, 0xFF, 0xDA, 0, 8, 1, 2, 0xFF, 0xFF, 3];
        byte[] withPreview = EncodedImages.JpegWithExif(File, [.. EncodedImages.Exif(ImageOrientation.Upright), .. preview]);
        foreach (byte[] file in new byte[][] { [.. File, .. film], [.. File, .. preview[..^2]], [.. withPreview, 0xFF, 0xDA], [.. File, .. new byte[100]] })
        {
            CollectionAssert.AreEqual(expected, Read(file, Assert.Fail).Pixels);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void MissingEndMarkerIsAWarning(int bytesLeftOfIt)
    {
        List<string> warnings = [];

        RgbImage image = Read(File[..^(2 - bytesLeftOfIt)], warnings.Add);

        CollectionAssert.AreEqual(Read(File).Pixels, image.Pixels);
        StringAssert.Contains(warnings.Single(), "photo: the JPEG file has no end marker");
    }

    [TestMethod]
    public void EveryTruncationOfTheImageDataIsRefused()
    {
        int scan = File.AsSpan().LastIndexOf(new byte[] { 0xFF, 0xDA });
        for (int length = 3; length < File.Length - 2; length++)
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => Read(File[..length]), $"{length} of {File.Length} bytes, scan at {scan}").Message;
            StringAssert.StartsWith(message, "photo: ");
        }
    }

    [TestMethod]
    public void MissingEndMarkerIsSeenInReducedReadingToo()
    {
        ImageReadOptions options = new() { NeededLongestSide = 9 };
        byte[] expected = ImageReader.Load(new MemoryStream(File), "whole", options).Image.Pixels;

        LoadedImage image = ImageReader.Load(new MemoryStream(File[..^2]), "photo", options);

        Assert.AreEqual(8, image.Reduction);
        CollectionAssert.AreEqual(expected, image.Image.Pixels);
        Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(new MemoryStream(File[..^4]), "photo", options));
    }

    private static RgbImage Read(byte[] file, Action<string>? warn = null) =>
        ImageReader.Load(new MemoryStream(file), "photo", new() { OnWarning = warn }).Image;
}
