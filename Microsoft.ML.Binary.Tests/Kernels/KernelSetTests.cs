using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

/// <summary>
/// Every kernel of every path against the plain loops of <see cref="KernelPath.Scalar"/>, on rows of all lengths, in memory that ends where
/// the row ends.
/// </summary>
[TestClass]
[TestCategory("SameBits")]
public sealed unsafe class KernelSetTests
{
    private const int Longest = 150;

    private static readonly KernelSet Plain = KernelSet.For(KernelPath.Scalar);

    private static readonly Dictionary<KernelPath, int> LanesOf = new()
    {
        [KernelPath.Scalar] = 1,
        [KernelPath.Portable] = 4,
        [KernelPath.AdvSimd] = 4,
        [KernelPath.Avx2] = 8,
        [KernelPath.Avx512] = 16,
        [KernelPath.Avx512Vbmi] = 16,
    };

    // A path without lanes of its own would fall back to slower ones and nobody would notice.
    [TestMethod]
    public void EveryPathHasLanesAndALaterOneNotFewer() => CollectionAssert.AreEqual(
        KernelPaths.Supported.Select(path => LanesOf[path]).ToArray(), KernelPaths.Supported.Select(path => KernelSet.For(path).Lanes).ToArray());

    [TestMethod]
    public void Arithmetic() => EveryLength((kernels, random, n) =>
    {
        float[] a = Values(random, n), b = Values(random, n), scaled = Values(random, n), divided = Values(random, n), sigmoid = new float[n];
        kernels.Add(a, b);
        kernels.Scale(scaled, 1.37f);
        kernels.Divide(divided, b);
        kernels.Sigmoid(b, sigmoid);
        return [.. a, .. scaled, .. divided, .. sigmoid, kernels.Average(b, n, n, 1), kernels.Average(b, 1, 1, n)];
    });

    [TestMethod]
    public void EpilogueOfRealValuesAndOfCounts() => EveryLength((kernels, random, n) =>
    {
        List<float> all = [];
        ushort[] counts = [.. Enumerable.Range(0, n).Select(_ => (ushort)random.Next(ushort.MaxValue + 1))];
        for (int parts = 0; parts < 32; parts++)
        {
            EpilogueRow row = default;
            (row.HasAffine, row.Scale, row.Offset) = (parts % 2 == 1, random.NextSingle() - 0.5f, random.NextSingle());
            (row.HasActivation, row.Shift, row.Slope, row.Bias) = (parts / 2 % 2 == 1, random.NextSingle() - 0.5f, random.NextSingle(), random.NextSingle());
            float[] first = Values(random, n), second = Values(random, n), third = Values(random, n), factor = Values(random, n);
            float[] real = new float[n], dots = new float[n];
            fixed (float* a = first, b = second, c = third, f = factor)
            {
                int sums = parts / 4 % 4;
                row.First = sums > 0 ? a : null;
                row.Second = sums > 1 ? b : null;
                row.Third = sums > 2 ? c : null;
                row.Factor = parts / 16 > 0 ? f : null;
                kernels.Finish(row, Values(random, n), real);
                kernels.Finish(row, counts, ushort.MaxValue, dots);
                if (sums > 0)
                {
                    // In place, as sums of convolutions are.
                    kernels.Finish(row, counts, ushort.MaxValue, first);
                    CollectionAssert.AreEqual(dots, first);
                }
            }

            all.AddRange([.. real, .. dots]);
        }

        float[] plain = new float[n];
        kernels.ToDots(counts, ushort.MaxValue, plain);
        CollectionAssert.AreEqual(counts.Select(count => (float)(ushort.MaxValue - 2 * count)).ToArray(), plain);
        return [.. all];
    });

    [TestMethod]
    public void SignsOfOneToSixChannels() => EveryLength((kernels, random, n) =>
    {
        List<float> all = [];
        for (int channels = 1; channels <= 6; channels++)
        {
            float[] values = Values(random, (channels - 1) * (n + 3) + n), thresholds = Values(random, channels);
            values[0] = thresholds[0];
            byte[] signs = new byte[n];
            kernels.PackSigns(values, n + 3, thresholds, signs);
            all.AddRange(signs.Select(sign => (float)sign));
        }

        return [.. all];
    });

