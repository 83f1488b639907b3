using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
[TestCategory("SameBits")]
public sealed class ShiftedThresholdTests
{
    private static readonly float[] Special =
        [0, -0f, 1, -1, float.Epsilon, -float.Epsilon, 1.1754944e-38f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, 16777216, 16777217, 0.1f, -3e-30f];

    /// <summary>Values around the threshold, and of every size, are at least it just when their sums with the shift are at least the threshold without it.</summary>
    [TestMethod]
    public void ComparingWithItGivesWhatAddingTheShiftGives()
    {
        RandomStream random = new(1);
        List<(float Shift, float Threshold)> pairs = [.. Special.SelectMany(shift => Special.Where(float.IsFinite).Select(threshold => (shift, threshold)))];
        for (int i = 0; i < 20000; i++)
        {
            pairs.Add((Random(ref random), Random(ref random)));
        }

        foreach ((float shift, float threshold) in pairs)
        {
            float least = ShiftedThreshold.Of(shift, threshold);
            float[] near = [least, MathF.BitIncrement(least), MathF.BitDecrement(least), threshold - shift, -shift, threshold, Random(ref random)];
            foreach (float x in near.Concat(Special).Where(x => !float.IsNaN(x)))
            {
                Assert.AreEqual(x + shift >= threshold, x >= least, $"{x:R} + {shift:R} at least {threshold:R}, or {x:R} at least {least:R}");
            }
        }
    }

    [TestMethod]
    public void NothingIsAtLeastAThresholdBehindANumberThatIsNone()
    {
        Assert.IsTrue(float.IsNaN(ShiftedThreshold.Of(float.NaN, 0)));
        Assert.IsTrue(float.IsNaN(ShiftedThreshold.Of(float.NegativeInfinity, 0)));
    }

    // Sums of numbers of like and of very different size.
    private static float Random(ref RandomStream random) => random.NextNormal() * MathF.Pow(2, random.NextInt(3) == 0 ? random.NextInt(80) - 40 : random.NextInt(5));
}
