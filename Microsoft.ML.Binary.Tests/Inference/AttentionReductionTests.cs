using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Networks;
using Scale;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>The reduction of attention as a choice when a network is run.</summary>
[TestClass]
public class AttentionReductionTests
{
    private static readonly DenseGraph Graph = Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 5, Precision.Binary));

    private static readonly DenseNetwork Network = new(Graph, DenseTask.Segmentation, [.. Enumerable.Range(0, 5).Select(i => $"class {i}")]);

    [TestMethod]
    [DataRow("1")]
    [DataRow("2")]
    [DataRow("4")]
    [DataRow("64")]
    [DataRow("auto:3")]
    [DataRow("auto")]
    public void EveryPlanGivesTheReferencesLogits(string reduction)
    {
        ViewOptions views = new() { AttentionReduction = AttentionReduction.Parse(reduction)!.Value };
        foreach ((int width, int height) in new[] { (130, 97), (64, 48), (17, 200) })
        {
            RgbImage image = RandomNetworks.Image(width, height);
            float[] expected = ReferenceViews.Logits(Network, image, views).Values, logits = new float[expected.Length];
            foreach (KernelPath path in KernelPaths.Supported)
            {
                using CompiledNetwork compiled = CompiledNetwork.Compile(Network, new() { Kernels = KernelSet.For(path), Threads = 1 + (width & 1), Views = views });
                compiled.PredictLogits(image, logits);
                CollectionAssert.AreEqual(expected, logits, $"{reduction}, {width}x{height}, {path}");
            }
        }
    }

    [TestMethod]
    public void AFixedReductionIsThatOfTheChangedGraph_AndTheNetworkStays()
    {
        byte[] before = Network.ToBytes();
        RgbImage image = RandomNetworks.Image(400, 300);
        float[] asTrained = Logits(Network, AttentionReduction.AsTrained);
        foreach (int factor in new[] { 1, 2, 3, 8, 16 })
        {
            float[] fixedTo = Logits(Network, AttentionReduction.Fixed(factor));
            CollectionAssert.AreEqual(Logits(Network.WithGraph(Graph.WithAttentionReduction(factor)), AttentionReduction.AsTrained), fixedTo);
            Assert.AreEqual(factor == 8, asTrained.AsSpan().SequenceEqual(fixedTo), $"Tiny is trained with 8; {factor}");
        }

        CollectionAssert.AreEqual(before, Network.ToBytes());

        float[] Logits(DenseNetwork network, AttentionReduction reduction)
        {
            using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Views = new() { AttentionReduction = reduction } });
            float[] logits = new float[compiled.LogitChannels * image.Width * image.Height];
            compiled.PredictLogits(image, logits);
            return logits;
        }
    }

    [TestMethod]
    [DataRow(480, 360, 8)]
    [DataRow(1408, 1408, 8)]
    [DataRow(1600, 1600, 16)]
    [DataRow(2048, 2048, 16)]
    [DataRow(8192, 8192, 64)]
    [DataRow(60000, 60000, 64)]
    public void BySizeTakesTheSmallestPowerOfTwoThatLeavesFewEnoughKeys(int width, int height, int expected)
    {
        DenseGraph graph = AttentionReduction.BySize().In(Graph, height, width);
        TokenSample sample = graph.Nodes.OfType<TokenSample>().Single();
        Assert.AreEqual(expected, sample.Factor);
        int Keys(int factor) => Side(height, factor) * Side(width, factor);
        Assert.IsTrue(Keys(expected) <= 128 || expected == 64);
        Assert.IsTrue(expected == 8 || Keys(expected / 2) > 128);

        static int Side(int pixels, int factor) => Math.Max(1, (2 * ((pixels + 15) / 16) + factor) / (2 * factor));
    }

    [TestMethod]
    public void WithoutAttentionNothingCanBeFixed()
    {
        DenseGraph plain = Freezing.Freeze(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, 3) with { AttentionHeads = 0 }));
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => CompiledNetwork.Compile(plain, new() { Views = new() { AttentionReduction = AttentionReduction.Fixed(4) } }));
        StringAssert.Contains(e.Message, "The reduction of attention is 4, and the network has no attention");
        using CompiledNetwork bySize = CompiledNetwork.Compile(plain, new() { Views = new() { AttentionReduction = AttentionReduction.BySize() } });
        Assert.AreSame(plain, AttentionReduction.AsTrained.In(plain, 1, 1));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    [DataRow(65)]
    public void AReductionOutOfRangeIsRefused(int factor) =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => AttentionReduction.Fixed(factor)).Message, $"is {factor}; it must be from 1 to 64");

    [TestMethod]
    public void TextsAreReadAsTheyAreWritten()
    {
        foreach (AttentionReduction reduction in new[] { AttentionReduction.AsTrained, AttentionReduction.Fixed(1), AttentionReduction.Fixed(64), AttentionReduction.BySize(), AttentionReduction.BySize(7) })
        {
            Assert.AreEqual(reduction, AttentionReduction.Parse(reduction.ToString()));
        }

        foreach (string wrong in new[] { "", "0", "65", "-1", "2.5", "+2", "auto:", "auto:0", "Auto", "own", " 2" })
        {
            Assert.IsNull(AttentionReduction.Parse(wrong), wrong);
        }
    }

    [TestMethod]
    public void TokensAreSampledAsByNearestExact()
    {
        JsonElement[] cases = [.. Vectors().GetProperty("nearest_exact").EnumerateArray()];
        Assert.AreEqual(9, cases.Length);
        foreach (JsonElement one in cases)
        {
            (int full, int reduced) = (one.GetProperty("full").GetInt32(), one.GetProperty("reduced").GetInt32());
            int[] expected = [.. one.GetProperty("source").EnumerateArray().Select(value => value.GetInt32())];
            CollectionAssert.AreEqual(expected, Enumerable.Range(0, reduced).Select(i => TokenSample.SourceIndex(i, reduced, full)).ToArray(), $"{full} to {reduced}");
        }
    }

    [TestMethod]
    public void AttentionWithReducedKeysIsThatOfThePublishedMethod()
    {
        JsonElement vectors = Vectors().GetProperty("todo_attention");
        (int height, int width, int channels) = (vectors.GetProperty("height").GetInt32(), vectors.GetProperty("width").GetInt32(), vectors.GetProperty("channels").GetInt32());
        FeatureMap queries = Map("q"), keys = Map("k"), values = Map("v");
        ReducedAttention node = new("attend", [0, 1, 2], Values(1 / MathF.Sqrt(channels)), Values(0));
        JsonElement[] cases = [.. vectors.GetProperty("cases").EnumerateArray()];
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, cases.Select(one => one.GetProperty("f").GetInt32()).ToArray());
        foreach (JsonElement one in cases)
        {
            // The published code rounds the reduced side down.
            int factor = one.GetProperty("f").GetInt32(), rows = height / factor, columns = width / factor;
            Assert.AreEqual(one.GetProperty("tokens").GetInt32(), rows * columns);
            FeatureMap result = ReferenceInterpreter.Evaluate(node, [queries, Sampled(keys), Sampled(values)], new FeatureMap(channels, height, width));
            float[] expected = Floats(one.GetProperty("output"));
            for (int i = 0; i < expected.Length; i++)
            {
                int token = i / channels;
                Assert.AreEqual(expected[i], result[i % channels, token / width, token % width], 1e-5, $"f = {factor}, token {token}");
            }

            FeatureMap Sampled(FeatureMap map)
            {
                FeatureMap sampled = new(channels, rows, columns);
                for (int i = 0; i < channels * rows * columns; i++)
                {
                    (int c, int y, int x) = (i / (rows * columns), i / columns % rows, i % columns);
                    sampled[c, y, x] = map[c, TokenSample.SourceIndex(y, rows, height), TokenSample.SourceIndex(x, columns, width)];
                }

                return sampled;
            }
        }

        FeatureMap Map(string name)
        {
            float[] tokens = Floats(vectors.GetProperty(name));
            FeatureMap map = new(channels, height, width);
            for (int i = 0; i < tokens.Length; i++)
            {
                map[i % channels, i / channels / width, i / channels % width] = tokens[i];
            }

            return map;
        }

        static Parameter Values(float value) => new(Guid.NewGuid().ToString(), ParameterRole.Modulation, [1], [value]);
    }

    [TestMethod]
    public void TokenMerging_TheRivalInBenchmarks_IsThatOfThePublishedCode()
    {
        JsonElement vectors = Vectors().GetProperty("tome_merge");
        (int height, int width, int channels) = (vectors.GetProperty("height").GetInt32(), vectors.GetProperty("width").GetInt32(), vectors.GetProperty("channels").GetInt32());
        float[] tokens = Floats(vectors.GetProperty("x"));
        JsonElement[] cases = [.. vectors.GetProperty("cases").EnumerateArray()];
        CollectionAssert.AreEqual(new[] { 6, 12, 18 }, cases.Select(one => one.GetProperty("r").GetInt32()).ToArray());
        foreach (JsonElement one in cases)
        {
            TokenMerge merge = TokenMerge.Find(height, width, vectors.GetProperty("sx").GetInt32(), one.GetProperty("r").GetInt32(), Cosine);
            float[] expected = Floats(one.GetProperty("merged")), merged = merge.Mean(tokens, channels);
            Assert.AreEqual(one.GetProperty("merged_tokens").GetInt32(), merge.Count);
            Assert.AreEqual(height * width, merge.Sizes().Sum());

            // The published code sorts equal numbers, so that its destinations are in an order that means nothing.
            foreach (float[] token in expected.Chunk(channels))
            {
                Assert.AreEqual(1, merged.Chunk(channels).Count(own => own.Zip(token).All(pair => Math.Abs(pair.First - pair.Second) < 1e-5)), $"r = {one.GetProperty("r")}");
            }

            float[] unmerged = Floats(one.GetProperty("unmerged"));
            for (int i = 0; i < unmerged.Length; i++)
            {
                Assert.AreEqual(unmerged[i], merged[merge.Into[i / channels] * channels + i % channels], 1e-5, $"unmerged {i}");
            }
        }

        float Cosine(int a, int b)
        {
            ReadOnlySpan<float> first = tokens.AsSpan(a * channels, channels), second = tokens.AsSpan(b * channels, channels);
            return TensorPrimitives.CosineSimilarity(first, second);
        }
    }

    private static JsonElement Vectors() => JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("oracles", "s3", "token_vectors.json"))).RootElement;

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];
}
