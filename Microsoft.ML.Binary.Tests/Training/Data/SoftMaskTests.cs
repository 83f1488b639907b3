using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training.Data;

[TestClass]
public sealed class SoftMaskTests
{
    private const int Channels = 2, Width = 32, Height = 24;

    [TestMethod]
    public void ConstantProbabilitiesStayWhatTheyAre()
    {
        SoftMask mask = new(Probabilities((_, _) => 0.2f), Channels, Width, Height);
        float[] crop = Crop(mask, new(-3, 5, 1.7f, Flip: true, 16, 8));
        Assert.IsTrue(crop.Take(16 * 8).All(p => Math.Abs(p - 0.2) < 1 / 255.0));
        Assert.IsTrue(crop.Skip(16 * 8).All(p => Math.Abs(p - 0.8) < 1 / 255.0));
    }

    /// <summary>A ramp is linear, so sampling it between the reduced pixels gives its value at the crop's position.</summary>
    [TestMethod]
    [DataRow(6f, 5f, 1f, false)]
    [DataRow(6f, 5f, 1f, true)]
    [DataRow(7.25f, 4.5f, 1.5f, false)]
    [DataRow(7.25f, 4.5f, 0.8f, true)]
    public void ACropShowsThePlaceItIsCutFrom(float left, float top, float scale, bool flip)
    {
        SoftMask mask = new(Probabilities((x, y) => (x + 0.5f) / 64 + (y + 0.5f) / 48), Channels, Width, Height);
        CropWindow window = new(left, top, scale, flip, 12, 10);
        float[] crop = Crop(mask, window);
        for (int i = 0; i < window.Width * window.Height; i++)
        {
            float x = left + ((flip ? 11 - i % 12 : i % 12) + 0.5f) / scale, y = top + (i / 12 + 0.5f) / scale;
            Assert.AreEqual(x / 64 + y / 48, crop[i], 1.5 / 255, $"({i % 12}, {i / 12})");
            Assert.AreEqual(1 - crop[i], crop[i + window.Width * window.Height], 1.5 / 255);
        }
    }

    [TestMethod]
    public void SidesNeedNotBeMultiplesOfFour()
    {
        float[] probabilities = [.. Enumerable.Repeat(0.5f, 7 * 5)];
        SoftMask mask = new(probabilities, 1, 7, 5);
        float[] crop = new float[7 * 5];
        mask.Fill(new(0, 0, 1, Flip: false, 7, 5), crop);
        Assert.IsTrue(crop.All(p => Math.Abs(p - 0.5) < 1 / 255.0));
    }

    private static float[] Crop(SoftMask mask, CropWindow window)
    {
        float[] planes = [.. Enumerable.Repeat(float.NaN, Channels * window.Width * window.Height)];
        mask.Fill(window, planes);
        return planes;
    }

    /// <summary>Two channels, pixel by pixel, that sum to 1.</summary>
    private static float[] Probabilities(Func<int, int, float> first) =>
        [.. Enumerable.Range(0, Width * Height).Select(i => first(i % Width, i / Width)).SelectMany(p => new[] { p, 1 - p })];
}
