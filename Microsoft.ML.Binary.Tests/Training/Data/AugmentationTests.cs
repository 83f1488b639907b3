using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training.Data;

[TestClass]
public sealed class AugmentationTests
{
    private const byte Ignore = 255;

    private static readonly AugmentationOptions OnlyFlip = AugmentationOptions.None with { Flip = true };

    [TestMethod]
    public void NoneTakesAnImageOfTheCropsSizeAsItIs()
    {
        TrainingSample sample = Coded(7, 5);
        (float[] planes, byte[] mask) = Apply(AugmentationOptions.None, sample, 7, 5);
        CollectionAssert.AreEqual(Planes(sample), planes);
        CollectionAssert.AreEqual(sample.Mask, mask);
    }

    [TestMethod]
    public void PhotometricStrength_IsAFactorOfAllButGeometry()
    {
        AugmentationOptions usual = new() { MinScale = 0.75f, Flip = false };
        Assert.AreEqual(usual, usual.WithPhotometricStrength(1));
        Assert.AreEqual(AugmentationOptions.None with { MinScale = 0.75f, MaxScale = usual.MaxScale, RandomPlacement = true }, usual.WithPhotometricStrength(0));
        Assert.AreEqual(usual with { Contrast = 0.2f, Color = 0.1f, Gamma = 0.3f, Blur = 0.25f, Noise = 3 }, usual.WithPhotometricStrength(0.5f));
        usual.WithPhotometricStrength(2).Check();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => (usual with { Blur = 0.75f }).WithPhotometricStrength(2)).Message, "Blur is 1.5");
        foreach (float wrong in new[] { -0.1f, 2.1f, float.NaN })
        {
            Assert.ThrowsExactly<ArgumentException>(() => usual.WithPhotometricStrength(wrong));
        }
    }

    // Differences of even and odd numbers of pixels, either way.
    [TestMethod]
    [DataRow(9, 8, 1, 1)]
    [DataRow(10, 9, 1, 2)]
    [DataRow(5, 3, -1, -1)]
    [DataRow(6, 4, -1, -1)]
    public void NoneCentresTheCropOnWholePixels(int width, int height, int left, int top)
    {
        TrainingSample sample = Coded(width, height);
        (float[] planes, byte[] mask) = Apply(AugmentationOptions.None, sample, 7, 5);
        for (int i = 0; i < mask.Length; i++)
        {
            (int x, int y) = (i % 7 + left, i / 7 + top);
            bool inside = (uint)x < (uint)width && (uint)y < (uint)height;
            int source = Math.Clamp(y, 0, height - 1) * width + Math.Clamp(x, 0, width - 1);
            Assert.AreEqual(inside ? sample.Mask[source] : Ignore, mask[i], $"mask at {i}");
            for (int c = 0; c < 3; c++)
            {
                Assert.AreEqual(sample.Image.Pixels[source * 3 + c], planes[c * 35 + i], $"channel {c} at {i}");
            }
        }
    }

    [TestMethod]
    public void FlippingMovesImageAndMaskTogether()
    {
        TrainingSample sample = Coded(7, 5);
        float[] planes = Planes(sample);
        int flipped = 0;
        for (int draw = 0; draw < 40; draw++)
        {
            (float[] actual, byte[] mask) = Apply(OnlyFlip, sample, 7, 5, draw);
            bool isFlipped = !actual.AsSpan().SequenceEqual(planes);
            flipped += isFlipped ? 1 : 0;
            for (int i = 0; i < mask.Length; i++)
            {
                int source = i / 7 * 7 + (isFlipped ? 6 - i % 7 : i % 7);
                Assert.AreEqual(sample.Mask[source], mask[i]);
                Assert.AreEqual(planes[source], actual[i]);
            }
        }

        Assert.IsGreaterThan(10, flipped);
        Assert.IsLessThan(30, flipped);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void CropsLieAnywhereIfThatIsAskedFor(bool anywhere)
    {
        TrainingSample sample = Coded(15, 13);
        AugmentationOptions options = AugmentationOptions.None with { RandomPlacement = anywhere };
        int places = Enumerable.Range(0, 40).Select(draw => Convert.ToHexString(Apply(options, sample, 7, 5, draw).Mask)).Distinct().Count();
        Assert.IsTrue(anywhere ? places > 20 : places == 1, $"{places} places");
    }

    /// <summary>The mask is the sign of a ramp that the image shows, so image and mask tell whether they moved together.</summary>
    [TestMethod]
    public void ScalingAndPlacingMoveImageAndMaskTogether()
    {
        const int side = 64;
        byte[] pixels = new byte[3 * side * side], labels = new byte[side * side];
        for (int i = 0; i < labels.Length; i++)
        {
            (int x, int y) = (i % side, i / side);
            pixels[3 * i] = (byte)(3 * x);
            pixels[3 * i + 1] = (byte)(3 * y);
            labels[i] = (byte)(x >= 32 ? 1 : 0);
            labels[i] += (byte)(y >= 32 ? 2 : 0);
        }

        TrainingSample sample = new("ramps", new RgbImage(side, side, pixels), labels);
        AugmentationOptions options = AugmentationOptions.None with { MinScale = 0.4f, MaxScale = 2.5f, RandomPlacement = true, Flip = true };
        bool[] seen = new bool[256];
        for (int draw = 0; draw < 50; draw++)
        {
            (float[] planes, byte[] mask) = Apply(options, sample, 40, 32, draw);
            for (int i = 0; i < mask.Length; i++)
            {
                seen[mask[i]] = true;
                (float x, float y) = (planes[i] / 3, planes[mask.Length + i] / 3);

                // Within half a pixel of the border between classes, nearest and bilinear may differ.
                if (mask[i] != Ignore && Math.Abs(x - 31.5f) > 0.51f && Math.Abs(y - 31.5f) > 0.51f)
                {
                    Assert.AreEqual((x > 31.5f ? 1 : 0) + (y > 31.5f ? 2 : 0), mask[i]);
                }
            }
        }

        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, Ignore }, Enumerable.Range(0, 256).Where(label => seen[label]).ToArray());
    }

    [TestMethod]
    public void WithoutAnIgnoredLabelTheEdgeIsRepeated()
    {
        TrainingSample sample = Coded(3, 3);
        (_, byte[] mask) = Apply(AugmentationOptions.None, sample, 7, 5, outside: null);
        Assert.AreEqual(sample.Mask[0], mask[0]);
        Assert.AreEqual(sample.Mask[^1], mask[^1]);
        CollectionAssert.AreEquivalent(sample.Mask, mask.Distinct().ToArray());
    }

    [TestMethod]
    public void ValuesStayWithinTheRangeOfAnImage()
    {
        AugmentationOptions strong = new() { Contrast = 1, Color = 1, Gamma = 4, Noise = 128 };
        RandomStream random = new(3);
        byte[] pixels = [.. Enumerable.Range(0, 3 * 20 * 20).Select(_ => (byte)random.NextInt(256))];
        TrainingSample sample = new("noise", new RgbImage(20, 20, pixels), new byte[400]);
        bool dark = false, bright = false;
        for (int draw = 0; draw < 50; draw++)
        {
            (float[] planes, _) = Apply(strong, sample, 20, 20, draw);
            Assert.IsTrue(planes.All(v => v is >= 0 and <= 255));
            dark |= planes.Contains(0);
            bright |= planes.Contains(255);
        }

        Assert.IsTrue(dark && bright, "the ends of the range are reached, and not passed");
    }

    /// <summary>A wedge of gray: each level is changed alike, and the middle more than the ends.</summary>
    [TestMethod]
    public void GammaBendsTheGrayLevels()
    {
        TrainingSample wedge = Gray(256, 1, i => i);
        float[] exponents = [.. Draws(AugmentationOptions.None with { Gamma = 1 }, wedge, planes =>
        {
            Assert.AreEqual(0, planes[0], 1e-3);
            Assert.AreEqual(255, planes[255], 1e-3);
            float exponent = MathF.Log(planes[128] / 255) / MathF.Log(128 / 255f);
            for (int i = 1; i < 3 * 256; i++)
            {
                Assert.AreEqual(255 * MathF.Pow(i % 256 / 255f, exponent), planes[i], 0.01);
            }

            return MathF.Log2(exponent);
        })];
        Assert.IsTrue(exponents.All(power => power is > -1.01f and < 1.01f));
        Assert.IsTrue(exponents.Min() < -0.5 && exponents.Max() > 0.5, "both ways");
    }

    /// <summary>Two grays: their mean is brightness, how far they are apart beside that is contrast.</summary>
    [TestMethod]
    public void ContrastChangesBrightnessAndContrast()
    {
        TrainingSample grays = Gray(10, 1, i => i % 2 == 0 ? 80 : 120);
        (float Brightness, float Contrast)[] changes = [.. Draws(AugmentationOptions.None with { Contrast = 0.5f }, grays, planes =>
        {
            float mean = (planes[0] + planes[1]) / 2;
            CollectionAssert.AreEqual(planes[..10], planes[10..20], "gray stays gray");
            return (mean / 100, (planes[1] - planes[0]) / 40 / (mean / 100));
        })];
        foreach (Func<(float Brightness, float Contrast), float> of in (Func<(float Brightness, float Contrast), float>[])[change => change.Brightness, change => change.Contrast])
        {
            Assert.IsTrue(changes.All(change => of(change) is > 0.49f and < 1.51f));
            Assert.IsTrue(changes.Min(of) < 0.75 && changes.Max(of) > 1.25, "both ways");
        }

        Assert.IsTrue(changes.Any(change => (change.Brightness - 1) * (change.Contrast - 1) < 0), "each drawn for itself");
    }

    /// <summary>On gray, the balance of the three colours shows alone; of a colour, how far it is from gray beside that.</summary>
    [TestMethod]
    public void ColorChangesBalanceAndColourfulness()
    {
        AugmentationOptions options = AugmentationOptions.None with { Color = 0.5f };
        float[][] balances = [.. Draws(options, Gray(4, 1, _ => 100), planes => new[] { planes[0], planes[4], planes[8] })];
        Assert.IsTrue(balances.All(balance => balance.All(value => value is > 5 and < 195)));
        Assert.IsTrue(balances.Any(balance => balance.Max() - balance.Min() > 40));
        for (int c = 0; c < 3; c++)
        {
            Assert.IsTrue(balances.Any(balance => balance[c] < 75) && balances.Any(balance => balance[c] > 125), $"channel {c}, both ways");
        }

        // The same draws, so the same balance: what remains is 40 times that of green, from 20 to 60, times colourfulness.
        byte[] green = [80, 120, 80];
        TrainingSample grays = Gray(1, 1, _ => 80), greens = new("green", new RgbImage(1, 1, green), new byte[1]);
        float[] distances = [.. Draws(options, greens, planes => planes[1] - (planes[0] + planes[2]) / 2).Zip(Draws(options, grays, planes => planes[1] - (planes[0] + planes[2]) / 2), (of, without) => of - without)];
        Assert.IsTrue(distances.Min() is > 9 and < 19 && distances.Max() is > 61 and < 91, $"from {distances.Min()} to {distances.Max()}");
    }

    [TestMethod]
    public void BlurSpreadsAPoint()
    {
        TrainingSample point = Gray(7, 5, i => i == 17 ? 200 : 0);
        float[] sides = [.. Draws(AugmentationOptions.None with { Blur = 0.5f }, point, planes =>
        {
            Assert.AreEqual(200, planes[..35].Sum(), 0.01);
            Assert.AreEqual(planes[16], planes[18], 1e-4);
            Assert.AreEqual(planes[16], planes[10], 1e-4);
            Assert.AreEqual(planes[16], planes[24], 1e-4);
            Assert.AreEqual(0, planes[19]);
            return planes[16];
        })];
        Assert.IsTrue(sides.Min() < 10 && sides.Max() is > 20 and < 200 / 6f * (1 - 1 / 3f) + 0.01f, $"from {sides.Min()} to {sides.Max()}");
    }

    [TestMethod]
    public void BlurLeavesAConstantImageAsItIs() => Assert.IsTrue(
        Draws(AugmentationOptions.None with { Blur = 1 }, Gray(7, 5, _ => 77), planes => planes.All(value => Math.Abs(value - 77) < 1e-3)).All(isConstant => isConstant));

    [TestMethod]
    public void NoiseIsDrawnForEachPixel()
    {
        TrainingSample flat = Gray(40, 40, _ => 128);
        double[] deviations = [.. Draws(AugmentationOptions.None with { Noise = 20 }, flat, planes =>
        {
            Assert.AreEqual(128, planes.Average(), 1);
            return Math.Sqrt(planes.Average(value => (value - 128) * (value - 128)));
        })];
        Assert.IsTrue(deviations.Min() < 5 && deviations.Max() is > 15 and < 21, $"from {deviations.Min()} to {deviations.Max()}");
    }

    /// <summary>Whatever option it is, the mask of a crop of the image's size stays.</summary>
    [TestMethod]
    public void ChangesOfLightAndCameraLeaveTheMaskAlone()
    {
        TrainingSample sample = Coded(7, 5);
        AugmentationOptions none = AugmentationOptions.None;
        foreach (AugmentationOptions options in (AugmentationOptions[])
            [none with { Contrast = 0.5f }, none with { Color = 0.3f }, none with { Gamma = 0.5f }, none with { Blur = 0.5f }, none with { Noise = 5 }])
        {
            (float[] planes, byte[] mask) = Apply(options, sample, 7, 5);
            CollectionAssert.AreEqual(sample.Mask, mask, options.ToString());
            CollectionAssert.AreNotEqual(Planes(sample), planes, options.ToString());
        }
    }

    [TestMethod]
    public void TheSameStreamGivesTheSameCrop()
    {
        TrainingSample sample = Coded(30, 30);
        (float[] one, byte[] oneMask) = Apply(new(), sample, 16, 16, draw: 5);
        (float[] same, byte[] sameMask) = Apply(new(), sample, 16, 16, draw: 5);
        (float[] other, _) = Apply(new(), sample, 16, 16, draw: 6);
        CollectionAssert.AreEqual(one, same);
        CollectionAssert.AreEqual(oneMask, sameMask);
        CollectionAssert.AreNotEqual(one, other);
    }

    private static (float[] Planes, byte[] Mask) Apply(
        AugmentationOptions options, TrainingSample sample, int width, int height, int draw = 0, byte? outside = Ignore)
    {
        float[] planes = [.. Enumerable.Repeat(float.NaN, 3 * width * height)];
        byte[] mask = new byte[width * height];
        new Augmentation(options, height, width).Apply(sample, new RandomStream(1, draw), planes, mask, outside);
        return (planes, mask);
    }

    /// <summary>What a measure of the planes says about many draws of an option.</summary>
    private static IEnumerable<T> Draws<T>(AugmentationOptions options, TrainingSample sample, Func<float[], T> measure) =>
        Enumerable.Range(0, 60).Select(draw => measure(Apply(options, sample, sample.Image.Width, sample.Image.Height, draw).Planes));

    private static TrainingSample Gray(int width, int height, Func<int, int> level) =>
        new("gray", new RgbImage(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)level(i / 3))]), new byte[width * height]);

    /// <summary>Every pixel differs from every other, and its label from its neighbours'.</summary>
    private static TrainingSample Coded(int width, int height)
    {
        byte[] pixels = new byte[3 * width * height], mask = new byte[width * height];
        for (int i = 0; i < mask.Length; i++)
        {
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = ((byte)(8 * (i % width)), (byte)(8 * (i / width)), (byte)(i % 251));
            mask[i] = (byte)(i % 253);
        }

        return new("coded", new RgbImage(width, height, pixels), mask);
    }

    private static float[] Planes(TrainingSample sample) =>
        [.. Enumerable.Range(0, 3).SelectMany(c => Enumerable.Range(0, sample.Mask.Length).Select(i => (float)sample.Image.Pixels[3 * i + c]))];
}
