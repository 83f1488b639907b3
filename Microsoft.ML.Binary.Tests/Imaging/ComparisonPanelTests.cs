using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class ComparisonPanelTests
{
    [TestMethod]
    public void HoldsEachPictureUnchanged()
    {
        RgbImage first = OverlayTests.Noise(30, 20);
        RgbImage second = OverlayTests.Noise(10, 40);

        RgbImage panel = ComparisonPanel.SideBySide(("first", first), ("second", second));

        Assert.IsTrue(Contains(panel, first));
        Assert.IsTrue(Contains(panel, second));
    }

    [TestMethod]
    public void ShowsImageTruthPredictionAndError()
    {
        RgbImage image = OverlayTests.Noise(16, 12);
        var truth = new SegmentationMask(16, 12, new byte[192]);
        var prediction = new SegmentationMask(16, 12, [.. Enumerable.Range(0, 192).Select(i => (byte)(i % 3))]);

        RgbImage panel = ComparisonPanel.Create(image, truth, prediction);
        RgbImage named = ComparisonPanel.Create(image, truth, prediction, new OverlayOptions { ClassNames = ["a", "b", "c"] });

        Assert.IsTrue(Contains(panel, image));
        Assert.IsTrue(Contains(panel, Overlay.Segmentation(image, truth)));
        Assert.IsTrue(Contains(panel, Overlay.Segmentation(image, prediction)));
        Assert.IsTrue(Contains(panel, Overlay.Errors(image, truth, prediction)));
        Assert.IsGreaterThan(panel.Height, named.Height);
    }

    [TestMethod]
    public void ShowsSaliency()
    {
        RgbImage image = OverlayTests.Noise(16, 12);
        var truth = new SaliencyMask(16, 12, [.. Enumerable.Range(0, 192).Select(i => i % 16 < 8 ? (byte)0 : (byte)255)]);
        var prediction = new SaliencyMask(16, 12, [.. Enumerable.Range(0, 192).Select(i => (byte)i)]);

        RgbImage panel = ComparisonPanel.Create(image, truth, prediction);

        Assert.IsTrue(Contains(panel, Overlay.Saliency(image, prediction)));
        Assert.IsTrue(Contains(panel, Overlay.Errors(image, truth, prediction)));
    }

    [TestMethod]
    public void NeedsAPicture() => Assert.ThrowsExactly<ArgumentException>(() => ComparisonPanel.SideBySide());

    private static bool Contains(RgbImage panel, RgbImage part)
    {
        for (int y0 = 0; y0 <= panel.Height - part.Height; y0++)
        {
            for (int x0 = 0; x0 <= panel.Width - part.Width; x0++)
            {
                bool equal = true;
                for (int y = 0; equal && y < part.Height; y++)
                {
                    equal = part.Pixels.AsSpan(3 * y * part.Width, 3 * part.Width)
                        .SequenceEqual(panel.Pixels.AsSpan(3 * (((y0 + y) * panel.Width) + x0), 3 * part.Width));
                }

                if (equal)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
