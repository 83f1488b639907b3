using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class LevelPackingTests
{
    [TestMethod]
    [TestCategory("SameBits")]
    public void EveryPathPacksTheSameBits()
    {
        Random random = new(7);
        foreach (int channels in new[] { 1, 3, 4, 5, 6 })
        {
            foreach (int pixels in new[] { 1, 7, 15, 16, 17, 63, 64, 65, 100, 200 })
            {
                int pitch = pixels + random.Next(9);
                float[] values = [.. Enumerable.Range(0, channels * pitch).Select(_ => random.Next(20) == 0 ? float.NaN : random.Next(-8, 9) / 4f)];
                float[] thresholds = [.. Enumerable.Range(0, channels).SelectMany(_ => new[] { random.Next(-6, 0) / 4f, random.Next(4) / 4f, 1f })];
                foreach (KernelPath path in KernelPaths.Supported)
                {
                    byte[] lower = [.. Enumerable.Repeat((byte)0xA5, pixels + 1)], upper = (byte[])lower.Clone();
                    KernelSet.For(path).PackLevels(values, pitch, thresholds, lower.AsSpan(0, pixels), upper.AsSpan(0, pixels));
                    for (int p = 0; p < pixels; p++)
                    {
                        int low = 0, high = 0;
                        for (int c = 0; c < channels; c++)
                        {
                            int level = thresholds.AsSpan(3 * c, 3).ToArray().Count(threshold => values[c * pitch + p] >= threshold);
                            low |= level % 2 << c;
                            high |= level / 2 << c;
                        }

                        Assert.AreEqual((low, high), (lower[p], upper[p]), $"{channels} channels, pixel {p} of {pixels}, {path}");
                    }

                    Assert.AreEqual((0xA5, 0xA5), (lower[pixels], upper[pixels]), $"{pixels} pixels, {path}");
                }
            }
        }
    }
}
