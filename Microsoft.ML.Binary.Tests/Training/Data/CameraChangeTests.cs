using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training.Data;

[TestClass]
public sealed class CameraChangeTests
{
    private const int Width = 64, Height = 48;

    [TestMethod]
    public void BlurKeepsAConstantImageAndTheMeanOfAPoint()
    {
        AugmentationOptions options = AugmentationOptions.None with { Blur = 1 };
        float[] constant = Change(options, _ => 77);
        Assert.IsTrue(constant.All(v => Math.Abs(v - 77) < 1e-3));

        int middle = Height / 2 * Width + Width / 2;
        float[] point = Change(options, i => i == middle ? 200 : 0);
        Assert.AreEqual(200, point.Take(Width * Height).Sum(), 1e-2);
        float side = point[middle - 1];
        Assert.IsGreaterThan(0, side);
        Assert.AreEqual(side, point[middle + 1], 1e-4);
        Assert.AreEqual(side, point[middle - Width], 1e-4);
        Assert.AreEqual(side, point[middle + Width], 1e-4);
        Assert.AreEqual(0, point[middle + 2]);
    }

    [TestMethod]
    public void NoiseHasTheMeanOfZeroAndAtMostTheGivenDeviation()
    {
        AugmentationOptions options = AugmentationOptions.None with { Noise = 10 };
        double widest = 0;
        for (int draw = 0; draw < 30; draw++)
        {
            float[] noise = Change(options, _ => 128, draw);
            double mean = noise.Average(v => v - 128), deviation = Math.Sqrt(noise.Average(v => (v - 128) * (v - 128)));
            Assert.AreEqual(0, mean, 0.5);
            Assert.IsLessThan(10.5, deviation);
            widest = Math.Max(widest, deviation);
        }

        Assert.IsGreaterThan(5, widest);
    }

    [TestMethod]
    public void WithoutBlurAndNoiseNothingChanges()
    {
        float[] same = Change(new AugmentationOptions() with { Blur = 0, Noise = 0 }, i => i % 251);
        Assert.IsTrue(same.Select((v, i) => v == i % 251).All(equal => equal));
    }

    private static float[] Change(AugmentationOptions options, Func<int, float> value, int draw = 0)
    {
        float[] planes = [.. Enumerable.Range(0, 3 * Width * Height).Select(value)];
        RandomStream random = new(5, draw);
        CameraChange.Apply(options, ref random, planes, Width, Height);
        return planes;
    }
}
