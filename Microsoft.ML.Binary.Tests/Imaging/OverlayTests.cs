using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class OverlayTests
{
    private static readonly Palette TwoColors = new([new(255, 0, 0), new(0, 0, 255)]);
    private static readonly OverlayOptions Plain = new() { Palette = TwoColors, Contours = false };

    [TestMethod]
    public void OpacityGoesFromTheImageToThePalette()
    {
        RgbImage image = Noise(8, 6);
        SegmentationMask mask = LeftRight(8, 6);

        RgbImage none = Overlay.Segmentation(image, mask, Plain with { Opacity = 0 });
        RgbImage half = Overlay.Segmentation(image, mask, Plain with { Opacity = 0.5f });
        RgbImage full = Overlay.Segmentation(image, mask, Plain with { Opacity = 1 });

        CollectionAssert.AreEqual(image.Pixels, none.Pixels);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int color = i / 3 % 8 < 4 ? new[] { 255, 0, 0 }[i % 3] : new[] { 0, 0, 255 }[i % 3];
            Assert.AreEqual(color, full.Pixels[i]);
            Assert.AreEqual((image.Pixels[i] + color) / 2.0, half.Pixels[i], 0.5);
        }
    }

    [TestMethod]
    public void ContoursAreDrawnWhereClassesMeetAndNowhereElse()
    {
        RgbImage image = Noise(8, 6);
        SegmentationMask mask = LeftRight(8, 6);

        RgbImage without = Overlay.Segmentation(image, mask, Plain);
        RgbImage with = Overlay.Segmentation(image, mask, Plain with { Contours = true });

        for (int y = 0; y < 6; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                Assert.AreEqual(x == 3, without[x, y] != with[x, y], $"x={x}, y={y}");
            }
        }
    }

    [TestMethod]
    public void IgnoredPixelsStayAsTheyAre()
    {
        RgbImage image = Noise(4, 4);
        byte[] labels = [0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255];

        RgbImage picture = Overlay.Segmentation(image, new SegmentationMask(4, 4, labels), Plain with { Opacity = 1 });

        Assert.AreEqual(image[3, 2], picture[3, 2]);
        Assert.AreEqual(new RgbColor(255, 0, 0), picture[0, 2]);
    }

    [TestMethod]
    public void LegendIsBelowThePictureAndShowsTheClassesThatOccur()
    {
        RgbImage image = Noise(120, 60);
        OverlayOptions named = Plain with { ClassNames = ["left"] };

        RgbImage picture = Overlay.Segmentation(image, LeftRight(120, 60), named);
        RgbImage oneClass = Overlay.Segmentation(image, new SegmentationMask(120, 60, new byte[7200]), named);
        RgbImage ignored = Overlay.Segmentation(image, new SegmentationMask(120, 60, [.. Enumerable.Repeat((byte)255, 7200)]), named);

        Assert.AreEqual(120, picture.Width);
        CollectionAssert.AreEqual(
            Overlay.Segmentation(image, LeftRight(120, 60), Plain).Pixels, picture.Pixels[..(3 * 120 * 60)]);
        List<RgbColor> legend = ColorsBelow(picture, 60);
        CollectionAssert.Contains(legend, TwoColors[0]);
        CollectionAssert.Contains(legend, TwoColors[1]);
        CollectionAssert.Contains(ColorsBelow(oneClass, 60), TwoColors[0]);
        CollectionAssert.DoesNotContain(ColorsBelow(oneClass, 60), TwoColors[1]);
        Assert.AreEqual(60, ignored.Height);
    }

    [TestMethod]
    public void LegendFitsAnImageOfAnyWidth()
    {
        OverlayOptions named = new() { ClassNames = ["a rather long class name", "b"] };
        foreach (int width in new[] { 1, 5, 20, 64, 200 })
        {
            RgbImage picture = Overlay.Segmentation(new RgbImage(width, 3), LeftRight(width, 3), named);
            Assert.AreEqual(width, picture.Width);
            Assert.IsGreaterThan(3, picture.Height);
        }
    }

    [TestMethod]
    public void SaliencyDimsTheBackgroundAndOutlinesTheObject()
    {
        var image = new RgbImage(10, 10, [.. Enumerable.Repeat((byte)200, 300)]);
        byte[] values = new byte[100];
        for (int i = 0; i < 100; i++)
        {
            values[i] = i % 10 is >= 3 and < 7 && i / 10 is >= 3 and < 7 ? (byte)255 : (byte)0;
        }

        var mask = new SaliencyMask(10, 10, values);
        RgbImage lit = Overlay.Saliency(image, mask, new OverlayOptions { Contours = false });
        RgbImage outlined = Overlay.Saliency(image, mask);

        Assert.IsLessThan(100, lit[0, 0].R);
        Assert.IsGreaterThan(180, lit[4, 4].R);
        Assert.IsGreaterThan(lit[4, 4].B, lit[4, 4].R);
        Assert.AreEqual(lit[0, 0], outlined[0, 0]);
        Assert.AreEqual(lit[4, 4], outlined[4, 4]);
        Assert.AreNotEqual(lit[6, 4], outlined[6, 4]);
        Assert.AreNotEqual(lit[4, 2], outlined[4, 2]);
    }

    [TestMethod]
    public void ErrorsAreColoredAndTheRestIsGray()
    {
        RgbImage image = Noise(4, 1);
        RgbImage picture = Overlay.Errors(image, new SegmentationMask(4, 1, [0, 1, 255, 1]), new SegmentationMask(4, 1, [0, 0, 1, 1]));

        bool[] gray = [.. Enumerable.Range(0, 4).Select(x => picture[x, 0].R == picture[x, 0].G && picture[x, 0].G == picture[x, 0].B)];

        CollectionAssert.AreEqual(new[] { true, false, true, true }, gray);
        Assert.IsGreaterThan(picture[1, 0].G, picture[1, 0].R);
    }

    [TestMethod]
    public void SaliencyErrorsGrowWithTheDistance()
    {
        var image = new RgbImage(4, 1);
        RgbImage picture = Overlay.Errors(image, new SaliencyMask(4, 1, [0, 200, 255, 129]), new SaliencyMask(4, 1, [0, 255, 128, 0]));

        Assert.AreEqual(0, picture[0, 0].R);
        Assert.AreEqual(0, picture[1, 0].R);
        Assert.IsGreaterThan(0, picture[2, 0].R);
        Assert.IsGreaterThan(picture[2, 0].R, picture[3, 0].R);
    }

    [TestMethod]
    public void WrongArgumentsAreRefused()
    {
        var image = new RgbImage(4, 4);
        Assert.ThrowsExactly<ArgumentException>(() => Overlay.Segmentation(image, new SegmentationMask(4, 3, new byte[12])));
        Assert.ThrowsExactly<ArgumentException>(() => Overlay.Saliency(image, new SaliencyMask(3, 4, new byte[12])));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new OverlayOptions { Opacity = 1.5f });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Overlay.Segmentation(image, new SegmentationMask(4, 4, [.. Enumerable.Repeat((byte)7, 16)]), Plain));
    }

    internal static RgbImage Noise(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(width + height).NextBytes(image.Pixels);
        return image;
    }

    private static SegmentationMask LeftRight(int width, int height)
        => new(width, height, [.. Enumerable.Range(0, width * height).Select(i => i % width < width / 2 ? (byte)0 : (byte)1)]);

    private static List<RgbColor> ColorsBelow(RgbImage picture, int y)
        => [.. from row in Enumerable.Range(y, picture.Height - y) from x in Enumerable.Range(0, picture.Width) select picture[x, row]];
}
