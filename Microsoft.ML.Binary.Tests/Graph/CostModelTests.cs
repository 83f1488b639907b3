using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class CostModelTests
{
    [TestMethod]
    public void CountsATinyGraphByHand()
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int image = builder.NormalizedImage([0, 0, 0], [1, 1, 1]);
        int stem = builder.Convolution(image, "stem", 8, new(Kernel: 3, Stride: 2), bias: true);
        int binary = builder.BinaryOrFloatConvolution(stem, "binary", 16, new(Kernel: 1));
        GraphCost cost = CostModel.Measure(builder.Build(new GraphOutput("x", binary)), height: 3, width: 8);

        Assert.AreEqual((4, 8), (cost.Height, cost.Width), "padded to the stride");
        NodeCost real = cost.Nodes.Single(n => n.Name == "stem"), signs = cost.Nodes.Single(n => n.Name == "binary.sign");
        NodeCost oneBit = cost.Nodes.Single(n => n.Name == "binary");
        Assert.AreEqual((8, 2, 4), (real.Channels, real.Height, real.Width));
        Assert.AreEqual(new MacCount(2 * 4 * 8 * 3 * 9, 0), real.Macs);
        Assert.AreEqual((0L, 8L * 3 * 9 + 8), (real.OneBitParameters, real.FloatParameters));
        Assert.AreEqual(4L * (3 * 4 * 8 + 8 * 2 * 4 + 8 * 3 * 9 + 8), real.BytesMoved);
        Assert.AreEqual(4L * 8 * 8 + 8 + 4 * 8, signs.BytesMoved, "real values in, one bit a sign out, a shift a channel");
        Assert.AreEqual(new MacCount(0, 2 * 4 * 8 * 16), oneBit.Macs);
        Assert.AreEqual((8L * 16, 0L), (oneBit.OneBitParameters, oneBit.FloatParameters));
        Assert.AreEqual(8 + 8 * 16 / 8 + 4L * 16 * 8, oneBit.BytesMoved);
        Assert.AreEqual(real.Macs + oneBit.Macs, cost.Macs);
        Assert.AreEqual(128L, cost.OneBitParameters);
        Assert.AreEqual(6 + 224 + 8 + 64L, cost.FloatParameters, "normalisation, stem, shifts, batch norm");
    }

    [TestMethod]
    public void AOneBitMacIsA64thOfARealOne()
    {
        MacCount count = new(Float: 10, Binary: 640);
        Assert.AreEqual(20.0, count.Weighted);
        Assert.AreEqual(650, count.Total);
    }

    [TestMethod]
    public void SmallHasItsSize()
    {
        GraphCost cost = At480x360(NetworkPreset.Small);
        Assert.AreEqual((368, 480), (cost.Height, cost.Width));
        Assert.IsInRange(3_000_000L, 4_000_000L, cost.OneBitParameters);
        Assert.IsInRange(4_500_000_000L, 6_000_000_000L, cost.Macs.Total);
        Assert.IsInRange(4_500_000_000L, 6_000_000_000L, cost.Macs.Total * 360 / 368, "without the padding");
        Assert.IsLessThan(cost.Macs.Binary / 50, cost.Macs.Float, "nearly all of it is one-bit work");
    }

    [TestMethod]
    public void TinyIsAtMostAQuarterOfSmall()
    {
        GraphCost small = At480x360(NetworkPreset.Small), tiny = At480x360(NetworkPreset.Tiny);
        Assert.IsLessThanOrEqualTo(small.OneBitParameters / 4, tiny.OneBitParameters);
        Assert.IsLessThanOrEqualTo(small.Macs.Total / 4, tiny.Macs.Total);
    }

    [TestMethod]
    public void BaseIsTwoToFourTimesSmall()
    {
        GraphCost small = At480x360(NetworkPreset.Small), large = At480x360(NetworkPreset.Base);
        Assert.IsInRange(2 * small.OneBitParameters, 4 * small.OneBitParameters, large.OneBitParameters);
        Assert.IsInRange(2 * small.Macs.Total, 4 * small.Macs.Total, large.Macs.Total);
    }

    [TestMethod]
    [DataRow(NetworkPreset.Tiny)]
    [DataRow(NetworkPreset.Small)]
    [DataRow(NetworkPreset.Base)]
    public void ReducedAttentionTakesAHundredthOfFullAttention(NetworkPreset preset)
    {
        AttentionCost attention = At480x360(preset).Attentions.Single();

        // 480x368 at stride 16 is a grid of 30x23, which factor 8 reduces to 4x3.
        Assert.AreEqual((690, 12), (attention.Queries, attention.Keys));
        Assert.AreEqual(690 / 12.0, attention.RawReduction);
        Assert.AreEqual(2 * 690 / 12.0 / (1 + 1 / 64.0), attention.Reduction, 1e-9);
        Assert.IsGreaterThanOrEqualTo(100, attention.Reduction);
    }

    [TestMethod]
    [DataRow(AdaptiveThresholds.None)]
    [DataRow(AdaptiveThresholds.Encoder)]
    public void AttentionIsCountedApartFromItsProjections(AdaptiveThresholds thresholds)
    {
        DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, 11) with { AdaptiveThresholds = thresholds });
        AttentionCost attention = CostModel.Measure(graph, 64, 64).Attentions.Single();

        // A grid of 4x4, reduced to 1; 96 channels; queries and output projected on the grid, keys and values on the token.
        Assert.AreEqual((16, 1), (attention.Queries, attention.Keys));
        Assert.AreEqual(new MacCount(0, 16 * 96), attention.Scores);
        Assert.AreEqual(new MacCount(16 * 96, 0), attention.Mixing);
        Assert.AreEqual(new MacCount(0, (16 + 16 + 1 + 1) * 96 * 96), attention.Projections);
        Assert.AreEqual(new MacCount(16 * 16 * 96, 0), attention.FullScores);
        Assert.AreEqual(new MacCount(16 * 16 * 96, 0), attention.FullMixing);
        Assert.AreEqual(new MacCount(4 * 16 * 96 * 96, 0), attention.FullProjections);
    }

    [TestMethod]
    public void FullAttentionIsWhatFactorOneCosts()
    {
        DenseGraph twin = TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Float).Graph;
        AttentionCost reduced = CostModel.Measure(twin, 96, 64).Attentions.Single();
        AttentionCost full = CostModel.Measure(twin.WithAttentionReduction(1), 96, 64).Attentions.Single();

        Assert.AreEqual(full.Scores, reduced.FullScores);
        Assert.AreEqual(full.Mixing, reduced.FullMixing);
        Assert.AreEqual(full.Projections, reduced.FullProjections);
        Assert.AreEqual(1.0, full.Reduction);
    }

    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Float)]
    public void FreezingKeepsTheWork(Precision precision)
    {
        DenseNetwork network = TestNetworks.Segmentation(NetworkPreset.Tiny, precision);
        GraphCost trainable = CostModel.Measure(network.Graph, 64, 96), frozen = CostModel.Measure(network.Freeze().Graph, 64, 96);
        Assert.AreEqual(trainable.Macs, frozen.Macs);
        Assert.AreEqual(trainable.OneBitParameters, frozen.OneBitParameters);
        Assert.AreEqual(trainable.Attentions.Single(), frozen.Attentions.Single());
        Assert.IsLessThan(trainable.FloatParameters, frozen.FloatParameters);
        Assert.IsLessThan(trainable.BytesMoved, frozen.BytesMoved);
    }

    [TestMethod]
    public void TheTwinDoesTheSameWorkInFloat()
    {
        GraphCost binary = At480x360(NetworkPreset.Tiny), twin = At480x360(NetworkPreset.Tiny, Precision.Float);
        Assert.AreEqual(new MacCount(binary.Macs.Total, 0), twin.Macs);
        Assert.AreEqual(0L, twin.OneBitParameters);
    }

    [TestMethod]
    public void AnImageWithoutPixelsIsRefused()
    {
        DenseGraph graph = TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Binary).Graph;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => CostModel.Measure(graph, 0, 8));
    }

    private static GraphCost At480x360(NetworkPreset preset, Precision precision = Precision.Binary) =>
        CostModel.Measure(TestNetworks.Segmentation(preset, precision).Graph, height: 360, width: 480);
}
