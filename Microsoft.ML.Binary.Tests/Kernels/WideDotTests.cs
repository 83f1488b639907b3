using System.Numerics;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class WideDotTests
{
    [TestMethod]
    public void CountsAreThoseOfTheDefinition()
    {
        RequireSupport();
        Random random = new(23);
        for (int shape = 0; shape < 200; shape++)
        {
            int inputs = random.Next(1, 90), outputs = random.Next(1, 40), taps = random.Next(2) == 0 ? 1 : 9;
            int planes = SignPacking.Planes(inputs, VbmiWeights.Channels), pixels = 64 * random.Next(1, 9), length = pixels + 100;
            byte[] bits = new byte[(outputs * inputs * taps + 7) / 8], activations = new byte[planes * length];
            random.NextBytes(bits);
            for (int i = 0; i < activations.Length; i++)
            {
                // Channels that are missing in the last plane are +1.
                int channels = Math.Min(VbmiWeights.Channels, inputs - i / length * VbmiWeights.Channels);
                activations[i] = (byte)random.Next(1 << channels);
            }

            int[] offsets = [.. Enumerable.Range(0, planes * taps).Select(s => s / taps * length + random.Next(100))];
            ushort[] weights = new ushort[VbmiWeights.Length(outputs, inputs, taps)];
            VbmiWeights.PackBits(bits, outputs, inputs, taps, weights);
            ushort[] counts = new ushort[weights.Length / offsets.Length * pixels];
            KernelSet.For(KernelPath.Avx512Vbmi).CountMismatchesOfSix(activations, offsets, weights, counts);

            for (int o = 0; o < outputs; o++)
            {
                for (int p = 0; p < pixels; p++)
                {
                    int expected = 0;
                    for (int s = 0; s < offsets.Length; s++)
                    {
                        expected += BitOperations.PopCount((uint)(activations[offsets[s] + p] ^ Weights(bits, o, inputs, taps, s)));
                    }

                    Assert.AreEqual(expected, counts[o * pixels + p], $"{inputs}->{outputs}, {taps} taps, {pixels} pixels, output {o}, pixel {p}");
                }
            }
        }
    }

    [TestMethod]
    public void EveryPathCountsTheSameWithTablesOfSixteen()
    {
        Random random = new(29);
        for (int shape = 0; shape < 60; shape++)
        {
            int steps = random.Next(1, 150), groups = random.Next(1, 9), pixels = 64 * random.Next(1, 9);
            byte[] activations = [.. Enumerable.Range(0, 2 * pixels).Select(_ => (byte)random.Next(16))];
            int[] offsets = [.. Enumerable.Range(0, steps).Select(_ => random.Next(pixels))];
            byte[] weights = [.. Enumerable.Range(0, 4 * groups * steps).Select(_ => (byte)(16 * random.Next(16)))];
            ushort[] wide = Array.ConvertAll(weights, weight => (ushort)weight);
            ushort[] expected = new ushort[4 * groups * pixels];
            for (int o = 0; o < 4 * groups; o++)
            {
                for (int p = 0; p < pixels; p++)
                {
                    expected[o * pixels + p] = (ushort)Enumerable.Range(0, steps).Sum(s =>
                        BitOperations.PopCount((uint)(activations[offsets[s] + p] ^ weights[(o / 4 * steps + s) * 4 + o % 4] / 16)));
                }
            }

            ushort[]? sums = null;
            foreach (KernelPath path in KernelPaths.Supported)
            {
                string where = $"{path}, {steps} steps, {4 * groups} outputs, {pixels} pixels";
                ushort[] counts = new ushort[expected.Length], places = new ushort[expected.Length], digits = new ushort[expected.Length];
                KernelSet.For(path).CountMismatches(activations, offsets, weights, counts);
                KernelSet.For(path).CountMismatches(activations, offsets, wide, places);
                KernelSet.For(path).SumDigits(activations, offsets, wide, digits);
                CollectionAssert.AreEqual(expected, counts, where);
                CollectionAssert.AreEqual(expected, places, where);
                CollectionAssert.AreEqual(sums ??= digits, digits, where);
            }
        }
    }

    [TestMethod]
    public void CountsStayExactWhereEveryProductIsAMismatch()
    {
        RequireSupport();
        const int Inputs = 6000, Pixels = 256;
        byte[] activations = new byte[Inputs / 6 * Pixels];
        Array.Fill(activations, (byte)63);
        ushort[] weights = new ushort[VbmiWeights.Length(12, Inputs, 1)], counts = new ushort[12 * Pixels];
        KernelSet.For(KernelPath.Avx512Vbmi).CountMismatchesOfSix(activations, [.. Enumerable.Range(0, Inputs / 6).Select(i => i * Pixels)], weights, counts);
        Assert.IsTrue(counts.All(count => count == Inputs), $"{counts[0]}");
    }

    private static int Weights(byte[] bits, int output, int inputs, int taps, int step)
    {
        int weights = 0;
        for (int c = 0; c < VbmiWeights.Channels; c++)
        {
            int input = step / taps * VbmiWeights.Channels + c, index = (output * inputs + input) * taps + step % taps;
            weights |= input < inputs ? (bits[index >> 3] >> (index & 7) & 1) << c : 0;
        }

        return weights;
    }

    private static void RequireSupport()
    {
        if (!KernelPaths.Supported.Contains(KernelPath.Avx512Vbmi))
        {
            Assert.Inconclusive("This processor lacks AVX-512 VBMI.");
        }
    }
}
