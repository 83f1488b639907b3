using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
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
        for (int seed = 0; seed < 170; seed++)
        {
            DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(Build(seed), seed));
            seen.UnionWith(graph.Nodes.Select(node => node.GetType()));
            RandomStream random = new(seed, 9);
            int width = 1 + random.NextInt(60), height = 1 + random.NextInt(40);
            byte[] rgb = RandomNetworks.Image(width, height, seed);
            FeatureMap[] expected = ReferenceInterpreter.Run(graph, RandomNetworks.Padded(graph, rgb, width, height));
            float[] cropped = RandomNetworks.Logits(graph, rgb, width, height);
            KernelPath path = KernelPaths.Supported.ElementAt(seed % KernelPaths.Supported.Count());

            using CompiledNetwork fused = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(path), Threads = 1 + seed % 3, LargeMapBytes = seed % 2 * (1 << 20) });
            float[] logits = new float[cropped.Length];
            fused.PredictLogits(rgb, width, height, logits);
            AssertSameBits(cropped, logits, $"seed {seed}, {width}x{height}, logits");

            using CompiledNetwork plain = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(path), KeepsNodeOutputs = true });
            FeatureMap[] nodes = plain.NodeOutputs(rgb, width, height);
            for (int i = 0; i < nodes.Length; i++)
            {
                AssertSameBits(expected[i].Values, nodes[i].Values, $"seed {seed}, {width}x{height}, {graph.Nodes[i].Name}");
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
                byte[] rgb = RandomNetworks.Image(21, 13);
                float[] expected = RandomNetworks.Logits(graph, rgb, 21, 13), actual = new float[expected.Length];
                using CompiledNetwork network = CompiledNetwork.Compile(graph);
                network.PredictLogits(rgb, 21, 13, actual);
                AssertSameBits(expected, actual, $"{first} to {outputs} channels in {groups} groups");
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
        byte[] rgb = RandomNetworks.Image(52, 37);
        float[] expected = RandomNetworks.Logits(graph, rgb, 52, 37), actual = new float[expected.Length];
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        network.PredictLogits(rgb, 52, 37, actual);
        AssertSameBits(expected, actual, "gated sum");
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
        byte[] rgb = RandomNetworks.Image(52, 37);
        float[] expected = RandomNetworks.Logits(graph, rgb, 52, 37), actual = new float[expected.Length];
        foreach (KernelPath path in KernelPaths.Supported)
        {
            using CompiledNetwork network = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(path) });
            network.PredictLogits(rgb, 52, 37, actual);
            AssertSameBits(expected, actual, $"means of {means} channels, {path}");
        }
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
        byte[] rgb = RandomNetworks.Image(52, 37);
        float[] expected = RandomNetworks.Logits(graph, rgb, 52, 37), actual = new float[expected.Length];
        foreach (KernelPath path in KernelPaths.Supported)
        {
            using CompiledNetwork network = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(path) });
            network.PredictLogits(rgb, 52, 37, actual);
            AssertSameBits(expected, actual, $"factor {factor}, {path}");
        }
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

            int width = 1 + random.NextInt(150), height = 1 + random.NextInt(40);
            byte[] rgb = RandomNetworks.Image(width, height, seed);
            float[] expected = RandomNetworks.Logits(graph, rgb, width, height), actual = new float[expected.Length];
            foreach (KernelPath path in KernelPaths.Supported)
            {
                using CompiledNetwork network = CompiledNetwork.Compile(graph, new InferenceOptions { Kernels = KernelSet.For(path), Threads = 1 + seed % 3, LargeMapBytes = seed % 2 * (1 << 20) });
                network.PredictLogits(rgb, width, height, actual);
                AssertSameBits(expected, actual, $"seed {seed}, {width}x{height}, {path}");
            }
        }
    }

    private static DenseGraph Build(int seed)
    {
        RandomStream random = new(seed, 8);
        GraphBuilder builder = new(Precision.Binary, seed);
        List<int> nodes = [builder.NormalizedImage([120, 110, 100], [60, 50, 55])];
        nodes.Add(builder.Convolution(nodes[0], "stem", 1 + random.NextInt(14), new(3, 2)));
        nodes.Add(builder.BinaryOrFloatConvolution(nodes[1], "binary", 1 + random.NextInt(20), new(3)));
        for (int i = 0; i < 14; i++)
        {
            int input = nodes[random.NextInt(nodes.Count)];
            if (Append(builder, ref random, input, $"n{i}", nodes) is { } node)
            {
                nodes.Add(node);
            }
        }

        // The result depends on as much as possible: all maps, brought to stride 1 and joined.
        List<int> ends = [];
        foreach (int node in nodes.Where(n => builder.TypeOf(n).Reduction == 1))
        {
            int end = node;
            for (int k = 0; builder.TypeOf(end).Stride > 1; k++)
            {
                UpsampleMode mode = random.NextInt(2) == 0 ? UpsampleMode.Nearest : UpsampleMode.Bilinear;
                end = builder.Upsample(end, $"end{node}.{k}", builder.TypeOf(end).Stride % 4 == 0 && random.NextInt(2) == 0 ? 4 : 2, mode);
            }

            ends.Add(end);
        }

        int joined = builder.Concat("joined", [.. ends]);
        int logits = random.NextInt(3) == 0 ? joined : builder.Convolution(joined, "classifier", 3, new(1), bias: true);
        return builder.Build(new GraphOutput(DenseGraph.LogitsOutput, logits));
    }

    private static int? Append(GraphBuilder builder, ref RandomStream random, int input, string name, List<int> nodes)
    {
        FeatureType type = builder.TypeOf(input);
        int[] alike = [.. nodes.Where(n => (builder.TypeOf(n).Stride, builder.TypeOf(n).Reduction) == (type.Stride, type.Reduction))];
        int[] same = [.. alike.Where(n => builder.TypeOf(n).Channels == type.Channels)];
        int factor = type.Stride % 4 == 0 && random.NextInt(3) == 0 ? 4 : 2, kernel = random.NextInt(2) == 0 ? 1 : 3;
        int stride = type.Stride < 16 && type.Reduction == 1 && random.NextInt(3) == 0 ? 2 : 1, dilation = stride == 1 ? 1 << random.NextInt(3) : 1;
        bool small = type.Channels < 40;
        switch (random.NextInt(23))
        {
            case 0:
                return builder.Convolution(input, name, 1 + random.NextInt(9), new(kernel, stride, dilation), bias: true);
            case 1:
                return builder.Convolution(input, name, type.Channels * (small ? 2 : 1), new(kernel, stride, dilation), groups: type.Channels);
            case 2 or 3:
                return builder.BinaryOrFloatConvolution(input, name, 1 + random.NextInt(20), new(kernel, stride, dilation));
            case 4:
                return builder.BatchNorm(input, name);
            case 5:
                return builder.Gate(input, name);
            case 6:
                return builder.Sign(input, name);
            case 7:
                return builder.RPReLU(input, name);
            case 8:
                return builder.Add(name, [.. Enumerable.Repeat(input, 1), .. same.Take(1 + random.NextInt(6)), input]);
            case 9 when small:
                return builder.Concat(name, [input, alike[random.NextInt(alike.Length)]]);
            case 10 when type.Channels % 2 == 0:
                return builder.ChannelMean(input, name, 2);
            case 11 when type.Stride > 1 && type.Reduction == 1:
                return builder.Upsample(input, name, factor, random.NextInt(2) == 0 ? UpsampleMode.Nearest : UpsampleMode.Bilinear);
            case 12 when type.Stride > 1 && type.Reduction == 1 && type.Channels % (factor * factor) == 0:
                return builder.PixelShuffle(input, name, factor);
            case 13 when type.Stride < 16 && type.Reduction == 1:
                return builder.AveragePool(input, name);
            case 14 when type.Reduction == 1:
                return builder.TokenSample(input, name, 1 + random.NextInt(5));
            case 15 when type.Reduction == 1:
                int heads = 1 + random.NextInt(3), reduction = 1 + random.NextInt(4);
                int queries = builder.Convolution(input, name + ".query", heads * (1 + random.NextInt(5)), new(1));
                int keys = builder.TokenSample(queries, name + ".key", reduction);
                int values = builder.TokenSample(builder.Convolution(input, name + ".value", heads * (1 + random.NextInt(6)), new(1)), name + ".token", reduction);
                bool signs = random.NextInt(2) == 0;
                return builder.ReducedAttention(
                    signs ? builder.Sign(queries, name + ".query.sign") : queries, signs ? builder.Sign(keys, name + ".key.sign") : keys, values, name, heads);
            case 22:
                return builder.AdaptiveShift(input, name);
            case 16:
                return builder.SqueezeExcitation(input, name, 1 + random.NextInt(4));
            case 17 or 18:
                int gateSource = alike[random.NextInt(alike.Length)];
                int gates = random.NextInt(2) == 0 ? builder.GateMap(gateSource, name + ".gates") : gateSource;
                int value = random.NextInt(3) == 0 ? input : builder.BinaryOrFloatConvolution(input, name + ".gated", type.Channels, new(kernel));
                int gated = builder.PixelGate(value, gates, name, random.NextInt(builder.TypeOf(gates).Channels));
                return random.NextInt(2) == 0 ? gated : builder.Add(name + ".sum", [gated, .. same.Take(1 + random.NextInt(4))]);
            case 20:
                return builder.ActivationLevels(input, name);
            case 21:
                return builder.BinaryOrFloatConvolution(input, name, 1 + random.NextInt(20), new(kernel, stride, dilation), activationBits: 2);
            case 19:
                ImmutableArray<byte> bits = [.. Enumerable.Range(0, 1 + random.NextInt(30)).Select(c => ChannelQuantizer.Widths[(c * 7 + type.Channels) % 11 % 5])];
                return builder.MixedConvolution(input, name, bits, new(kernel, stride, dilation));
            default:
                return null;
        }
    }

    private static void AssertSameBits(float[] expected, float[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"{what}: value {i} of {expected.Length} is {actual[i]:R} and should be {expected[i]:R}");
            }
        }
    }
}
