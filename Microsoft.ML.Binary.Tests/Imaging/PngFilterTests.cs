using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>The filters of whole registers against their definitions (PNG specification, section 9).</summary>
[TestClass]
public sealed class PngFilterTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(8)]
    public void EveryFilterIsItsDefinition(int step)
    {
        Random random = new(5);
        foreach (int length in new[] { 1, 11, 21, 22, 64, 67, 500, 9_000 }.Select(pixels => pixels * step))
        {
            byte[] line = new byte[length], above = new byte[length], filtered = new byte[length];
            random.NextBytes(line);
            random.NextBytes(above);
            for (int filter = 0; filter < PngFilter.Count; filter++)
            {
                PngFilter.Apply(filter, line, above, step, filtered);
                long cost = 0;
                for (int i = 0; i < length; i++)
                {
                    (int a, int b, int c) = (i < step ? 0 : line[i - step], above[i], i < step ? 0 : above[i - step]);
                    byte expected = (byte)(line[i] - filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) });
                    Assert.AreEqual(expected, filtered[i], $"filter {filter}, length {length}, byte {i}");
                    cost += Math.Abs((int)(sbyte)expected);
                }

                Assert.AreEqual(cost, PngFilter.Cost(filtered));
                PngFilter.Undo(filter, filtered, above, step);
                CollectionAssert.AreEqual(line, filtered);
            }
        }
    }

    [TestMethod]
    [DataRow(PngFilter.Average)]
    [DataRow(PngFilter.Paeth)]
    public void PixelsOfEveryThreeNeighboursAreThoseOfTheDefinition(int filter)
    {
        const int step = 4;
        byte[] above = new byte[2 * step], line = new byte[2 * step], filtered = new byte[2 * step];
        for (int neighbours = 0; neighbours < 1 << 24; neighbours += step)
        {
            for (int channel = 0; channel < step; channel++)
            {
                (int a, int b, int c) = ((byte)(neighbours + channel), (byte)(neighbours >> 8), (byte)(neighbours >> 16));
                int i = step + channel;
                (line[channel], above[i], above[channel], filtered[i]) = ((byte)a, (byte)b, (byte)c, (byte)(7 * neighbours));
                filtered[channel] = (byte)(a - (filter == PngFilter.Average ? c / 2 : c));
                line[i] = (byte)(filtered[i] + (filter == PngFilter.Average ? (a + b) / 2 : Paeth(a, b, c)));
            }

            PngFilter.Undo(filter, filtered, above, step);
            Assert.IsTrue(filtered.AsSpan().SequenceEqual(line), $"a pixel with the neighbours {neighbours:x6}");
        }
    }

    [TestMethod]
    public void TheCostOfTheLowestByteIs128() => Assert.AreEqual(128 * 70_000, PngFilter.Cost(Enumerable.Repeat((byte)128, 70_000).ToArray()));

    private static int Paeth(int a, int b, int c)
    {
        int p = a + b - c, pa = Math.Abs(p - a), pb = Math.Abs(p - b), pc = Math.Abs(p - c);
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
}
