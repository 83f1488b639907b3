using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class WeightTransferTests
{
    [TestMethod]
    public void ABinaryNetworkTakesTheWeightsOfItsTwin()
    {
        DenseGraph twin = UnfreezingTests.Miniature(Precision.Float).Graph, binary = TestNetworks.Miniature(Precision.Binary, 4).Graph;
        TransferredWeights result = WeightTransfer.Transfer(twin, binary);

        foreach (BinaryConvolution convolution in result.Graph.Nodes.OfType<BinaryConvolution>())
        {
            float[] real = twin.Parameters.Single(p => p.Name == convolution.Weight.Name).Values, latent = convolution.Weight.Values;
            Assert.IsTrue(latent.All(w => Math.Abs(w) <= 1));
            CollectionAssert.AreEqual(real.Select(Math.Sign).ToArray(), latent.Select(Math.Sign).ToArray());
            Assert.AreEqual(GraphBuilder.LatentDeviation, Math.Sqrt(latent.Average(w => w * w)), 1e-3);
        }

        foreach (string name in result.Transferred.Where(name => !result.Graph.Nodes.OfType<BinaryConvolution>().Any(n => n.Weight.Name == name)))
        {
            CollectionAssert.AreEqual(twin.Parameters.Single(p => p.Name == name).Values, result.Graph.Parameters.Single(p => p.Name == name).Values);
        }

        // What the twin lacks: the shifts of the signs.
        Assert.IsTrue(result.Initial.All(name => name.EndsWith(".shift", StringComparison.Ordinal)), string.Join(", ", result.Initial));
        CollectionAssert.AreEquivalent(binary.Parameters.Where(p => p.Role != ParameterRole.Constant).Select(p => p.Name).ToArray(), result.Transferred.Concat(result.Initial).ToArray());
    }

    [TestMethod]
    public void ParametersOfAnotherShapeStayAsTheyAre()
    {
        DenseGraph four = UnfreezingTests.Miniature(Precision.Binary).Graph, six = TestNetworks.Miniature(Precision.Binary, 6).Graph;
        int[] before = [.. six.Parameters.SelectMany(p => p.Values).Select(BitConverter.SingleToInt32Bits)];
        TransferredWeights result = WeightTransfer.Transfer(four, six);
        CollectionAssert.AreEqual(new[] { "classifier.weight", "classifier.bias" }, result.Initial.ToArray());
        CollectionAssert.AreEqual(
            six.Parameters.Single(p => p.Name == "classifier.weight").Values, result.Graph.Parameters.Single(p => p.Name == "classifier.weight").Values);
        CollectionAssert.AreEqual(before, six.Parameters.SelectMany(p => p.Values).Select(BitConverter.SingleToInt32Bits).ToArray(), "the target stays as it is");
    }

    /// <summary>What a long training goes on with: the structure gains parts, and before the first step nothing has changed.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ANetworkWithNewPartsComputesWhatItsSourceDoes(bool wasFrozen)
    {
        NetworkConfiguration configuration = TestNetworks.MiniatureConfiguration(Precision.Binary, 4);
        DenseGraph source = UnfreezingTests.Miniature(Precision.Binary).Graph, frozen = Freezing.Freeze(source);
        DenseGraph target = DenseNetworkBuilder.Build(configuration with
        {
            Scaling = ChannelScaling.All,
            Gates = UpsampleGates.Dynamic,
            Stride32Depth = 2,
            AdaptiveThresholds = AdaptiveThresholds.All,
            Seed = 99,
        });
        TransferredWeights result = WeightTransfer.Transfer(wasFrozen ? Unfreezing.Unfreeze(frozen) : source, target);
        DenseGraph extended = Freezing.Freeze(result.Graph);
        FeatureMap image = TestNetworks.Image(64, 96, seed: 3);
        CollectionAssert.AreEqual(
            ReferenceInterpreter.Run(frozen, image)[frozen.Logits].Values, ReferenceInterpreter.Run(extended, image)[extended.Logits].Values);
        string[] parts = ["squeeze", "gates", "stride32", "context", "threshold"];
        foreach (string name in result.Initial.Where(name => !name.EndsWith(".gate.logit", StringComparison.Ordinal) || !wasFrozen))
        {
            Assert.IsTrue(parts.Any(part => name.Contains(part, StringComparison.Ordinal)), name);
        }
    }

    /// <summary>Units after those that there were, in every stage, and attention where there was none: before the first step nothing has changed.</summary>
    [TestMethod]
    public void ADeeperNetworkComputesWhatItsSourceDoes()
    {
        NetworkConfiguration configuration = TestNetworks.MiniatureConfiguration(Precision.Binary, 4) with { Stride32Depth = 1, AttentionHeads = 0 };
        DenseGraph source = DenseNetworkBuilder.Build(configuration);
        TestNetworks.Randomize(source, seed: 5);
        DenseGraph target = DenseNetworkBuilder.Build(configuration with
        {
            Stride4Depth = configuration.Stride4Depth + 2,
            Stride8Depth = configuration.Stride8Depth + 1,
            Stride16Depth = configuration.Stride16Depth + 2,
            Stride32Depth = 3,
            RefineDepth = configuration.RefineDepth + 1,
            AttentionHeads = 2,
            Scaling = ChannelScaling.All,
            AdaptiveThresholds = AdaptiveThresholds.All,
            Seed = 99,
        });
        DenseGraph grown = WeightTransfer.Transfer(source, target).Graph, before = Freezing.Freeze(source), after = Freezing.Freeze(grown);
        FeatureMap image = TestNetworks.Image(64, 96, seed: 3);
        CollectionAssert.AreEqual(ReferenceInterpreter.Run(before, image)[before.Logits].Values, ReferenceInterpreter.Run(after, image)[after.Logits].Values);
    }

    /// <summary>Thresholds that were learned beside a share of the mean are wrong without it.</summary>
    [TestMethod]
    public void ThresholdsThatFollowTheImageAreNotLeftOut()
    {
        NetworkConfiguration configuration = TestNetworks.MiniatureConfiguration(Precision.Binary, 4), adaptive = configuration with { AdaptiveThresholds = AdaptiveThresholds.Encoder };
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => WeightTransfer.Transfer(DenseNetworkBuilder.Build(adaptive), DenseNetworkBuilder.Build(configuration)));
        StringAssert.Contains(error.Message, "'stride4.0/convolution.threshold' lets thresholds follow the image, and the new network has no such node");
        DenseGraph all = WeightTransfer.Transfer(DenseNetworkBuilder.Build(adaptive), DenseNetworkBuilder.Build(configuration with { AdaptiveThresholds = AdaptiveThresholds.All })).Graph;
        foreach (AdaptiveShift shift in all.Nodes.OfType<AdaptiveShift>())
        {
            bool isOld = !shift.Name.StartsWith("up", StringComparison.Ordinal) && !shift.Name.StartsWith("refine", StringComparison.Ordinal);
            Assert.IsTrue(shift.Weight.Values.All(weight => weight == (isOld ? 1 : 0)), shift.Name);
        }
    }

    /// <summary>A stage that is new as a whole begins with a unit that halves the resolution, which cannot be the identity: its units start as in a new network.</summary>
    [TestMethod]
    public void UnitsOfANewStageStartAsInANewNetwork()
    {
        NetworkConfiguration configuration = TestNetworks.MiniatureConfiguration(Precision.Binary, 4);
        DenseGraph target = DenseNetworkBuilder.Build(configuration with { Stride32Depth = 3 });
        DenseGraph grown = WeightTransfer.Transfer(DenseNetworkBuilder.Build(configuration), target).Graph;
        foreach (Parameter parameter in grown.Parameters.Where(parameter => parameter.Name.StartsWith("stride32.", StringComparison.Ordinal)))
        {
            CollectionAssert.AreEqual(target.Parameters.Single(p => p.Name == parameter.Name).Values, parameter.Values, parameter.Name);
        }
    }

    /// <summary>
    /// A network that is wider, deeper and has more parts computes what its source does, with all kinds of branches, gates, shortcuts and places of attention. Attention adds the same
    /// to all logits of a query, which softmax takes away but for rounding; without it the bits are the same.
    /// </summary>
    [TestMethod]
    [DataRow(Precision.Binary, 2, 16, false, false)]
    [DataRow(Precision.Binary, 2, 24, true, false)]
    [DataRow(Precision.Binary, 0, 16, true, true)]
    [DataRow(Precision.Binary, 0, 40, false, true)]
    [DataRow(Precision.Float, 2, 16, false, false)]
    [DataRow(Precision.Float, 2, 24, true, true)]
    public void AWiderNetworkComputesWhatItsSourceDoes(Precision precision, int heads, int width, bool wasFrozen, bool hasAllParts)
    {
        NetworkConfiguration configuration = TestNetworks.MiniatureConfiguration(precision, 4) with { AttentionHeads = heads };
        if (hasAllParts)
        {
            configuration = configuration with
            {
                Branches = UpsampleBranches.All | UpsampleBranches.Transposed,
                Gates = UpsampleGates.Dynamic,
                Stride32Depth = 2,
                Scaling = ChannelScaling.All,
                ScalingReduction = 2,
                AdaptiveThresholds = AdaptiveThresholds.All,
            };
        }

        DenseGraph source = DenseNetworkBuilder.Build(configuration);
        TestNetworks.Randomize(source, seed: 5);
        DenseGraph before = Freezing.Freeze(source);
        DenseGraph target = DenseNetworkBuilder.Build(configuration with { Width = width, Stride8Depth = 3, RefineDepth = configuration.RefineDepth + 1, Seed = 99 });
        TransferredWeights result = WeightTransfer.Transfer(wasFrozen ? Unfreezing.Unfreeze(before) : source, target);
        DenseGraph after = Freezing.Freeze(result.Graph);
        FeatureMap image = TestNetworks.Image(64, 96, seed: 3);
        float[] expected = ReferenceInterpreter.Run(before, image)[before.Logits].Values, actual = ReferenceInterpreter.Run(after, image)[after.Logits].Values;
        double tolerance = 1e-4 * expected.Max(Math.Abs);
        if (heads == 0 && precision == Precision.Binary)
        {
            CollectionAssert.AreEqual(expected, actual);
        }

        int near = expected.Zip(actual).Count(pair => Math.Abs(pair.First - pair.Second) <= tolerance);
        Assert.IsGreaterThanOrEqualTo(0.99 * expected.Length, near);
        Assert.IsGreaterThan(10, result.Widened.Length);
    }

    /// <summary>Other classes, branches or gates than the source's do not keep the rest from being widened, and what has fewer hidden values begins anew.</summary>
    [TestMethod]
    public void WhatIsNotAMatterOfWidthBeginsAnew()
    {
        NetworkConfiguration configuration = TestNetworks.MiniatureConfiguration(Precision.Binary, 4) with { Gates = UpsampleGates.Dynamic, Scaling = ChannelScaling.Stride16, ScalingReduction = 2 };
        TransferredWeights result = WeightTransfer.Transfer(
            DenseNetworkBuilder.Build(configuration),
            DenseNetworkBuilder.Build(configuration with { Width = 16, Outputs = 8, ScalingReduction = 16, Branches = UpsampleBranches.All | UpsampleBranches.Transposed }));
        foreach (string name in (string[])["classifier.weight", "up8/gates.convolution.weight", "stride16.0/squeeze.squeeze", "stride16.0/squeeze.excite"])
        {
            CollectionAssert.Contains(result.Initial.ToArray(), name);
        }

        foreach (string name in (string[])["stem/first.weight", "stride16.1/convolution.weight", "up4/nearest.convolution.weight", "stride16.0/squeeze.excite.bias"])
        {
            CollectionAssert.Contains(result.Widened.ToArray(), name);
        }
    }

    [TestMethod]
    public void FrozenOrUnrelatedGraphsAreRefused()
    {
        DenseGraph graph = UnfreezingTests.Miniature(Precision.Binary).Graph;
        StringAssert.Contains(Refused(() => WeightTransfer.Transfer(Freezing.Freeze(graph), graph)), "Unfreezing.Unfreeze");
        StringAssert.Contains(Refused(() => WeightTransfer.Transfer(graph, Freezing.Freeze(graph))), "frozen");
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int x = builder.BatchNorm(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "stranger");
        DenseGraph stranger = builder.Build(new GraphOutput("logits", x));
        StringAssert.Contains(Refused(() => WeightTransfer.Transfer(stranger, graph)), "no parameter");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
}
