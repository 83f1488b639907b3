using Microsoft.ML.Binary.Graph;
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
        foreach (int mean in new[] { 30, 102, 128, 180 })
        {
            RgbImage image = Noise(61, 47, darkest: 10, brightest: 140);
            int least = Enumerable.Range(ExposureCurve.LowestGain, ExposureCurve.HighestGain).First(gain => Mean(image, new(gain)) >= mean);
            ExposureCurve curve = ExposureCurve.For(image, mean)!;
            Assert.AreEqual(least, curve.Gain, $"{mean}");
            Assert.AreEqual(mean, Mean(image, curve), 0.5);
        }
    }

    [TestMethod]
    public void WhatNoGainReachesGetsTheEndOfTheRange()
    {
        RgbImage black = new(8, 8), white = new(8, 8, [.. Enumerable.Repeat((byte)255, 192)]);
        Assert.AreEqual(ExposureCurve.HighestGain, ExposureCurve.For(black, 102)!.Gain);
        Assert.AreEqual(ExposureCurve.LowestGain, ExposureCurve.For(white, 102)!.Gain);
    }

    [TestMethod]
    public void AnImageThatHasTheMeanIsLeftAlone()
    {
        RgbImage even = new(8, 8, [.. Enumerable.Repeat((byte)102, 192)]);
        Assert.IsNull(ExposureCurve.For(even, 0));
        Assert.IsNull(ExposureCurve.For(even, 102));
        Assert.AreSame(even, even.WithMean(102));
        Assert.IsTrue(ImageExposure.AsIs.IsAsIs);
        Assert.AreEqual(("as-is", "102"), (ImageExposure.AsIs.ToString(), ImageExposure.Of(102).ToString()));
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(ImageExposure.Brightest + 1)]
    public void AMeanOutOfRangeIsRefused(int mean)
    {
        ExposureMeter meter = new(1, 1);
        meter.Add([1, 2, 3]);
        foreach (Action use in new Action[] { () => new RgbImage(8, 8).WithMean(mean), () => meter.CurveFor(mean), () => ImageExposure.Of(mean) })
        {
            Assert.AreEqual("mean", Assert.ThrowsExactly<ArgumentOutOfRangeException>(use).ParamName);
        }
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
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => meter.CurveFor(102)).Message, $"of which {y} are there");
            meter.Add(image.Pixels.AsSpan(3 * width * y, 3 * width));
        }

        Assert.AreEqual(ExposureCurve.For(image, 102)!.Gain, meter.CurveFor(102)!.Gain);
        Assert.IsNull(meter.CurveFor(0));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => meter.Add(new byte[3 * width])).Message, "all of them are there");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new ExposureMeter(4, 1).Add(new byte[11])).Message, "has 12 bytes; this has 11");
    }

    [TestMethod]
    [DataRow(1000, 200, 2, 0, 0)]
    [DataRow(1000, 600, 4, 1, 1)]
    [DataRow(70_000, 2, 2, 0, 0)]
    [DataRow(400_000, 1, 3, 1, 0)]
    [DataRow(1, 400_000, 3, 0, 1)]
    public void LargeImagesAreJudgedByAGridOfPixels(int width, int height, int interval, int left, int top)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < width * height; i++)
        {
            bool counts = i % width % interval == left && i / width % interval == top;
            image.Pixels.AsSpan(3 * i, 3).Fill((byte)(counts ? 60 : 250));
        }

        Assert.AreEqual(102, ExposureCurve.For(image, 102)![60]);
    }

    [TestMethod]
    public void GainsAreTheSameEverywhere()
    {
        // As they were when version 7 of the network file came: other gains are other predictions of the networks that people have.
        RgbImage image = new(320, 240);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (byte)(i * 7919L % 251 / 3);
        }

        ExposureCurve curve = ExposureCurve.For(image, 102)!;
        Assert.AreEqual((1018, (byte)36, (byte)126, (byte)168), (curve.Gain, curve[10], curve[50], curve[83]));
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
