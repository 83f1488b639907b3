using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>
/// Quantisers, gates, costs and schedules against numbers that the published library (and numpy, for one-bit weights) computed: shared data, oracles/s4.
/// </summary>
[TestClass]
public sealed class PublishedVectorsTests
{
    [TestMethod]
    public void SharesAreTheSoftmaxOfTheLogits()
    {
        JsonElement theta = OracleVectors.MixedPrecision("theta");
        foreach (JsonElement row in theta.GetProperty("cases").EnumerateArray())
        {
            WidthGates gates = new(4, 5);
            gates.Update(theta.Floats("alpha"), row.GetProperty("T").GetDouble(), GateSampling.Soft);
            OracleVectors.AssertClose(row.Floats("theta"), gates.Theta, "theta");
            float kept = 5 - gates.Theta.AsSpan(0, 5).ToArray().Sum();
            Assert.AreEqual(row.GetProperty("out_features_eff").GetDouble(), kept, 2e-6);
            gates.Update(theta.Floats("alpha"), row.GetProperty("T").GetDouble(), GateSampling.Hard);
            CollectionAssert.AreEqual(row.Floats("theta_argmax"), gates.Theta);
            CollectionAssert.AreEqual(row.Floats("features_mask"), gates.Theta.AsSpan(0, 5).ToArray().Select(t => 1 - t).ToArray());
        }
    }

    [TestMethod]
    public void GatesStartAtTheirShareOfTheHighestPrecision()
    {
        JsonElement theta = OracleVectors.MixedPrecision("theta");
        byte[] widths = theta.GetProperty("precisions").Deserialize<int[]>()!.Select(b => (byte)b).ToArray();
        WidthGates gates = new(4, 1);
        float[] logits = [.. widths.Select(width => (float)width / widths[^1])];
        OracleVectors.AssertClose(theta.Floats("init_alpha_column"), logits, "logits");
        gates.Update(logits, 1, GateSampling.Soft);
        OracleVectors.AssertClose(theta.Floats("init_theta_column"), gates.Theta, "theta");
    }

    [TestMethod]
    public void WeightsBecomeTheSameLevels()
    {
        float[] weights = OracleVectors.MixedPrecision("weights").Floats("w");
        int products = weights.Length / 5;
        foreach (JsonElement row in OracleVectors.MixedPrecision("weights").GetProperty("cases").EnumerateArray())
        {
            int bits = row.GetProperty("bits").GetInt32();
            sbyte[] levels = new sbyte[products];
            int[] expected = row.GetProperty("q").Deserialize<int[]>()!;
            for (int c = 0; c < 5; c++)
            {
                float step = ChannelQuantizer.Quantize(weights.AsSpan(c * products, products), bits, levels);
                Assert.AreEqual(row.Floats("scale")[c], step, 1e-6f * Math.Max(1, step), $"step of {bits} bits, channel {c}");
                for (int i = 0; i < products; i++)
                {
                    Assert.AreEqual(expected[c * products + i], levels[i], $"{bits} bits, channel {c}, weight {i}");
                    Assert.AreEqual(row.Floats("dequantized")[c * products + i], step * levels[i], 1e-6);
                }
            }
        }
    }

