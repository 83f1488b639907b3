using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class CountThresholdsTests
{
    /// <summary>sign(0) is +1: a dot product that equals the threshold is positive.</summary>
    [TestMethod]
    public void ADotProductThatEqualsTheThresholdIsPositive()
    {
        CountThresholds thresholds = CountThresholds.Find(4, 3, (_, dot) => dot, [0f, 2f, -4f]);
        CollectionAssert.AreEqual(new ushort[] { 2, 1, 4 }, thresholds.Limits);
        CollectionAssert.AreEqual(new ushort[] { 0, 0, 0 }, thresholds.Turned);
    }

    [TestMethod]
    public void ComparingCountsGivesTheSignsOfTheArithmetic()
    {
        Random random = new(17);
        for (int round = 0; round < 200; round++)
        {
            int products = random.Next(1, 600), channels = random.Next(1, 10);
            float[] scale = [.. Enumerable.Range(0, channels).Select(c => c == 3 ? 0 : (float)(random.NextDouble() - 0.5) / 8)];
            float[] offset = [.. scale.Select(_ => (float)(random.NextDouble() - 0.5) * (random.Next(4) == 0 ? 1000 : 4))];
            float[] thresholds = [.. scale.Select(_ => random.Next(3) == 0 ? 0 : (float)(random.NextDouble() - 0.5))];
            CountThresholds found = CountThresholds.Find(products, channels, (c, dot) => dot * scale[c] + offset[c], thresholds);

            ushort[] counts = new ushort[4 * PlaneLayout.Tile];
            byte[] nibbles = new byte[PlaneLayout.Tile];
            for (int first = 0; first < channels; first += 4)
            {
                for (int i = 0; i < counts.Length; i++)
                {
                    counts[i] = (ushort)random.Next(products + 1);
                }

                foreach (KernelPath path in KernelPaths.Supported)
                {
                    KernelSet.For(path).PackSigns(counts, found, first, Math.Min(4, channels - first), nibbles);
                    Check(path);
                }

                void Check(KernelPath path)
                {
                    for (int p = 0; p < nibbles.Length; p++)
                    {
                        int expected = 0;
                        for (int c = 0; c < 4 && first + c < channels; c++)
                        {
                            float dot = products - 2 * counts[c * nibbles.Length + p];
                            expected |= (dot * scale[first + c] + offset[first + c] >= thresholds[first + c] ? 0 : 1) << c;
                        }

                        Assert.AreEqual(expected, nibbles[p], $"round {round}, group at {first}, pixel {p}, {path}");
                    }
                }
            }
        }
    }
}
