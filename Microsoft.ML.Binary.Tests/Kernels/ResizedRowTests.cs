using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class ResizedRowTests
{
    [TestMethod]
    public void EveryPathGivesThePlainLoopsBits()
    {
        Random random = new(3);
        for (int i = 0; i < 300; i++)
        {
            int width = 1 + random.Next(90), target = 1 + random.Next(i % 3 == 0 ? 40 : 700);
            float[] top = Values(width), bottom = Values(width);
            float down = random.NextSingle();
            float[] expected = [.. Enumerable.Range(0, target).Select(x =>
            {
                (int first, float across) = ResizedRow.Source(x, width, target);
                float a = Blended(Math.Max(first, 0)), b = Blended(Math.Min(first + 1, width - 1));
                return a + across * (b - a);
            })];
            int[] places = [.. Enumerable.Range(0, target).Select(x => ResizedRow.Source(x, width, target).First + 1)];
            float[] weights = [.. Enumerable.Range(0, target).Select(x => ResizedRow.Source(x, width, target).Weight)];
            foreach (KernelPath path in KernelPaths.Supported)
            {
                KernelSet kernels = KernelSet.For(path);
                float[] values = new float[ResizedRow.BlendedLength(width)], steps = new float[values.Length], actual = new float[target];
                kernels.Blend(top, bottom, down, values, steps);
                kernels.Resize(values, steps, places, weights, actual);
                CollectionAssert.AreEqual(Bits(expected), Bits(actual), $"{width} to {target}, {path}");
            }

            float Blended(int x) => top[x] + down * (bottom[x] - top[x]);
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 20 - 10)];
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    public void EnlargedTwoOrFourTimesItIsTheNetworksEnlargement(int factor)
    {
        for (int size = 1; size < 200; size++)
        {
            for (int x = 0; x < factor * size; x++)
            {
                (int first, float weight) = ResizedRow.Source(x, size, factor * size);
                (int expectedFirst, int expectedSecond, float expectedWeight) = BilinearRow.Source(x, factor, size);
                Assert.AreEqual((expectedFirst, expectedSecond, expectedWeight), (Math.Max(first, 0), Math.Min(first + 1, size - 1), weight));
            }
        }
    }

    [TestMethod]
    public void NothingLiesOutsideOfTheRangeOfItsNeighboursButForRounding()
    {
        Random random = new(4);
        for (int i = 0; i < 2000; i++)
        {
            float[] row = [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(6)))];
            (float lowest, float highest) = (row.Min(), row.Max());
            foreach (KernelPath path in KernelPaths.Supported)
            {
                Assert.AreEqual((lowest, highest), KernelSet.For(path).Range(row));
            }

            for (int x = 1; x < row.Length; x++)
            {
                float weight = random.NextSingle(), value = row[x - 1] + weight * (row[x] - row[x - 1]);
                float slack = 5e-7f * Math.Max(Math.Abs(lowest), Math.Abs(highest));
                Assert.IsTrue(value >= lowest - slack && value <= highest + slack, $"{value} between {row[x - 1]} and {row[x]}");
            }
        }
    }

    [TestMethod]
    public void NumbersBecomeBytes()
    {
        for (int length = 0; length < 150; length += 7)
        {
            byte[] bytes = new byte[length], actual = new byte[length];
            new Random(length).NextBytes(bytes);
            foreach (KernelPath path in KernelPaths.Supported)
            {
                KernelSet.For(path).Narrow([.. bytes.Select(b => (int)b)], actual);
                CollectionAssert.AreEqual(bytes, actual, $"{path}");
            }
        }
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
