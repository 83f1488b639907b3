using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class StridedTapsRowTests
{
    [TestMethod]
    public void EveryWidthGivesTheBitsOfThePlainLoops()
    {
        Random random = new(5);
        for (int width = 1; width <= 80; width++)
        {
            const int Rows = 3;
            int pitch = 2 * width + 1 + random.Next(3), targetPitch = width + random.Next(3);
            float[] source = Values(2 * Rows * pitch + 2 * width + 1), weights = Values(9), activation = width % 2 == 0 ? [] : Values(3);
            float[] actual = new float[Rows * targetPitch], expected = new float[Rows * targetPitch];
            float bias = Values(1)[0];
            for (int i = 0; i < expected.Length; i++)
            {
                int y = i / targetPitch, x = i % targetPitch;
                float sum = x < width ? bias : 0;
                for (int t = 0; t < 9 && x < width; t++)
                {
                    float product = weights[t] * source[(2 * y + t / 3) * pitch + 2 * x + t % 3];
                    sum += product;
                }

                if (activation.Length > 0 && x < width)
                {
                    float shifted = sum + activation[0];
                    sum = (shifted > 0 ? shifted : shifted * activation[1]) + activation[2];
                }

                expected[i] = sum;
            }

            foreach (KernelPath path in KernelPaths.Supported)
            {
                Array.Clear(actual);
                KernelSet.For(path).ConvolveStrided(source, pitch, weights, bias, activation, actual, targetPitch, width, Rows);
                CollectionAssert.AreEqual(expected, actual, $"width {width}, {path}");
            }
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
