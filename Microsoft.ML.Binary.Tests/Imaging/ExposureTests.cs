using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public sealed class ExposureTests
{
    [TestMethod]
    [DataRow(ExposureCurve.LowestGain)]
    [DataRow(255)]
    [DataRow(256)]
    [DataRow(700)]
    [DataRow(ExposureCurve.HighestGain)]
    public void ACurveMultipliesTheOdds(int gain)
    {
        ExposureCurve curve = new(gain);
        for (int value = 0; value < 256; value++)
        {
            double odds = gain / 256.0 * value / (255 - value), expected = value == 255 ? 255 : 255 * odds / (1 + odds);
            Assert.AreEqual(expected, curve[(byte)value], 0.5 + 1e-9, $"{value}");
            Assert.IsTrue(value == 0 || curve[(byte)value] >= curve[(byte)(value - 1)], $"{value} keeps its order");
        }

        Assert.AreEqual((0, 255), (curve[0], curve[255]));
    }

    [TestMethod]
    public void AnImageGetsTheMeanByTheLeastGainThatReachesIt()
    {
        foreach (int mean in new[] { 30, 102, 128, 200 })
        {
            RgbImage image = Noise(61, 47, darkest: 10, brightest: 140);
            int least = Enumerable.Range(ExposureCurve.LowestGain, ExposureCurve.HighestGain).First(gain => Mean(image, new(gain)) >= mean);
            ExposureCurve curve = ImageExposure.Of(mean).CurveFor(image)!;
            Assert.AreEqual(least, curve.Gain, $"{mean}");
            Assert.AreEqual(mean, Mean(image, curve), 0.5);
        }
    }

    [TestMethod]
    public void WhatNoGainReachesGetsTheEndOfTheRange()
    {
        RgbImage black = new(8, 8), white = new(8, 8, [.. Enumerable.Repeat((byte)255, 192)]);
        Assert.AreEqual(ExposureCurve.HighestGain, ImageExposure.Of(102).CurveFor(black)!.Gain);
        Assert.AreEqual(ExposureCurve.LowestGain, ImageExposure.Of(102).CurveFor(white)!.Gain);
    }

    [TestMethod]
    public void AnImageThatHasTheMeanIsLeftAlone()
    {
        RgbImage even = new(8, 8, [.. Enumerable.Repeat((byte)102, 192)]);
        Assert.IsNull(ImageExposure.AsIs.CurveFor(even));
        Assert.AreEqual(102, (ImageExposure.Of(102).CurveFor(even) ?? new(256))[102]);
        Assert.IsTrue(ImageExposure.AsIs.IsAsIs);
        Assert.AreEqual(("as-is", "102"), (ImageExposure.AsIs.ToString(), ImageExposure.Of(102).ToString()));
    }

    [TestMethod]
    [DataRow(64, 48)]
    [DataRow(1000, 400)]
    [DataRow(70_000, 2)]
    public void AMeterSaysOfRowsWhatTheImageSays(int width, int height)
    {
        RgbImage image = Noise(width, height, darkest: 0, brightest: 90);
        ExposureMeter meter = new(width, height);
        for (int y = 0; y < height; y++)
        {
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => meter.CurveFor(ImageExposure.Of(102))).Message, $"of which {y} are there");
            meter.Add(image.Pixels.AsSpan(3 * width * y, 3 * width));
        }

        Assert.AreEqual(ImageExposure.Of(102).CurveFor(image)!.Gain, meter.CurveFor(ImageExposure.Of(102))!.Gain);
        Assert.IsNull(meter.CurveFor(ImageExposure.AsIs));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => meter.Add(new byte[3 * width])).Message, "all of them are there");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new ExposureMeter(4, 1).Add(new byte[11])).Message, "has 12 bytes; this has 11");
    }

    [TestMethod]
    public void LargeImagesAreJudgedByEverySoManyRows()
    {
        // 200,000 pixels: every fourth row, from the first on.
        RgbImage image = new(1000, 200);
        for (int y = 0; y < 200; y++)
        {
            image.Pixels.AsSpan(3000 * y, 3000).Fill((byte)(y % 4 == 0 ? 60 : 250));
        }

        Assert.AreEqual(102, ImageExposure.Of(102).CurveFor(image)![60]);
    }

    [TestMethod]
    public void MeansAndGainsOutOfRangeAreRefused()
    {
        foreach (int mean in new[] { -1, 0, 255 })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ImageExposure.Of(mean)).Message, $"from 1 to 254, not {mean}");
        }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExposureCurve(31));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExposureCurve(2049));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExposureMeter(0, 1));
    }

    private static double Mean(RgbImage image, ExposureCurve curve) => image.Pixels.Average(value => curve[value]);

    private static RgbImage Noise(int width, int height, int darkest, int brightest)
    {
        Random random = new(width + height);
        return new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(_ => (byte)random.Next(darkest, brightest))]);
    }
}
