using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public sealed class ChannelAverageTests
{
    [TestMethod]
    public void TheMeanOfAnyWidthAndPitchIsRightAndLeavesTheBorderOut()
    {
        RandomStream random = new(1);
        for (int width = 1; width < 70; width++)
        {
            int height = 1 + random.NextInt(5), pitch = width + random.NextInt(4);
            float[] plane = [.. Enumerable.Range(0, height * pitch).Select(i => i % pitch < width ? random.NextNormal() : float.NaN)];
            double mean = plane.Where(v => !float.IsNaN(v)).Average(v => (double)v);
            foreach (KernelPath path in KernelPaths.Supported)
            {
                Assert.AreEqual(mean, KernelSet.For(path).Average(plane, pitch, width, height), 1e-6, $"{width}x{height}, {path}");
            }
        }
    }
}