    [TestMethod]
    public void LevelsInBinary64DifferOnlyAtHalves()
    {
        float[] weights = OracleVectors.MixedPrecision("weights").Floats("w");
        foreach (JsonElement row in OracleVectors.MixedPrecision("extension_01248").GetProperty("quantised").EnumerateArray())
        {
            int bits = row.GetProperty("bits").GetInt32();
            int[] expected = row.GetProperty("q").Deserialize<int[]>()!;
            for (int c = 0; c < 5; c++)
            {
                sbyte[] levels = new sbyte[6], wide = new sbyte[6];
                float[] channel = weights[(6 * c)..(6 * c + 6)];
                float step = ChannelQuantizer.Quantize(channel, bits, levels);
                Assert.AreEqual(row.Floats("scale")[c], step, 1e-6 * Math.Max(1, step), $"step of {bits} bits, channel {c}");
                if (bits < 2)
                {
                    wide = levels;
                }
                else
                {
                    ChannelQuantizer.QuantizeEvenly<double>([.. channel.Select(w => (double)w)], bits, wide);
                }

                for (int i = 0; i < 6; i++)
                {
                    Assert.AreEqual(expected[6 * c + i], wide[i], $"{bits} bits, channel {c}, weight {i}");
                    Assert.IsTrue(levels[i] == wide[i] || IsHalf(channel, i, bits), $"{bits} bits, channel {c}, weight {i}: {levels[i]}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow("mixture", GateSampling.Soft)]
    [DataRow("mixture_hard", GateSampling.Hard)]
    public void MixturesAndTheirGradientsAreTheSame(string vectors, GateSampling sampling)
    {
        JsonElement row = OracleVectors.MixedPrecision(vectors);
        float[] upstream = OracleVectors.MixedPrecision("mixture").Floats("loss_gradient"), weights = OracleVectors.MixedPrecision("weights").Floats("w"), logits = OracleVectors.MixedPrecision("theta").Floats("alpha");
        WidthGates gates = new(4, 5);
        gates.Update(logits, row.GetProperty("T").GetDouble(), sampling);
        float[] mixture = Mixture(gates, weights, [0, 2, 4, 8]);
        OracleVectors.AssertClose(row.Floats("what"), mixture, "mixture");

        float[] scratch = new float[6];
        for (int c = 0; c < 5; c++)
        {
            gates.AddThetaGradient(weights.AsSpan(6 * c, 6), [0, 2, 4, 8], c, scratch, upstream.AsSpan(6 * c, 6));
        }

        float[] gradient = new float[20];
        gates.Backward(gradient);
        OracleVectors.AssertClose(row.Floats("grad_alpha"), gradient, "gradient of the logits");
        OracleVectors.AssertClose(row.Floats("grad_w"), upstream, "gradient of the weights, which is that of the mixture");
    }

    [TestMethod]
    public void OneBitTakesPartAsTheExtensionSays()
    {
        JsonElement vectors = OracleVectors.MixedPrecision("extension_01248");
        float[] weights = OracleVectors.MixedPrecision("weights").Floats("w");
        ReadOnlySpan<byte> widths = [0, 1, 2, 4, 8];
        foreach (JsonElement row in vectors.GetProperty("cases").EnumerateArray())
        {
            WidthGates gates = new(5, 5);
            gates.Update(vectors.Floats("alpha"), row.GetProperty("T").GetDouble(), GateSampling.Soft);
            OracleVectors.AssertClose(row.Floats("theta"), gates.Theta, "theta");
            float[] expected = row.Floats("what"), actual = Mixture(gates, weights, widths.ToArray());
            for (int i = 0; i < 30; i++)
            {
                // Halves may be rounded to the next level in binary64, in which these were computed.
                float[] channel = weights[(i / 6 * 6)..(i / 6 * 6 + 6)];
                double tolerance = 1e-6;
                foreach (int p in (int[])[2, 3, 4])
                {
                    tolerance += IsHalf(channel, i % 6, widths[p]) ? gates.Theta[5 * p + i / 6] * 2 * channel.Max(Math.Abs) / ((1 << widths[p]) - 1) : 0;
                }

                Assert.AreEqual(expected[i], actual[i], tolerance, $"mixture {i}");
            }

            OracleVectors.AssertClose(row.Floats("compensation"), [.. gates.Theta.Take(5).Select(pruned => 1 / (1 - pruned))], "compensation");

            double[] channels = [.. Enumerable.Range(0, 5).Select(p => gates.Theta.Skip(5 * p).Take(5).Sum(t => (double)t))];
            ConvolutionShape shape = new("", 6, 5, new(1), 1, 1);
            double bits = WidthCost.Size.Of(shape, widths, channels, []) - LinearCost.ChannelBits * channels.Skip(1).Sum();
            Assert.AreEqual(row.GetProperty("size_bits").GetDouble(), bits, 1e-4);

            SearchConvolution node = new(
                "n", [0], new(1), new("w", ParameterRole.Weight, [5, 6, 1, 1], weights), new("g", ParameterRole.Architecture, [5, 5], vectors.Floats("alpha")), [0, 1, 2, 4, 8]);
            CollectionAssert.AreEqual(row.GetProperty("argmax").Deserialize<int[]>(), node.Bits.Select(b => (int)b).ToArray());
        }
    }

    [TestMethod]
    public void LayersCostTheSame()
    {
        foreach (JsonElement row in OracleVectors.MixedPrecision("cost").EnumerateArray())
        {
            int Get(string name) => row.GetProperty(name).GetInt32();
            (int bits, int activation, int groups) = (Get("wbits"), Get("abits"), Get("groups"));
            ConvolutionShape shape = new("", Get("cin") / groups, Get("cout"), new(Get("k")), Get("h"), Get("w"));
            byte[] widths = [.. Enumerable.Repeat((byte)bits, shape.Outputs)];
            Close(row.GetProperty("size_bits").GetDouble(), WidthCost.Size.Of(shape, widths) - LinearCost.ChannelBits * shape.Outputs);
            Close(row.GetProperty("bitops").GetDouble(), activation * WidthCost.BitOperations.Of(shape, widths));
            Close(row.GetProperty("mpic_cycles").GetDouble(), WidthCost.Mpic(activation).Of(shape, widths));
        }
    }

    [TestMethod]
    public void Ne16WorksInGroups()
    {
        foreach (JsonElement row in OracleVectors.MixedPrecision("ne16").EnumerateArray())
        {
            int Get(string name) => row.GetProperty(name).GetInt32();
            ConvolutionShape shape = new("", Get("cin"), Get("cout"), new(Get("k")), Get("h"), Get("w"));
            double channels = row.GetProperty("channels").GetDouble(), share = row.GetProperty("theta_mean").GetDouble();
            double cycles = WidthCost.Ne16.Of(shape, [(byte)Get("wbits")], [channels], []);
            Assert.AreEqual(row.GetProperty("cost_over_theta").GetDouble(), cycles / share, 1e-6 * cycles / share, $"{row}");
        }
    }

    [TestMethod]
    public void ThePublishedSumTakesPruningOffTwice()
    {
        JsonElement vectors = OracleVectors.MixedPrecision("layer_cost");
        float[] logits = OracleVectors.MixedPrecision("theta").Floats("alpha");
        ReadOnlySpan<byte> widths = [0, 2, 4, 8];
        ConvolutionShape shape = new("", 6, 5, new(1), 1, 1);
        foreach (JsonElement row in vectors.EnumerateArray())
        {
            WidthGates gates = new(4, 5);
            bool isSoft = row.GetProperty("name").GetString() == "soft";
            gates.Update(isSoft ? logits : OneHot([0, 0, 1, 2, 3]), isSoft ? 1 : 0.01, isSoft ? GateSampling.Soft : GateSampling.Hard);
            double[] published = Published(widths, gates.Theta, products: 6);
            double[] counts = [.. Enumerable.Range(0, 4).Select(p => gates.Theta.Skip(5 * p).Take(5).Sum(t => (double)t))];
            for (int p = 0; p < 4; p++)
            {
                Close(row.GetProperty("plinio_cost_matrix")[p].GetDouble(), published[p]);
            }

            Close(row.GetProperty("plinio_cost").GetDouble(), published.Sum());
            Close(row.GetProperty("size_bits_sum_over_channels").GetDouble(), WidthCost.Size.Of(shape, widths, counts, []) - LinearCost.ChannelBits * counts.Skip(1).Sum());
        }
    }

    [TestMethod]
    public void TheToyNetworkOfTheLibraryHasItsSize()
    {
        // ToyAdd_2D: two convolutions 3 to 10 of 3x3, one 10 to 20 of 5x5, and 980 to 2 at the end; 7,500 weights in all.
        WidthGates gates = new(3, 1);
        gates.Update([0.25f, 0.5f, 1], 1, GateSampling.Soft);
        double bits = 0;
        foreach ((int products, int outputs) in ((int, int)[])[(27, 10), (27, 10), (250, 20), (980, 2)])
        {
            double[] channels = [.. gates.Theta.Select(t => (double)t * outputs)];
            bits += WidthCost.Size.Of(new("", products, outputs, new(1), 1, 1), [2, 4, 8], channels, []) - LinearCost.ChannelBits * outputs;
        }

        Assert.AreEqual(41_022, bits, 1);
    }

    [TestMethod]
    public void TableCostsCountEveryChannelOnce()
    {
        JsonElement vectors = OracleVectors.MixedPrecision("table_cost");
        JsonElement theta = OracleVectors.MixedPrecision("extension_01248").GetProperty("cases")[0].GetProperty("theta");
        double[] channels = [.. Enumerable.Range(0, 5).Select(p => Enumerable.Range(0, 5).Sum(c => theta[5 * p + c].GetDouble()))], gradient = new double[5];
        double[,] table = new double[2, 5];
        string[] widths = ["0", "1", "2", "4", "8"];
        for (int a = 0; a < 2; a++)
        {
            for (int p = 0; p < 5; p++)
            {
                table[a, p] = vectors.GetProperty("table").GetProperty($"{a + 1}").GetProperty(widths[p]).GetDouble();
            }
        }

        double[] activation = [vectors.GetProperty("theta_activation").GetProperty("1").GetDouble(), vectors.GetProperty("theta_activation").GetProperty("2").GetDouble()];
        LinearCost byTable = new("table", "ns", (shape, bits) => Enumerable.Range(0, 2).Sum(a => activation[a] * shape.Products * table[a, Array.IndexOf(widths, $"{bits}")]));
        double cost = byTable.Of(new("", (int)vectors.GetProperty("macs_per_channel").GetDouble(), 5, new(1), 1, 1), [0, 1, 2, 4, 8], channels, gradient);
        Close(vectors.GetProperty("expected").GetDouble(), cost);
        for (int p = 0; p < 5; p++)
        {
            Close(vectors.GetProperty("gradient_theta")[p][0].GetDouble(), gradient[p]);
        }
    }

    [TestMethod]
    public void LimitsAndSchedulesAreTheSame()
    {
        foreach (JsonElement row in OracleVectors.MixedPrecision("duccio").EnumerateArray())
        {
            double Get(string name) => row.GetProperty(name).GetDouble();
            Close(Get("loss"), SearchSchedule.Excess(Get("cost"), Get("target"), Get("strength"), Get("epoch") / Get("epochs")));
        }

        foreach (JsonElement row in OracleVectors.MixedPrecision("schedule").GetProperty("lambda_ramp").EnumerateArray())
        {
            Close(row.GetProperty("lam").GetDouble(), SearchSchedule.Ramp(row.GetProperty("epoch").GetDouble() / row.GetProperty("epochs").GetDouble()));
        }

        foreach (JsonElement row in OracleVectors.MixedPrecision("schedule").GetProperty("temperature").EnumerateArray())
        {
            double epoch = row.GetProperty("epoch").GetDouble();
            Assert.AreEqual(row.GetProperty("T").GetDouble(), SearchSchedule.Temperature(epoch / 200, 1, Math.Exp(-0.045 * 200)), 1e-9);
        }
    }

    private static float[] Mixture(WidthGates gates, float[] weights, byte[] widths)
    {
        float[] mixture = new float[weights.Length];
        float[] scratch = new float[6];
        for (int c = 0; c < 5; c++)
        {
            gates.Mix(weights.AsSpan(6 * c, 6), widths, c, scratch, mixture.AsSpan(6 * c, 6));
        }

        return mixture;
    }

    private static bool IsHalf(float[] channel, int index, int bits)
    {
        double largest = channel.Max(Math.Abs), steps = largest == 0 ? 0 : channel[index] * ((1 << bits) - 1) / (2 * largest);
        return Math.Abs(steps - Math.Floor(steps) - 0.5) < 1e-5;
    }

    /// <summary>The published sum, by precision: the mean share of the channels times the bits of all that are kept, so that pruning is taken off twice.</summary>
    private static double[] Published(ReadOnlySpan<byte> widths, float[] theta, int products)
    {
        int channels = theta.Length / widths.Length;
        double[] sums = [.. theta.Chunk(channels).Select(shares => shares.Sum(share => (double)share))], costs = new double[widths.Length];
        double kept = channels - (widths[0] == 0 ? sums[0] : 0);
        for (int p = 0; p < costs.Length; p++)
        {
            costs[p] = sums[p] / channels * (widths[p] * products * kept);
        }

        return costs;
    }

    private static float[] OneHot(int[] chosen)
    {
        float[] logits = new float[4 * chosen.Length];
        for (int c = 0; c < chosen.Length; c++)
        {
            logits[chosen[c] * chosen.Length + c] = 1;
        }

        return logits;
    }

    private static void Close(double expected, double actual) => Assert.AreEqual(expected, actual, 1e-6 * Math.Max(1, Math.Abs(expected)));
}