    [TestMethod]
    public void MergedAndTakenApart() => EveryLength((kernels, random, n) =>
    {
        float[] even = Values(random, n), odd = Values(random, n), merged = new float[2 * n], taken = new float[n], pooled = new float[n];
        ushort[] evenCounts = [.. even.Select(value => (ushort)(value * 1000))], oddCounts = [.. odd.Select(value => (ushort)(value * 1000))], counts = new ushort[2 * n];
        kernels.Merge(even, odd, merged);
        kernels.Merge(evenCounts, oddCounts, counts);
        kernels.TakeEven(merged.AsSpan(0, 2 * n - 1), taken);
        CollectionAssert.AreEqual(even, taken);
        for (int i = 0; i < n; i++)
        {
            Assert.AreEqual((even[i], odd[i], evenCounts[i], oddCounts[i]), (merged[2 * i], merged[2 * i + 1], counts[2 * i], counts[2 * i + 1]));
        }

        kernels.AveragePool(Values(random, 2 * n), Values(random, 2 * n), pooled);
        return [.. merged, .. pooled];
    });

    [TestMethod]
    public void BilinearEnlargement() => EveryLength((kernels, random, n) =>
    {
        List<float> all = [];
        foreach (int factor in new[] { 2, 4 })
        {
            int padded = BilinearRow.Padded(n);
            float[] top = Values(random, padded), bottom = Values(random, padded), scratch = new float[BilinearRow.Scratch(n)];
            float[] enlarged = new float[factor * n], phases = new float[factor * padded];
            kernels.EnlargeBilinear(top, bottom, 0.375f, factor, enlarged, scratch);
            kernels.EnlargeBilinearPhases(top, bottom, 0.375f, n, factor, phases, scratch);
            for (int i = 0; i < enlarged.Length; i++)
            {
                Assert.AreEqual(enlarged[i], phases[i % factor * padded + i / factor]);
            }

            all.AddRange(enlarged);
        }

        return [.. all];
    });

    [TestMethod]
    public void SoftmaxAndArgMax() => EveryLength((kernels, random, n) =>
    {
        const int Classes = 5;
        float[] rows = Values(random, Classes * n), sums = new float[n];
        Array.Copy(rows, 0, rows, 3 * n, n);
        int[] indices = [.. Enumerable.Range(0, n)];
        kernels.ArgMax(rows, Classes, n, indices, shift: 16);
        kernels.Softmax(rows, sums);
        return [.. rows, .. sums, .. indices];
    });

    [TestMethod]
    public void ChannelsOfAnImage() => EveryLength((kernels, random, n) =>
    {
        List<float> all = [];
        foreach (int step in new[] { 3, 6 })
        {
            byte[] image = new byte[step * (n - 1) + 1 + random.Next(200)];
            random.NextBytes(image);
            float[] values = new float[n];
            kernels.ReadRgb(image, step, values);
            all.AddRange(values);
        }

        return [.. all];
    });

    [TestMethod]
    public void ConvolutionsAndAttentionOverTiles() => EveryPath((kernels, random, steps) =>
    {
        const int Pixels = 2 * PlaneLayout.Tile;
        int[] offsets = [.. Enumerable.Range(0, steps).Select(_ => random.Next(100))];
        float[] values = Values(random, Pixels + 100), weights = Values(random, 4 * steps), bias = Values(random, 4);
        float[] block = new float[4 * Pixels], row = new float[Pixels], logits = Values(random, Pixels);
        kernels.Convolve(values, offsets, weights, bias, block, exact: true);
        kernels.ConvolveDepthwise(values, offsets, weights, bias[0], row);
        kernels.AttentionLogits(logits, values.AsSpan(0, Pixels), values.AsSpan(100), 3, 7, 0.3f, -0.2f);
        return [.. block, .. row, .. logits];
    }, 1, 20);

