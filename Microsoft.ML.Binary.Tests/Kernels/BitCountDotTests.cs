using System.Numerics;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

/// <summary>On every processor, though only ARM64 takes this kernel: <see cref="KernelSetTests"/> and eng/arm64.sh run it there.</summary>
[TestClass]
public class BitCountDotTests
{
    [TestMethod]
    public unsafe void CountsAreThoseOfTheDefinition()
    {
        Random random = new(29);
        for (int shape = 0; shape < 300; shape++)
        {
            // Of steps even and odd numbers, and more than a byte can count.
            int outputs = 4 * random.Next(1, 6), steps = random.Next(1, shape % 10 == 0 ? 300 : 30), pixels = PlaneLayout.Tile * random.Next(1, 6), length = pixels + 100;
            byte[] activations = Nibbles(random, steps * length, 1), weights = Nibbles(random, outputs * steps, 16);
            int[] offsets = [.. Enumerable.Range(0, steps).Select(s => s * length + random.Next(100))];
            ushort[] counts = new ushort[outputs * pixels];
            fixed (byte* a = activations, w = weights)
            fixed (int* o = offsets)
            fixed (ushort* c = counts)
            {
                BitCountDot.Run(a, o, steps, w, outputs, c, pixels);
            }

            for (int o = 0; o < outputs; o++)
            {
                for (int p = 0; p < pixels; p++)
                {
                    int expected = 0;
                    for (int s = 0; s < steps; s++)
                    {
                        expected += BitOperations.PopCount((uint)(activations[offsets[s] + p] ^ weights[(o / 4 * steps + s) * 4 + o % 4] >> 4));
                    }

                    Assert.AreEqual(expected, counts[o * pixels + p], $"{outputs} outputs, {steps} steps, {pixels} pixels, output {o}, pixel {p}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(61)]
    [DataRow(62)]
    [DataRow(63)]
    [DataRow(124)]
    [DataRow(1001)]
    public unsafe void CountsStayExactWhereEveryProductIsAMismatch(int steps)
    {
        byte[] activations = new byte[steps * PlaneLayout.Tile], weights = new byte[4 * steps];
        activations.AsSpan().Fill(15);
        int[] offsets = [.. Enumerable.Range(0, steps).Select(s => s * PlaneLayout.Tile)];
        ushort[] counts = new ushort[4 * PlaneLayout.Tile];
        fixed (byte* a = activations, w = weights)
        fixed (int* o = offsets)
        fixed (ushort* c = counts)
        {
            BitCountDot.Run(a, o, steps, w, 4, c, PlaneLayout.Tile);
        }

        Assert.IsTrue(counts.All(count => count == 4 * steps), $"{counts[0]} of {4 * steps}");
    }

    private static byte[] Nibbles(Random random, int count, int unit) => [.. Enumerable.Range(0, count).Select(_ => (byte)(unit * random.Next(16)))];
}
