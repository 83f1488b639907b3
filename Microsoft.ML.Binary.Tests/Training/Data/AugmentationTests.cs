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
        AugmentationOptions strong = new() { Contrast = 1, Color = 1, Gamma = 4 };
        RandomStream random = new(3);
        byte[] pixels = [.. Enumerable.Range(0, 3 * 20 * 20).Select(_ => (byte)random.NextInt(256))];
        TrainingSample sample = new("noise", new RgbImage(20, 20, pixels), new byte[400]);
        bool changed = false;
        for (int draw = 0; draw < 50; draw++)
        {
            (float[] planes, _) = Apply(strong, sample, 20, 20, draw);
            Assert.IsTrue(planes.All(v => v is >= 0 and <= 255));
            changed |= planes.Distinct().Count() > 1;
        }

        Assert.IsTrue(changed);
    }

    [TestMethod]
    public void ColourChangesLeaveTheMaskAlone()
    {
        TrainingSample sample = Coded(7, 5);
        AugmentationOptions colour = AugmentationOptions.None with { Contrast = 0.5f, Color = 0.3f, Gamma = 0.5f };

        // Any change from None places crops at random; one of the image's size has a single place.
        (float[] planes, byte[] mask) = Apply(colour, sample, 7, 5);
        CollectionAssert.AreEqual(sample.Mask, mask);
        CollectionAssert.AreNotEqual(Planes(sample), planes);
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
