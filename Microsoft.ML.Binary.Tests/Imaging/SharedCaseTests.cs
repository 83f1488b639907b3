using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Files that once broke something, where they lie beside the repository.</summary>
[TestClass]
public class SharedCaseTests
{
    [TestMethod]
    [DataRow("bomb-16384x16384-1-0.png")]
    [DataRow("bomb-20000x20000.gif")]
    [DataRow("bomb-60000x60000.bmp")]
    public void BombIsRefused(string name)
    {
        string path = SharedData.Case("hostile", name);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => ImageReader.Load(path)).Message, "pixels; at most 134217728 are read");
        Assert.IsGreaterThan(1L << 27, (long)ImageReader.ReadInfo(path).Width * ImageReader.ReadInfo(path).Height);
    }

    [TestMethod]
    public void WideImageIsRead() => Assert.AreEqual(16777152, ImageReader.Load(SharedData.Case("hostile", "overflow", "wide.png")).FullWidth);

    [TestMethod]
    public void PhotosAreUprightAndFitTheirMasks()
    {
        Assert.AreEqual((96, 160), Size(ImageReader.Load(SharedData.Case("exif", "exif6.jpg"))));
        foreach (string folder in new[] { "exifpair", "exifsq" })
        {
            SegmentationMask mask = MaskReader.ReadClassIndices(SharedData.Case("exif", folder, "masks", "p.png"));
            Assert.AreEqual((mask.Width, mask.Height), Size(ImageReader.Load(SharedData.Case("exif", folder, "images", "p.jpg"))));
        }
    }

    [TestMethod]
    public void MotionPhotoIsWhole() =>
        Assert.AreEqual((160, 96), Size(ImageReader.Load(SharedData.Case("motion_photo", "PXL_1.MP.jpg"), new() { OnWarning = Assert.Fail })));

    [TestMethod]
    public void SamePixelsInTwoFormatsAreTheSameImage()
    {
        string png = SharedData.Case("rgba_png_vs_webp", "rgba.png"), webP = SharedData.Case("rgba_png_vs_webp", "rgba.webp");
        byte[] expected = RgbImage.Load(png).Pixels;
        using MLImage first = MLImage.CreateFromFile(png), second = MLImage.CreateFromFile(webP);

        CollectionAssert.AreEqual(expected, RgbImage.Load(webP).Pixels);
        CollectionAssert.AreEqual(expected, first.ToRgbImage().Pixels);
        CollectionAssert.AreEqual(expected, second.ToRgbImage().Pixels);
    }

    [TestMethod]
    [DataRow("png_adler", "the checksum inside the compressed data is wrong")]
    [DataRow("png_badtext", "chunk tEXt: its CRC is wrong")]
    [DataRow("png_extra_idat", "holds more data than 160x96 pixels need")]
    [DataRow("png_noiend", "ends without an IEND chunk")]
    public void PngWhosePixelsAreWholeIsReadWithAWarning(string folder, string warning)
    {
        List<string> warnings = [];
        RgbImage image = ImageReader.Load(SharedData.Case("png_strict", folder, "x.png"), new() { OnWarning = warnings.Add }).Image;

        StringAssert.Contains(warnings.Single(), warning);
        using MLImage expected = MLImage.CreateFromFile(SharedData.Case("png_strict", "png_extra_idat", "x.png"));
        if (folder != "png_badtext")
        {
            CollectionAssert.AreEqual(expected.ToRgbImage().Pixels, image.Pixels);
        }
    }

    [TestMethod]
    public void BitmapIsAMaskAndLossyFormatsAreRefusedWithTheReason()
    {
        Assert.AreEqual(96, MaskReader.ReadClassIndices(SharedData.Case("mask_wrong_format", "maskbmp", "masks", "s0.bmp")).Width);
        StringAssert.Contains(Refused("maskjpg", "s0.jpg"), "because JPEG changes the values that were drawn");
        StringAssert.Contains(Refused("maskgif", "s0.gif"), "s0.gif: a GIF file is not read as a mask");

        static string Refused(string folder, string name) => Assert.ThrowsExactly<InvalidDataException>(
            () => MaskReader.ReadClassIndices(SharedData.Case("mask_wrong_format", folder, "masks", name))).Message;
    }

    [TestMethod]
    [DataRow("b.tif")]
    [DataRow("c.jfif")]
    [DataRow("d.jpe")]
    [DataRow("e.tiff")]
    public void FormatIsToldByTheContentNotTheExtension(string name) =>
        Assert.AreEqual((160, 96), Size(ImageReader.Load(SharedData.Case("skipped_extensions", "notlisted", name))));

    private static (int Width, int Height) Size(LoadedImage image) => (image.Image.Width, image.Image.Height);
}
