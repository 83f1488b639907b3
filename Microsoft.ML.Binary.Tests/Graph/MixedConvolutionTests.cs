using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Inference;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class MixedConvolutionTests
{
    private static readonly ImmutableArray<byte> s_precisions = [0, 1, 2, 4, 8];

    [TestMethod]
    public void ChannelsOfOneBitAreThoseOfABinaryConvolution()
    {
        DenseGraph binary = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary), frozen = Freezing.Freeze(binary);
        Dictionary<string, Parameter> latent = binary.Nodes.OfType<BinaryConvolution>().ToDictionary(n => n.Name, n => n.Weight);
        DenseGraph mixed = new(
            [.. frozen.Nodes.Select(node => node is PackedBinaryConvolution n ? new PackedMixedConvolution(n.Name, n.Inputs, n.Geometry, QuantizedTensor.Quantize(latent[n.Name], Ones(n.Weight.Outputs))) : node)],
            frozen.Outputs);
        RgbImage image = RandomNetworks.Image(70, 51);
        CollectionAssert.AreEqual(ReferenceViews.Logits(frozen, image).Values, ReferenceViews.Logits(mixed, image).Values);
        RandomNetworks.AssertMatches(mixed, image);
    }

    [TestMethod]
    public void LayersOfOneBitAloneAreFrozenAsBinaryConvolutions()
    {
        DenseGraph binary = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary);
        DenseNetwork Of(DenseGraph graph) => new DenseNetwork(graph, DenseTask.Segmentation, ["a", "b", "c"]).Freeze();
        DenseGraph mixed = Replace(binary, n => new MixedConvolution(n.Name, n.Inputs, n.Geometry, n.Weight, Ones(n.Weight.Shape[0])));
        CollectionAssert.AreEqual(Of(binary).ToBytes(), Of(mixed).ToBytes());
    }

    [TestMethod]
    public void TheyReachAsFarAsBinaryConvolutions()
    {
        DenseGraph binary = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary);
        ReceptiveField expected = ReceptiveField.Of(Freezing.Freeze(binary));
        Assert.IsGreaterThan(50, expected.Radius);
        foreach (DenseGraph other in (DenseGraph[])[binary, Mixed(seed: 5), Freezing.Freeze(Mixed(seed: 5)), WidthGraphs.ToSearch(binary, s_precisions)])
        {
            Assert.AreEqual(expected, ReceptiveField.Of(other));
        }
    }

    [TestMethod]
    public void PrunedChannelsComputeWhatTheInterpreterDoes()
    {
        RgbImage image = RandomNetworks.Image(150, 93);
        RandomStream random = new(6);
        for (int share = 1; share <= 5; share++)
        {
            DenseGraph frozen = Freezing.Freeze(Replace(
                RandomNetworks.Preset(NetworkPreset.Small, 3, Precision.Binary),
                n => new MixedConvolution(n.Name, n.Inputs, n.Geometry, n.Weight, [.. Enumerable.Range(0, n.Weight.Shape[0]).Select(_ => (byte)(random.NextInt(share) == 0 ? 1 : 0))])));
            RandomNetworks.AssertMatches(frozen, image);
        }
    }

    [TestMethod]
    public void QuantisedToFloatsIsLevelTimesStep()
    {
        RandomStream random = new(8);
        for (int length = 1; length < 100; length++)
        {
            float[] weights = [.. Enumerable.Range(0, length).Select(i => i % 9 == 3 ? 0 : random.NextSingle(-1, 1) * MathF.Pow(10, random.NextInt(4) - 2))], values = new float[length];
            foreach (byte bits in ChannelQuantizer.Widths)
            {
                sbyte[] levels = new sbyte[length];
                float step = ChannelQuantizer.Quantize(length == 7 ? new float[7] : weights, bits, levels);
                ChannelQuantizer.QuantizeToFloats(length == 7 ? new float[7] : weights, bits, values);
                CollectionAssert.AreEqual(levels.Select(level => step * level).ToArray(), values, $"{length} weights of {bits} bits");
            }
        }
    }

    [TestMethod]
    public void GatesStartAheadAtTheWidthOfEachChannel()
    {
        DenseGraph graph = Mixed(1);
        DenseGraph search = WidthGraphs.ToSearch(graph, s_precisions, GateStart.Present);
        foreach ((Node node, Node found) in graph.Nodes.Zip(search.Nodes).Where(pair => pair.Second is SearchConvolution { TiedTo: null }))
        {
            CollectionAssert.AreEqual(((LowBitConvolution)node).Widths.ToArray(), ((SearchConvolution)found).Bits.ToArray());
        }

        SearchConvolution widest = WidthGraphs.ToSearch(graph, [0, 8]).Nodes.OfType<SearchConvolution>().First();
        Assert.IsTrue(widest.Bits.All(bits => bits == 8));
    }

    [TestMethod]
    public void ChannelsThatAreToStayPrunedNeedAPrecisionOfNoBits()
    {
        DenseGraph graph = Mixed(1);
        LowBitConvolution first = graph.Nodes.OfType<LowBitConvolution>().First(node => node.Widths.Contains((byte)0));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => WidthGraphs.ToSearch(graph, [1, 2], keepsPruning: true)).Message,
            $"Channels of '{first.Name}' have no bits and are to keep that, and the precisions are 1, 2; add 0");
        Assert.AreEqual(Pruned(graph), Pruned(WidthGraphs.ToSearch(graph, [0, 1, 2], keepsPruning: true)));
        Assert.AreEqual(0, Pruned(WidthGraphs.ToSearch(graph, [1, 2])), "they may come back");
        Assert.AreEqual(0, Pruned(WidthGraphs.ToSearch(RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary), [1, 2], keepsPruning: true)), "none is pruned");

        static int Pruned(DenseGraph graph) => graph.Nodes.OfType<LowBitConvolution>().Sum(node => node.Widths.Count(bits => bits == 0));
    }

    [TestMethod]
    public void FrozenAgainAGraphIsTheSameToTheLastBit()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            IsTheSameToTheLastBit(Freezing.Freeze(Mixed(seed)));
        }
    }

    private static void IsTheSameToTheLastBit(DenseGraph frozen)
    {
        DenseGraph again = Freezing.Freeze(Unfreezing.Unfreeze(frozen));
        foreach ((Node a, Node b) in frozen.Nodes.Zip(again.Nodes))
        {
            Assert.AreEqual(a.GetType(), b.GetType());
            if (a is PackedMixedConvolution packed)
            {
                Assert.IsTrue(packed.Weight.Levels.SequenceEqual(((PackedMixedConvolution)b).Weight.Levels), a.Name);
                CollectionAssert.AreEqual(packed.Weight.Bits.ToArray(), ((PackedMixedConvolution)b).Weight.Bits.ToArray());
            }
        }
    }

    [TestMethod]
    public void LevelsThatNoWeightsGiveCannotBeUnfrozen()
    {
        DenseGraph graph = new(
            [
                new ImageInput("image"), new Sign("sign", [0], Parameter.PerChannel("shift", 3, -128)),
                new PackedMixedConvolution("few", [1], new(1), new QuantizedTensor(3, 1, [4, 4], [7, 1, 0, 1, -2, 3])),
            ],
            [new(DenseGraph.LogitsOutput, 2)]);
        GraphException e = Assert.ThrowsExactly<GraphException>(() => Unfreezing.Unfreeze(graph));
        StringAssert.Contains(e.Message, "'few': channel 1 has 4 bits, and its levels do not reach from -8 or to 7");
    }

    [TestMethod]
    public void SettlingGivesTheStepsToTheNorms()
    {
        DenseGraph search = WidthGraphs.ToSearch(RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary), s_precisions);
        RandomStream random = new(4);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            for (int i = 0; i < node.GateLogits.Values.Length; i++)
            {
                node.GateLogits.Values[i] = random.NextSingle(0, 1);
            }

            for (int i = 0; i < node.Weight.Values.Length; i++)
            {
                node.Weight.Values[i] *= 3;
            }
        }

        DenseGraph settled = WidthGraphs.Settle(search);
        Assert.IsFalse(settled.Nodes.Any(node => node is SearchConvolution));
        Assert.IsTrue(settled.Nodes.OfType<MixedConvolution>().All(node => node.Weight.Values.All(w => Math.Abs(w) <= 1)));

        // Signs may turn where a value lies within rounding of zero, so what is compared is each norm by what it reads.
        FeatureMap image = TestNetworks.Image(32, 48, seed: 2);
        FeatureMap[] before = ReferenceInterpreter.Run(search, image), after = ReferenceInterpreter.Run(settled, image);
        int first = Enumerable.Range(0, search.Nodes.Length).First(i => search.Nodes[i] is BatchNorm norm && search.Nodes[norm.Inputs[0]] is SearchConvolution);
        for (int i = 0; i < before[first].Values.Length; i++)
        {
            Assert.AreEqual(before[first].Values[i], after[first].Values[i], 1e-4 * Math.Max(1, Math.Abs(before[first].Values[i])));
        }

        Assert.AreEqual(CostModel.Measure(settled, 32, 48).OneBitParameters, CostModel.Measure(Freezing.Freeze(search), 32, 48).OneBitParameters);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ASearchStartsFromWhatTheNetworkComputes(bool mixed)
    {
        DenseGraph frozen = Freezing.Freeze(mixed ? Mixed(seed: 2) : RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary)), graph = Unfreezing.Unfreeze(frozen);
        DenseGraph search = WidthGraphs.ToSearch(graph, mixed ? s_precisions : [0, 1, 2], GateStart.Present);
        RgbImage image = RandomNetworks.Image(70, 51);
        float[] expected = ReferenceViews.Logits(frozen, image).Values, actual = ReferenceViews.Logits(Freezing.Freeze(search), image).Values;
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-4 * largest);
        }

        Assert.IsFalse(search.Parameters.Any(p => graph.Parameters.Any(other => ReferenceEquals(p.Values, other.Values))), "the graph stays as it is");
    }

    [TestMethod]
    public void StepsThatNoVarianceTakesGoToTheScale()
    {
        GraphBuilder builder = new(Precision.Binary, 1);
        int sign = builder.Sign(builder.NormalizedImage([1, 1, 1], [1, 1, 1]), "sign");
        DenseGraph graph = RandomNetworks.Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.BinaryOrFloatConvolution(sign, "small", 4, new(3)))), seed: 1);
        foreach (BinaryConvolution node in graph.Nodes.OfType<BinaryConvolution>())
        {
            Array.ConvertAll(node.Weight.Values, weight => weight < 0 ? -1e-4f : 1e-4f).CopyTo(node.Weight.Values, 0);
        }

        DenseGraph search = WidthGraphs.ToSearch(graph, [0, 1, 2], GateStart.Present);
        FeatureMap image = TestNetworks.Image(32, 48, seed: 2);
        float[] expected = ReferenceInterpreter.Run(graph, image)[graph.Logits].Values;
        foreach (DenseGraph other in (DenseGraph[])[search, WidthGraphs.Settle(search)])
        {
            float[] actual = ReferenceInterpreter.Run(other, image)[other.Logits].Values;
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])));
            }
        }
    }

    [TestMethod]
    public void NormsThatAreNewStayNew()
    {
        DenseGraph search = WidthGraphs.ToSearch(TestNetworks.Miniature(Precision.Binary, 3).Graph, [0, 1, 2]);
        Assert.IsFalse(search.Nodes.OfType<BatchNorm>().Any(norm => norm.HasStatistics));
    }

    [TestMethod]
    public void KeysFollowQueries()
    {
        DenseGraph search = WidthGraphs.ToSearch(RandomNetworks.Preset(NetworkPreset.Small, 3, Precision.Binary), s_precisions);
        SearchConvolution[] tied = [.. search.Nodes.OfType<SearchConvolution>().Where(node => node.TiedTo is not null)];
        Assert.IsNotEmpty(tied);
        foreach (SearchConvolution key in tied)
        {
            StringAssert.Contains(key.Name, "key");
            Assert.AreEqual(key.Name.Replace("key", "query", StringComparison.Ordinal), key.TiedTo);
        }
    }

    [TestMethod]
    public void WhatCannotBeSearchedIsNamed()
    {
        DenseGraph graph = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary);
        StringAssert.Contains(Assert.ThrowsExactly<GraphException>(() => WidthGraphs.ToSearch(Freezing.Freeze(graph), s_precisions)).Message, "it is frozen");
        StringAssert.Contains(
            Assert.ThrowsExactly<GraphException>(() => WidthGraphs.ToSearch(RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Float), s_precisions)).Message,
            "no convolution of signs");
        GraphBuilder builder = new(Precision.Binary, 1);
        int sign = builder.Sign(builder.NormalizedImage([1, 1, 1], [1, 1, 1]), "sign");
        int bare = builder.BinaryOrFloatConvolution(sign, "bare", 4, new(1)) - 1;
        StringAssert.Contains(
            Assert.ThrowsExactly<GraphException>(() => WidthGraphs.ToSearch(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, bare)), s_precisions)).Message,
            "'bare': the widths of its channels cannot be searched for");
        foreach (byte[] wrong in (byte[][])[[], [0], [2, 1], [1, 3], [1, 1]])
        {
            Assert.ThrowsExactly<ArgumentException>(() => WidthGraphs.ToSearch(graph, [.. wrong]));
        }
    }

    [TestMethod]
    public void OneWidthForAllIsOneThatThereIsAndForATrainableGraph()
    {
        DenseGraph graph = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary);
        Assert.IsTrue(WidthGraphs.Uniform(graph, 4).Nodes.OfType<LowBitConvolution>().All(node => node.Widths.All(bits => bits == 4)));
        foreach (byte wrong in (byte[])[3, 5, 16])
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => WidthGraphs.Uniform(graph, wrong)).Message, $"A width of {wrong} bits is not one of 0, 1, 2, 4, 8");
        }

        StringAssert.Contains(Assert.ThrowsExactly<GraphException>(() => WidthGraphs.Uniform(Freezing.Freeze(graph), 4)).Message, "it is frozen");
    }

    [TestMethod]
    public void LevelsSurvivePacking()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            RandomStream random = new(seed);
            int inputs = 1 + random.NextInt(9), kernel = random.NextInt(2) == 0 ? 1 : 3;
            byte[] bits = [.. Enumerable.Range(0, 1 + random.NextInt(12)).Select(c => ChannelQuantizer.Widths[(c + seed) % 5])];
            sbyte[] levels = new sbyte[bits.Length * inputs * kernel * kernel];
            for (int i = 0; i < levels.Length; i++)
            {
                int width = bits[i / (inputs * kernel * kernel)], lowest = ChannelQuantizer.LowestLevel(width), highest = ChannelQuantizer.HighestLevel(width);
                levels[i] = (sbyte)(width == 1 ? 1 - 2 * random.NextInt(2) : lowest + random.NextInt(highest - lowest + 1));
            }

            QuantizedTensor tensor = new(inputs, kernel, [.. bits], levels);
            byte[] packed = tensor.Pack();
            Assert.AreEqual((tensor.WeightBits + 7) / 8, packed.Length);
            Assert.IsTrue(QuantizedTensor.Unpack(inputs, kernel, tensor.Bits, packed).Levels.SequenceEqual(levels));
        }
    }

    [TestMethod]
    public void LevelsOutOfRangeAreRefused()
    {
        foreach ((byte bits, sbyte level) in ((byte, sbyte)[])[(0, 1), (1, 0), (1, 2), (2, 2), (2, -3), (4, 8), (4, -9), (3, 0)])
        {
            Assert.ThrowsExactly<ArgumentException>(() => new QuantizedTensor(1, 1, [bits], [level]), $"{bits} bits, level {level}");
        }
    }

    [TestMethod]
    public void CostsCountTheBitsOfWeights()
    {
        DenseGraph graph = Mixed(seed: 1), frozen = Freezing.Freeze(graph);
        long expected = frozen.Nodes.OfType<PackedMixedConvolution>().Sum(node => node.Weight.Bits.Sum(bits => (long)bits) * node.Weight.Products);
        Assert.AreEqual(expected, CostModel.Measure(graph, 32, 32).OneBitParameters);
        Assert.AreEqual(expected, CostModel.Measure(frozen, 32, 32).OneBitParameters);
    }

    private static ImmutableArray<byte> Ones(int channels) => [.. Enumerable.Repeat((byte)1, channels)];

    private static DenseGraph Mixed(int seed) => Replace(
        RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary, seed),
        n => new MixedConvolution(n.Name, n.Inputs, n.Geometry, n.Weight, [.. Enumerable.Range(0, n.Weight.Shape[0]).Select(c => ChannelQuantizer.Widths[(c * 3 + seed) % 5])]));

    private static DenseGraph Replace(DenseGraph graph, Func<BinaryConvolution, Node> with) =>
        new([.. graph.Nodes.Select(node => node is BinaryConvolution n ? with(n) : node)], graph.Outputs);
}
