using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
[TestCategory("SameBits")]
public sealed class ChannelAverageTests
{
    /// <summary>The bits of the reference, from a plane with a border of numbers that are none, which ends with its last value.</summary>
    [TestMethod]
    public void TheMeanOfAnyWidthAndPitchIsThatOfTheReferenceAndLeavesTheBorderOut()
    {
        RandomStream random = new(1);
        AdaptiveShift node = new("n", [0], new("weight", ParameterRole.Modulation, [1], [-1]));
        for (int width = 1; width < 70; width++)
        {
            int height = 1 + random.NextInt(5), pitch = width + random.NextInt(4);
            float[] plane = [.. Enumerable.Range(0, (height - 1) * pitch + width).Select(i => i % pitch < width ? random.NextNormal() : float.NaN)];
            float[] values = [.. plane.Where(v => !float.IsNaN(v))];
            float mean = ChannelAverage.Of(plane, pitch, width, height);
            Assert.AreEqual(values.Average(v => (double)v), mean, 1e-6, $"{width}x{height}");
            FeatureMap map = new(1, height, width, values);
            CollectionAssert.AreEqual(
                values.Select(v => v + mean).ToArray(), ReferenceInterpreter.Evaluate(node, [map], new(1, height, width)).Values, $"{width}x{height}");
        }
    }
}
