using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class StridedTapsRowTests
{
    [TestMethod]
    public void EveryWidthGivesTheBitsOfThePlainLoop()
    {
        Random random = new(5);
        for (int width = 1; width <= 80; width++)
        {
            int pitch = 2 * width + 1 + random.Next(3);
            float[] source = Values(2 * pitch + 2 * width + 1), weights = Values(9), actual = new float[width], expected = new float[width];
            float bias = Values(1)[0];
            for (int x = 0; x < width; x++)
            {
                float sum = bias;
                for (int t = 0; t < 9; t++)
                {
                    float product = weights[t] * source[t / 3 * pitch + 2 * x + t % 3];
                    sum += product;
                }

                expected[x] = sum;
            }

            foreach (KernelPath path in KernelPaths.Supported)
            {
                KernelSet.For(path).ConvolveStridedRow(source, pitch, weights, bias, actual);
                CollectionAssert.AreEqual(expected, actual, $"width {width}, {path}");
            }
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