    [TestMethod]
    public void StepsOfAdamW() => EveryLength((kernels, random, n) =>
    {
        float[] values = Values(random, n), gradient = Values(random, n), first = Values(random, n), second = [.. Values(random, n).Select(Math.Abs)];
        AdamWRow.Factors factors = new(Rate: 0.01f, SecondScale: 1.5f, Keep: 0.999f, Limit: n % 2 == 0 ? 1 : float.PositiveInfinity);
        float[] expected = [.. Enumerable.Range(0, n).Select(i =>
        {
            float m = first[i] * 0.9f + gradient[i] * (1 - 0.9f), s = second[i] * 0.999f + gradient[i] * gradient[i] * (1 - 0.999f);
            float next = values[i] * factors.Keep - m * factors.Rate / (MathF.Sqrt(s * factors.SecondScale) + 1e-8f);
            return Math.Max(-factors.Limit, Math.Min(factors.Limit, next));
        })];
        kernels.StepAdamW(values, gradient, first, second, factors);
        CollectionAssert.AreEqual(expected, values);
        return [.. values, .. first, .. second];
    });

    [TestMethod]
    public void RowsOfGradients() => EveryLength((kernels, random, n) =>
    {
        float[] a = Values(random, n), b = Values(random, n), between = new float[n], signs = new float[n];
        List<float> all = [];
        kernels.Interpolate(a, b, 0.3f, between);
        (float, float)[] zeros = [(0, 0), (-0f, 0)];
        (a[0], float shift) = zeros[n % 2];
        kernels.Sign(a, shift, signs);
        Assert.AreEqual(1, signs[0], "sign(0)");
        foreach (bool accumulate in new[] { false, true })
        {
            float[] sum = Values(random, n), throughSign = Values(random, n), throughActivation = Values(random, n);
            kernels.AddScaled(a, 0.7f, b, -1.3f, 0.1f, sum, accumulate);
            kernels.SignGradient(a, b, 0.2f, throughSign, accumulate);
            kernels.RPReLUGradient(a, b, 0.2f, 0.3f, throughActivation, accumulate);
            all.AddRange([.. sum, .. throughSign, .. throughActivation]);
        }

        return [.. between, .. signs, .. all];
    });

    /// <summary>The trainer's sums: 512 bits add as 256 bits do, so that a training gives the same on both.</summary>
    [TestMethod]
    public void SumsOfGradients()
    {
        for (int n = 1; n <= Longest; n++)
        {
            float[] x = Values(new Random(n), n), dy = Values(new Random(-n), n);
            double[] t = [.. x.Select(value => (double)(value + 0.2f))], slopes = [.. t.Select(value => Math.Max(0, 2 - 2 * Math.Abs(value)))];
            double[] expected =
            [
                x.Sum(value => (value - 0.5) * (value - 0.5)), t.Select((value, i) => dy[i] * (value > 0 ? 1 : 0.3)).Sum(),
                t.Select((value, i) => value > 0 ? 0 : dy[i] * value).Sum(), dy.Sum(value => (double)value), slopes.Select((slope, i) => slope * dy[i]).Sum(),
            ];
            double[] wide = [];
            foreach (KernelPath path in KernelPaths.Supported)
            {
                KernelSet kernels = KernelSet.For(path);
                (float shift, float slope, float offset) = kernels.RPReLUGradient(x, dy, 0.2f, 0.3f, new float[n], accumulate: false);
                double[] sums = [kernels.SquaredDistance(x, 0.5f), shift, slope, offset, kernels.SignGradient(x, dy, 0.2f, new float[n], accumulate: false)];
                for (int i = 0; i < sums.Length; i++)
                {
                    Assert.AreEqual(expected[i], sums[i], 1e-4 * (1 + n), $"{path}, length {n}, sum {i}");
                }

                if (path >= KernelPath.Avx2)
                {
                    wide = wide.Length == 0 ? sums : wide;
                    CollectionAssert.AreEqual(wide, sums, $"{path}, length {n}");
                }
            }
        }
    }

    private static void EveryLength(Func<KernelSet, Random, int, float[]> run) => EveryPath(run, 1, Longest);

    private static void EveryPath(Func<KernelSet, Random, int, float[]> run, int first, int last)
    {
        for (int n = first; n <= last; n++)
        {
            float[] expected = run(Plain, new Random(n), n);
            foreach (KernelPath path in KernelPaths.Supported)
            {
                ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(run(KernelSet.For(path), new Random(n), n));
                int at = bits.CommonPrefixLength(MemoryMarshal.Cast<float, int>(expected));
                Assert.AreEqual(expected.Length, at, $"{path}, length {n}: the first value that differs");
            }
        }
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 8 * random.NextSingle() - 4)];
}
