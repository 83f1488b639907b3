using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Graph;

namespace Microsoft.ML.Binary.Tests.Networks;

[TestClass]
public sealed class DenseNetworkBuilderTests
{
    [TestMethod]
    [DataRow(NetworkPreset.Tiny)]
    [DataRow(NetworkPreset.Small)]
    [DataRow(NetworkPreset.Base)]
    public void EveryPresetPutsOutLogitsOfTheImagesSize(NetworkPreset preset)
    {
        foreach (Precision precision in Enum.GetValues<Precision>())
        {
            DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, outputs: 5, precision));
            Assert.AreEqual(new FeatureType(5, 1), graph.Types[graph.Logits]);
            Assert.AreEqual(16, graph.Alignment);
        }
    }

    [TestMethod]
    public void TheTwinIsTheSameNetworkWithoutSigns()
    {
        DenseGraph binary = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, outputs: 5));
        DenseGraph twin = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, outputs: 5, Precision.Float));

        Assert.IsTrue(binary.IsBinary);
        Assert.IsFalse(twin.IsBinary);
        Assert.IsFalse(twin.Nodes.Any(n => n is Sign or BinaryConvolution or PackedBinaryConvolution));
        Assert.IsFalse(twin.Types.Any(t => t.IsSign));
        CollectionAssert.AreEqual(
            binary.Nodes.Where(n => n is not Sign).Select(n => n.Name).ToArray(), twin.Nodes.Select(n => n.Name).ToArray());
        CollectionAssert.AreEqual(
            binary.Nodes.Where(n => n is BinaryConvolution).Select(n => n.Parameters[0].Values.Length).ToArray(),
            twin.Nodes.Where(n => binary.Nodes.Any(b => b is BinaryConvolution && b.Name == n.Name)).Select(n => n.Parameters[0].Values.Length).ToArray());
    }

    [TestMethod]
    public void EveryBinaryConvolutionOutsideTheAttentionHasARealShortcut()
    {
        DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, outputs: 5));
        Node[] convolutions = [.. graph.Nodes.Where(n => n is BinaryConvolution && !n.Name.StartsWith("attention/", StringComparison.Ordinal))];
        Assert.IsGreaterThan(5, convolutions.Length);
        foreach (Node convolution in convolutions)
        {
            int index = graph.Nodes.IndexOf(convolution), before = -1;
            while (graph.Nodes[index] is not Add)
            {
                before = index;
                index = Enumerable.Range(index + 1, graph.Nodes.Length - index - 1).Single(i => graph.Nodes[i].Inputs.Contains(index));
                Assert.IsTrue(graph.Nodes[index] is BatchNorm or Gate or Add, convolution.Name);
            }

            int[] others = [.. graph.Nodes[index].Inputs.Where(input => input != before)];
            Assert.IsNotEmpty(others, convolution.Name);
            Assert.IsTrue(others.Any(input => graph.Types[input].Bits == 32 && !IsMadeOf(input, graph.Nodes.IndexOf(convolution))), $"{convolution.Name}: what goes around it is real");
        }

        bool IsMadeOf(int node, int made) => node == made || (node > made && graph.Nodes[node].Inputs.Any(input => IsMadeOf(input, made)));
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(17, 50)]
    [DataRow(32, 16)]
    public void AnyImageSizeRunsAfterPadding(int height, int width)
    {
        DenseGraph graph = TestNetworks.Miniature(Precision.Binary, classes: 3).Graph;
        (int paddedHeight, int paddedWidth) = graph.PaddedSize(height, width);
        FeatureMap logits = ReferenceInterpreter.Run(graph, TestNetworks.Image(paddedHeight, paddedWidth, seed: 1))[graph.Logits];
        Assert.AreEqual((3, paddedHeight, paddedWidth), (logits.Channels, logits.Height, logits.Width));
        Assert.IsTrue(logits.Values.All(float.IsFinite));
    }

    [TestMethod]
    public void BranchesCanBeLeftOut()
    {
        Assert.AreEqual((2, 2, 2, 6), Count(UpsampleBranches.All));
        Assert.AreEqual((0, 2, 0, 2), Count(UpsampleBranches.Bilinear));
        Assert.AreEqual((2, 2, 0, 2), Count(UpsampleBranches.Nearest), "the shortcut is bilinear always");

        static (int Nearest, int Bilinear, int SubPixel, int Gates) Count(UpsampleBranches branches)
        {
            DenseGraph graph = DenseNetworkBuilder.Build(new NetworkConfiguration { Outputs = 3, Width = 16, Branches = branches });
            return (
                graph.Nodes.Count(n => n is Upsample { Mode: UpsampleMode.Nearest }),
                graph.Nodes.Count(n => n is Upsample { Mode: UpsampleMode.Bilinear, Factor: 2 }),
                graph.Nodes.Count(n => n is PixelShuffle),
                graph.Nodes.Count(n => n is Gate));
        }
    }

    [TestMethod]
    public void PartsAreBuiltWhereTheyAreWanted()
    {
        NetworkConfiguration plain = new() { Outputs = 3, Width = 16, Stride8Depth = 2, Stride16Depth = 3 };
        Assert.AreEqual(0, Squeezes(plain));
        Assert.AreEqual(2, Squeezes(plain with { Scaling = ChannelScaling.Stride8 }));
        Assert.AreEqual(3, Squeezes(plain with { Scaling = ChannelScaling.Stride16 }));
        Assert.AreEqual(3 + 2, Squeezes(plain with { Scaling = ChannelScaling.Stride16, Stride32Depth = 2 }));
        Assert.AreEqual(2, Squeezes(plain with { Scaling = ChannelScaling.Upsampling }));
        Assert.AreEqual(1, Squeezes(plain with { Scaling = ChannelScaling.Head }));

        DenseGraph dynamic = DenseNetworkBuilder.Build(plain with { Gates = UpsampleGates.Dynamic });
        Assert.AreEqual((2, 6), (dynamic.Nodes.Count(n => n is GateMap), dynamic.Nodes.Count(n => n is PixelGate)));
        DenseGraph deep = DenseNetworkBuilder.Build(plain with { Stride32Depth = 2, AttentionStride = 32, AttentionReduction = 2 });
        Assert.AreEqual(32, deep.Alignment);
        Assert.AreEqual(32, deep.Types[Array.FindIndex([.. deep.Nodes], n => n is ReducedAttention)].Stride);

        DenseGraph adaptive = DenseNetworkBuilder.Build(plain with { AdaptiveThresholds = AdaptiveThresholds.All });
        Assert.AreEqual(
            adaptive.Nodes.OfType<BinaryConvolution>().Count(n => adaptive.Nodes[n.Inputs[0]] is Sign),
            adaptive.Nodes.Count(n => n is AdaptiveShift) + 1,
            "all that read the signs of a map, but the queries of attention, which share theirs with the tokens");
        foreach ((AdaptiveThresholds place, string[] prefixes) in new (AdaptiveThresholds, string[])[]
        {
            (AdaptiveThresholds.Encoder, ["stride4", "stride8", "stride16", "attention"]), (AdaptiveThresholds.Upsampling, ["up8", "up4"]), (AdaptiveThresholds.Head, ["refine"]),
        })
        {
            AdaptiveShift[] shifts = [.. DenseNetworkBuilder.Build(plain with { AdaptiveThresholds = place }).Nodes.OfType<AdaptiveShift>()];
            CollectionAssert.AreEquivalent(prefixes, shifts.Select(shift => shift.Name[..shift.Name.IndexOfAny(['.', '/'])]).Distinct().ToArray(), place.ToString());
        }

        Assert.ThrowsExactly<ArgumentException>(() => DenseNetworkBuilder.Build(plain with { AdaptiveThresholds = (AdaptiveThresholds)8 }));
        Assert.IsTrue(ReceptiveField.Of(DenseNetworkBuilder.Build(plain with { AttentionHeads = 0, AdaptiveThresholds = AdaptiveThresholds.Head })).IsGlobal);
        Assert.IsFalse(DenseNetworkBuilder.Build(plain with { AdaptiveThresholds = AdaptiveThresholds.All, Precision = Precision.Float }).Nodes.Any(n => n is AdaptiveShift));

        DenseGraph bare = DenseNetworkBuilder.Build(plain with { HasUpsampleShortcut = false, Branches = UpsampleBranches.Nearest });
        Assert.IsFalse(bare.Nodes.Any(n => n is ChannelMean or Upsample { Mode: UpsampleMode.Bilinear, Factor: 2 }));
        DenseGraph transposed = DenseNetworkBuilder.Build(plain with { Branches = UpsampleBranches.Transposed });
        Assert.AreEqual((2, 2), (transposed.Nodes.Count(n => n is PixelShuffle), transposed.Nodes.Count(n => n is Gate)));

        static int Squeezes(NetworkConfiguration configuration) => DenseNetworkBuilder.Build(configuration).Nodes.Count(n => n is SqueezeExcitation);
    }

    [TestMethod]
    public void NewPartsLeaveTheOtherInitialWeightsAsTheyAre()
    {
        NetworkConfiguration plain = new() { Outputs = 3, Width = 16 };
        Dictionary<string, float[]> scaled = DenseNetworkBuilder.Build(plain with { Scaling = ChannelScaling.All, AdaptiveThresholds = AdaptiveThresholds.All }).Parameters.ToDictionary(p => p.Name, p => p.Values);
        foreach (Parameter parameter in DenseNetworkBuilder.Build(plain).Parameters)
        {
            CollectionAssert.AreEqual(parameter.Values, scaled[parameter.Name], parameter.Name);
        }
    }

    [TestMethod]
    public void AttentionCanBeLeftOut()
    {
        DenseGraph graph = DenseNetworkBuilder.Build(new NetworkConfiguration { Outputs = 3, Width = 16, AttentionHeads = 0 });
        Assert.IsFalse(graph.Nodes.Any(n => n is ReducedAttention or TokenSample));
    }

    [TestMethod]
    public void DilationsRepeatInTurn()
    {
        DenseGraph graph = DenseNetworkBuilder.Build(new NetworkConfiguration { Outputs = 3, Width = 16, Stride16Depth = 6, Stride16Dilations = [1, 3] });
        int[] dilations = [.. graph.Nodes.OfType<BinaryConvolution>()
            .Where(n => n.Name.StartsWith("stride16.", StringComparison.Ordinal)).Select(n => n.Geometry.Dilation)];
        CollectionAssert.AreEqual(new[] { 1, 1, 3, 1, 3, 1 }, dilations);
    }

    [TestMethod]
    public void TheReductionOfAttentionMayBeChangedAfterTraining()
    {
        DenseGraph graph = TestNetworks.Miniature(Precision.Binary, classes: 3).Graph;
        FeatureMap image = TestNetworks.Image(64, 64, seed: 1);
        foreach (int factor in (int[])[1, 2, 4, 64])
        {
            DenseGraph changed = graph.WithAttentionReduction(factor);
            TokenSample sample = changed.Nodes.OfType<TokenSample>().Single();
            Assert.AreEqual(factor, sample.Factor);
            Assert.AreSame(graph.Parameters.First(), changed.Parameters.First(), "parameters are shared");
            FeatureMap tokens = ReferenceInterpreter.Run(changed, image)[changed.Nodes.IndexOf(sample)];
            Assert.AreEqual((Math.Max(1, 4 / factor), Math.Max(1, 4 / factor)), (tokens.Height, tokens.Width));
        }

        GraphException e = Assert.ThrowsExactly<GraphException>(() => graph.WithAttentionReduction(65));
        Assert.AreEqual("attention/tokens", e.Node);
    }

    [TestMethod]
    [DynamicData(nameof(BadConfigurations))]
    public void AValueOutOfRangeIsNamed(string name, NetworkConfiguration configuration)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => DenseNetworkBuilder.Build(configuration));
        Assert.AreEqual(name, e.ParamName);
        StringAssert.Contains(e.Message, "it must be");
    }

    public static IEnumerable<(string Name, NetworkConfiguration Configuration)> BadConfigurations
    {
        get
        {
            NetworkConfiguration good = new() { Outputs = 2 };
            yield return ("Outputs", good with { Outputs = 0 });
            yield return ("Outputs", good with { Outputs = 256 });
            yield return ("Width", good with { Width = 12 });
            yield return ("Width", good with { Width = 0 });
            yield return ("Width", good with { Width = 1032 });
            yield return ("Stride4Depth", good with { Stride4Depth = -1 });
            yield return ("Stride8Depth", good with { Stride8Depth = 0 });
            yield return ("Stride16Depth", good with { Stride16Depth = 65 });
            yield return ("Stride16Dilations", good with { Stride16Dilations = [] });
            yield return ("Stride16Dilations", good with { Stride16Dilations = default });
            yield return ("Branches", good with { Branches = 0 });
            yield return ("Branches", good with { Branches = (UpsampleBranches)16 });
            yield return ("Stride32Depth", good with { Stride32Depth = 65 });
            yield return ("AttentionStride", good with { AttentionStride = 32 });
            yield return ("AttentionStride", good with { AttentionStride = 8, Stride32Depth = 1 });
            yield return ("Gates", good with { Gates = (UpsampleGates)2 });
            yield return ("Scaling", good with { Scaling = (ChannelScaling)16 });
            yield return ("ScalingReduction", good with { ScalingReduction = 0 });
            yield return ("RefineDepth", good with { RefineDepth = 65 });
            yield return ("AttentionHeads", good with { AttentionHeads = 5 });
            yield return ("AttentionHeads", good with { AttentionHeads = -1 });
            yield return ("AttentionReduction", good with { AttentionReduction = 0 });
        }
    }

    [TestMethod]
    public void NoConfigurationIsRefused() => Assert.ThrowsExactly<ArgumentNullException>(() => DenseNetworkBuilder.Build(null!));

    [TestMethod]
    public void AnUnknownPresetIsRefused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => NetworkConfiguration.For((NetworkPreset)9, outputs: 2));
}
