using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Graphs that no preset has: any node after any other that it fits.</summary>
[TestClass]
public class RandomGraphTests
{
    [TestMethod]
    public void AnyGraphThatValidatesMatchesTheInterpreterBitForBit()
    {
        HashSet<Type> seen = [];
        KernelPath[] paths = [.. KernelPaths.Supported];
        for (int seed = 0; seed < 170; seed++)
        {
            DenseGraph graph = Freezing.Freeze(GraphGenerator.Build(seed));
            seen.UnionWith(graph.Nodes.Select(node => node.GetType()));
            try
            {
                GraphRun.CompareAll(graph, seed, [paths[seed % paths.Length]]);
            }
            catch (InvalidOperationException e)
            {
                Assert.Fail($"seed {seed}: {e.Message}");
            }
        }

        Type[] all = [.. typeof(Node).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Node)) && !type.IsAbstract)];
        CollectionAssert.AreEquivalent(
            all.Except([typeof(BatchNorm), typeof(Gate), typeof(BinaryConvolution), typeof(MixedConvolution), typeof(SearchConvolution), typeof(Bottleneck)]).ToArray(), seen.ToArray(), "every frozen node occurs");
    }

    [TestMethod]
    public void StemsOfFewChannelsAreWhatTheyAreCalled()
    {
        int[] channels = [1, 2, 3, 4, 5];
        foreach (int first in channels)
        {
            foreach ((int outputs, int groups) in channels.Select(n => (n, 1)).Append((first, first)).Append((2 * first, first)))
            {
                GraphBuilder builder = new(Precision.Binary, seed: first);
                int node = builder.Convolution(builder.NormalizedImage([120, 110, 100], [60, 50, 55]), "first", first, new(3, 2), bias: true);
                node = builder.RPReLU(builder.Convolution(node, "second", outputs, new(3, 2), groups, bias: true), "activation");
                node = builder.Sign(builder.Convolution(node, "point", 4, new(1), bias: true), "sign");
                node = builder.PixelShuffle(builder.BinaryOrFloatConvolution(node, "binary", 32, new(3)), "shuffle", 4);
                DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, node)), first));
                RandomNetworks.AssertMatches(graph, RandomNetworks.Image(21, 13));
            }
        }
    }

    [TestMethod]
    public void AGateAfterASumAppliesToAllOfIt()
    {
        GraphBuilder builder = new(Precision.Binary, seed: 3);
        int first = builder.Convolution(builder.NormalizedImage([120, 110, 100], [60, 50, 55]), "first", 8, new(3, 2));
        int gates = builder.GateMap(builder.Convolution(first, "gates.logits", 1, new(1)), "gates");
        int sum = builder.Add("sum", builder.BinaryOrFloatConvolution(first, "binary", 8, new(3)), first);
        int last = builder.Upsample(builder.PixelGate(sum, gates, "gated", 0), "up", 2, UpsampleMode.Nearest);
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, last)), 3));
        RandomNetworks.AssertMatches(graph, RandomNetworks.Image(52, 37));
    }

    /// <summary>Signs or levels and the mean over groups of channels of an enlarged map, which is not stored where groups fill whole planes of signs.</summary>
    [TestMethod]
    [DataRow(3, 1)]
    [DataRow(4, 1)]
    [DataRow(6, 1)]
    [DataRow(12, 1)]
    [DataRow(3, 2)]
    [DataRow(4, 2)]
    [DataRow(12, 2)]
    public void SignsAndMeansOfAnEnlargedMap(int means, int activationBits)
    {
        GraphBuilder builder = new(Precision.Binary, seed: means);
        int small = builder.Convolution(builder.NormalizedImage([120, 110, 100], [60, 50, 55]), "first", 2 * means, new(3, 2), bias: true);
        int large = builder.Upsample(small, "large", 2, UpsampleMode.Bilinear);
        int sum = builder.Add("sum", builder.BinaryOrFloatConvolution(large, "binary", means, new(3), activationBits: activationBits), builder.ChannelMean(large, "mean", 2));
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, sum)), means));
        RandomNetworks.AssertMatches(graph, RandomNetworks.Image(52, 37));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    public void PixelShufflesPutEveryChannelInItsPlace(int factor)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 3);
        int node = builder.Convolution(builder.NormalizedImage([120, 110, 100], [60, 50, 55]), "first", 6, new(3, 2));
        node = factor == 4 ? builder.AveragePool(node, "pooled") : node;
        node = builder.BinaryOrFloatConvolution(node, "wide", 3 * factor * factor, new(3));
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(
            builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.PixelShuffle(node, "shuffle", factor))), 3));
        RandomNetworks.AssertMatches(graph, RandomNetworks.Image(52, 37));
    }

    [TestMethod]
    public void ConvolutionsThatReadTheSmallMapInFrontOfAnEnlargementMatchToo()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            RandomStream random = new(seed, 10);
            GraphBuilder builder = new(Precision.Binary, seed);
            int image = builder.NormalizedImage([120, 110, 100], [60, 50, 55]);
            int small = builder.Sign(builder.Convolution(image, "small", 1 + random.NextInt(22), new(3, 2)), "sign");
            int enlarged = builder.Upsample(small, "enlarged", 2, UpsampleMode.Nearest);
            int outputs = 1 + random.NextInt(22);
            int first = builder.BinaryOrFloatConvolution(enlarged, "first", outputs, new(3));
            int second = builder.BinaryOrFloatConvolution(enlarged, "second", outputs, new(3));
            int sum = builder.RPReLU(builder.Add("sum", first, second), "activation");
            bool alsoReal = random.NextInt(3) == 0;
            int logits = builder.Concat("logits", alsoReal ? [sum, enlarged] : [sum, builder.Sign(sum, "last")]);
            DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, logits)), seed));

            RgbImage picture = RandomNetworks.Image(1 + random.NextInt(150), 1 + random.NextInt(40), seed);
            RandomNetworks.AssertMatches(graph, picture, new InferenceOptions { Threads = 1 + seed % 3, LargeMapBytes = seed % 2 * (1 << 20) });
        }
    }
}
