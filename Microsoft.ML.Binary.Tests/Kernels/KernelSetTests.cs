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
        return [.. a, .. scaled, .. divided, .. sigmoid];
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
    public void SignsOfChannelsToSpace() => EveryLength((kernels, random, n) =>
    {
        const int Height = 2;
        int channels = 1 + n % 6, pitch = n + 1, size = Height * pitch + 16, signPitch = 2 * n + n % 2;
        float[] values = Values(random, 4 * channels * size), thresholds = Values(random, channels);
        byte[] signs = new byte[2 * Height * signPitch];
        kernels.PackShuffledSigns(
            values, Enumerable.Range(0, 4 * channels).Select(plane => plane * size).ToArray(), pitch, n, thresholds, signs, signPitch, row: 0, last: 2 * Height);
        for (int i = 0; i < signs.Length; i++)
        {
            int y = i / signPitch, x = i % signPitch;
            IEnumerable<int> negative = Enumerable.Range(0, channels).Where(
                c => x < 2 * n && values[(4 * c + 2 * (y % 2) + x % 2) * size + y / 2 * pitch + x / 2] < thresholds[c]);
            Assert.AreEqual(negative.Sum(c => 1 << c), signs[i]);
        }

        return [.. signs];
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

        byte[] bytes = new byte[2 * n - 1], takenBytes = new byte[n];
        random.NextBytes(bytes);
        kernels.TakeEven(bytes, takenBytes);
        CollectionAssert.AreEqual(bytes.Where((_, i) => i % 2 == 0).ToArray(), takenBytes);
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
            float[] enlarged = new float[factor * n];
            kernels.EnlargeBilinear(top, bottom, 0.375f, factor, enlarged, scratch);
            for (int i = 0; i < enlarged.Length; i++)
            {
                (int first, int second, float weight) = BilinearRow.Source(i, factor, n);
                float left = top[first] + 0.375f * (bottom[first] - top[first]), right = top[second] + 0.375f * (bottom[second] - top[second]);
                Assert.AreEqual(left + weight * (right - left), enlarged[i]);
            }

            all.AddRange(enlarged);
        }

        return [.. all];
    });

    [TestMethod]
    public void ArgMaxOfEnlargedRows() => EveryLength((kernels, random, n) =>
    {
        List<float> all = [];
        foreach (int factor in new[] { 2, 4 })
        {
            int channels = 1 + n % 7, padded = BilinearRow.Padded(n), below = channels * padded;
            float[] values = Values(random, 2 * below), scratch = new float[BilinearRow.BlendedLength(channels, n)], enlarged = new float[channels * factor * n];
            int[] offsets = [.. Enumerable.Range(0, channels).Select(c => c * padded)], indices = new int[factor * n];
            byte[] labels = new byte[factor * n];
            if (channels > 2)
            {
                // Of equal ones the first.
                offsets[^1] = offsets[1];
            }

            for (int c = 0; c < channels; c++)
            {
                Plain.EnlargeBilinear(
                    values.AsSpan(offsets[c]), values.AsSpan(offsets[c] + below), 0.625f, factor, enlarged.AsSpan(c * factor * n, factor * n), new float[BilinearRow.Scratch(n)]);
            }

            kernels.ArgMaxEnlarged(values, offsets, below, 0.625f, factor, labels, scratch);
            Plain.ArgMax(enlarged, channels, factor * n, indices);
            CollectionAssert.AreEqual(Array.ConvertAll(indices, index => (byte)index), labels);
            all.AddRange(labels.Select(label => (float)label));
        }

        return [.. all];
    });

    /// <summary>Signs and means of a map that is enlarged, against the kernels that do so one after the other.</summary>
    [TestMethod]
    public void MeansAndSignsOfEnlargedRows() => EveryLength((kernels, random, n) =>
    {
        const int Height = 3, GroupPitch = 9;
        int groups = 1 + n % 3, channels = 1 + n % 6, pitch = n + 1, size = Height * pitch + 16, width = 2 * n;
        float[] values = Values(random, groups * GroupPitch * size), thresholds = Values(random, groups * GroupPitch);
        int[] offsets = [.. Enumerable.Range(0, thresholds.Length).Select(c => c * size)];
        float[] means = new float[channels * 2 * Height * width], scratch = new float[AveragedRows.Scratch(groups, channels, n)];
        byte[] signs = new byte[groups * 2 * Height * width];
        fixed (float* m = means)
        fixed (byte* s = signs)
        {
            AveragedRows rows = new()
            {
                Groups = groups,
                Channels = channels,
                Height = Height,
                Width = n,
                Pitch = pitch,
                TargetPitch = width,
                Means = m,
                MeanPitch = 2 * Height * width,
                Signs = s,
                SignPitch = 2 * Height * width,
            };
            kernels.AverageEnlarged(rows, values, offsets, thresholds, GroupPitch, row: 0, last: Height, scratch);
        }

        float[] enlarged = new float[channels * width], rowScratch = new float[BilinearRow.Scratch(n)];
        byte[] packed = new byte[width];
        for (int row = 0; row < 2 * Height; row++)
        {
            float[] sum = new float[channels * width];
            for (int g = 0; g < groups; g++)
            {
                (int top, int bottom, float down) = BilinearRow.Source(row, 2, Height);
                for (int c = 0; c < channels; c++)
                {
                    ReadOnlySpan<float> plane = values.AsSpan(offsets[g * GroupPitch + c], size);
                    Plain.EnlargeBilinear(plane[(top * pitch)..], plane[(bottom * pitch)..], down, 2, enlarged.AsSpan(c * width, width), rowScratch);
                }

                Plain.PackSigns(enlarged, width, thresholds.AsSpan(g * GroupPitch, channels), packed);
                CollectionAssert.AreEqual(packed, signs[((g * 2 * Height + row) * width)..][..width]);
                Plain.Add(sum, enlarged);
            }

            Plain.Scale(sum, 1f / groups);
            for (int c = 0; c < channels; c++)
            {
                CollectionAssert.AreEqual(sum[(c * width)..][..width], means[((c * 2 * Height + row) * width)..][..width]);
            }
        }

        return [.. means, .. signs];
    });

    [TestMethod]
    public void SoftmaxAndArgMax() => EveryLength((kernels, random, n) =>
    {
        const int Classes = 5;
        float[] rows = Values(random, Classes * n), sums = new float[n];
        Array.Copy(rows, 0, rows, 3 * n, n);
        int[] indices = [.. Enumerable.Repeat(-1, n)];
        kernels.ArgMax(rows, Classes, n, indices);
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
    public void PhasesOfAnImage() => EveryLength((kernels, random, n) =>
    {
        byte[] image = new byte[6 * n + n % 3 * 100];
        random.NextBytes(image);
        float[] scales = Values(random, 3), offsets = Values(random, 3), planes = new float[12 * n];
        kernels.ReadPhases(image, scales, offsets, planes, n, n);
        for (int i = 0; i < planes.Length; i++)
        {
            int c = i / n / 4, phase = i / n % 4;
            Assert.AreEqual(phase < 2 ? image[6 * (i % n) + 3 * phase + c] * scales[c] + offsets[c] : 0, planes[i]);
        }

        return planes;
    });

    /// <summary>Rows of any length, with and without an activation, against the sums in their order.</summary>
    [TestMethod]
    public void ConvolutionsOfRows() => EveryLength((kernels, random, n) =>
    {
        const int Steps = 5;
        float[] values = Values(random, n + 164), weights = Values(random, 4 * Steps), bias = Values(random, 4), activation = Values(random, FloatConvolution.ActivationLength);
        int[] offsets = [.. Enumerable.Range(0, Steps).Select(_ => random.Next(100))];
        float[] plain = new float[4 * (n + 3)], active = new float[4 * (n + 3)];
        kernels.Convolve(values, offsets, weights, bias, [], plain, n + 3, n, exact: true);
        kernels.Convolve(values, offsets, weights, bias, activation, active, n + 3, n, exact: true);
        for (int i = 0; i < plain.Length; i++)
        {
            int o = i / (n + 3), x = i % (n + 3);
            float sum = x < n ? bias[o] : 0;
            for (int s = 0; s < Steps && x < n; s++)
            {
                sum = weights[4 * s + o] * values[offsets[s] + x] + sum;
            }

            float t = sum + activation[o];
            Assert.AreEqual(sum, plain[i]);
            Assert.AreEqual(x < n ? (t > 0 ? t : t * activation[4 + o]) + activation[8 + o] : 0, active[i]);
        }

        return [.. plain, .. active];
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
