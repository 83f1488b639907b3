using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Graph;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Every node against results worked out by hand from its documentation.</summary>
[TestClass]
public sealed class ReferenceInterpreterTests
{
    private static readonly float[] OneToNine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    // Its square is 1 + 2^-11 + 2^-24, which rounds to 1 + 2^-11: a fused multiply-add would keep the last term.
    private const float NeedsRounding = 1 + 1f / 4096;

    [TestMethod]
    public void ConvolutionPadsWithZeros() => Check(
        [94.5f, 154.5f, 106.5f, 186.5f, 285.5f, 186.5f, 106.5f, 154.5f, 94.5f],
        Real([1, 1, 3, 3], OneToNine, new(3), bias: [0.5f]), (1, 3, 3), Map(1, 3, 3, OneToNine));

    [TestMethod]
    public void StridedConvolutionStartsOnePixelOutside() => Check(
        [111, 217, 363, 573],
        Real([1, 1, 3, 3], OneToNine, new(3, Stride: 2)), (1, 2, 2), Map(1, 4, 4, [.. Enumerable.Range(1, 16).Select(i => (float)i)]));

    [TestMethod]
    public void DilatedConvolutionSpreadsItsTaps() => Check(
        [160, 74, 91, 56, 25, 46, 91, 44, 79],
        Real([1, 1, 3, 3], [0, 2, 0, 4, 5, 6, 0, 8, 9], new(3, Dilation: 2)), (1, 3, 3), Map(1, 3, 3, OneToNine),
        expectedBy: "5x + 6 right + 8 below + 9 below right + 2 above + 4 left, two pixels away");

    [TestMethod]
    public void PointwiseConvolutionMixesChannels() => Check(
        [1 * 2 + 10 * 3 + 1, 1 * 5 + 10 * 7 + 1, 100 * 2 + 1000 * 3 - 1, 100 * 5 + 1000 * 7 - 1],
        Real([2, 2, 1, 1], [1, 10, 100, 1000], new(1), bias: [1, -1]), (2, 1, 2), Map(2, 1, 2, 2, 5, 3, 7));

    [TestMethod]
    public void DepthwiseConvolutionKeepsChannelsApart() => Check(
        [2, 3, 50, 70],
        Real([4, 1, 1, 1], [2, 3, 5, 7], new(1), groups: 2), (4, 1, 1), Map(2, 1, 1, 1, 10));

    [TestMethod]
    public void ConvolutionRoundsProductsAndSumsSeparatelyAndStartsFromTheBias()
    {
        Check([0], Real([1, 1, 1, 1], [NeedsRounding], new(1), bias: [-1 - 1f / 2048]), (1, 1, 1), Map(1, 1, 1, NeedsRounding));

        // 2^24 + 1 is 2^24 in float, twice; the products added first would give 2^24 + 2.
        Check([16777216], Real([1, 2, 1, 1], [1, 1], new(1), bias: [16777216]), (1, 1, 1), Map(2, 1, 1, 1, 1));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void BinaryConvolutionPadsWithOnes(bool packed)
    {
        Check([7], OneBit([1, 1, 3, 3], [1, 1, 1, 1, 1, 1, 1, 1, 1], new(3), packed), (1, 1, 1), Map(1, 1, 1, -1));
        Check([7], OneBit([1, 1, 3, 3], [-1, 1, 1, 1, -1, 1, 1, 1, 1], new(3), packed), (1, 1, 1), Map(1, 1, 1, -1));
        Check([-3], OneBit([1, 1, 3, 3], [-1, -1, -1, -1, 1, -1, 1, 1, 1], new(3), packed), (1, 1, 1), Map(1, 1, 1, -1));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void BinaryConvolutionStridesAndDilates(bool packed)
    {
        float[] ones = [1, 1, 1, 1, 1, 1, 1, 1, 1], negative = [.. Enumerable.Repeat(-1f, 16)];
        Check([1, -3, -3, -9], OneBit([1, 1, 3, 3], ones, new(3, Stride: 2), packed), (1, 2, 2), Map(1, 4, 4, negative));
        Check([1, 5, 1, 5, 7, 5, 1, 5, 1], OneBit([1, 1, 3, 3], ones, new(3, Dilation: 2), packed), (1, 3, 3), Map(1, 3, 3, negative[..9]));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void BinaryConvolutionUsesSignsOfItsWeightsOnly(bool packed) => Check(
        [1 - 1 + 1, -1 - 1 + 1],
        OneBit([2, 3, 1, 1], [0.1f, 2, -0.3f, -5, -0f, -1e-20f], new(1), packed), (2, 1, 1), Map(3, 1, 1, 1, -1, -1),
        expectedBy: "signs + + - and - + -, since sign(-0) = +1");

    [TestMethod]
    public void AffineScalesAndShiftsEachChannel()
    {
        Check([7, -8, 9.5f, 10], new Affine("n", [0], Values(3, -0.5f), Values(1, 10)), (2, 1, 2), Map(2, 1, 2, 2, -3, 1, 0));
        Check([0], new Affine("n", [0], Values(NeedsRounding), Values(-1 - 1f / 2048)), (1, 1, 1), Map(1, 1, 1, NeedsRounding));
    }

    [TestMethod]
    public void BatchNormUsesRunningStatistics() => Check(
        [5, -4],
        new BatchNorm("n", [0], Values(3, -2), Values(-1, 0), Values(1, 3), Values(4 - BatchNorm.Epsilon, 0.25f - BatchNorm.Epsilon)),
        (2, 1, 1), Map(2, 1, 1, 5, 4), tolerance: 1e-6);

    [TestMethod]
    public void GateMultipliesBySigmoid() => Check(
        [4, 6, 0], new Gate("n", [0], Values(0, (float)Math.Log(3), -100)), (3, 1, 1), Map(3, 1, 1, 8, 8, 8), tolerance: 1e-6);

    [TestMethod]
    public void SignOfZeroIsPlusOne() => Check(
        [1, 1, 1, -1, 1, -1, 1, -1],
        new Sign("n", [0], Values(0, -2)), (2, 1, 4), Map(2, 1, 4, 0, -0f, 1e-40f, -1e-40f, 2, 1.9999999f, 3, -2));

    [TestMethod]
    public void SignOfMinusZeroPlusMinusZeroIsPlusOne() => Check([1], new Sign("n", [0], Values(-0f)), (1, 1, 1), Map(1, 1, 1, -0f));

    [TestMethod]
    public void RPReLUBendsBehindItsShift()
    {
        RPReLU node = new("n", [0], Values(1), Values(0.5f), Values(10));
        Check([13, 10, 9.5f], node, (1, 1, 3), Map(1, 1, 3, 2, -1, -2));
    }

    [TestMethod]
    public void RPReLUAtZeroTakesTheSlopedSide()
    {
        float[] values = ReferenceInterpreter.Evaluate(
            new RPReLU("n", [0], Values(0), Values(-1), Values(-0f)), [Map(1, 1, 1, 0)], new FeatureMap(1, 1, 1)).Values;
        Assert.IsTrue(float.IsNegative(values[0]), "0 * -1 + -0 is -0; the other side would give +0");
    }

    [TestMethod]
    public void AddGoesFromFirstToLast() => Check(
        [0, 6], new Add("n", [0, 1, 2]), (1, 1, 2), Map(1, 1, 2, 1e8f, 1), Map(1, 1, 2, 1, 2), Map(1, 1, 2, -1e8f, 3));

    [TestMethod]
    public void ConcatKeepsOrderAndRepeats()
    {
        FeatureMap a = Map(1, 1, 2, 1, 2), b = Map(2, 1, 2, 3, 4, 5, 6);
        Check([3, 4, 5, 6, 1, 2, 3, 4, 5, 6], new Concat("n", [0, 1, 0]), (5, 1, 2), b, a, b);
    }

    [TestMethod]
    public void ChannelMeanAveragesEveryNthChannel()
    {
        Check([3, 30], new ChannelMean("n", [0], 2), (2, 1, 1), Map(4, 1, 1, 1, 10, 5, 50));
        Check([7 * (1f / 3)], new ChannelMean("n", [0], 3), (1, 1, 1), Map(3, 1, 1, 1, 2, 4));
        Check([0], new ChannelMean("n", [0], 3), (1, 1, 1), Map(3, 1, 1, 1e8f, 1, -1e8f), expectedBy: "adding in order");
    }

    [TestMethod]
    public void NearestRepeatsPixels()
    {
        Check([1, 1, 2, 2, 1, 1, 2, 2], new Upsample("n", [0], 2, UpsampleMode.Nearest), (1, 2, 4), Map(1, 1, 2, 1, 2));
        Check([.. Enumerable.Repeat(5f, 16)], new Upsample("n", [0], 4, UpsampleMode.Nearest), (1, 4, 4), Map(1, 1, 1, 5));
    }

    [TestMethod]
    public void BilinearBlendsBetweenPixelCentres()
    {
        float[] down = [0, 2, 6, 8], across = [0, 1, 3, 4];
        Check(
            [.. from d in down from a in across select d + a],
            new Upsample("n", [0], 2, UpsampleMode.Bilinear), (1, 4, 4), Map(1, 2, 2, 0, 4, 8, 12));
        Check(
            [.. Enumerable.Repeat<float[]>([0, 0, 1, 3, 5, 7, 8, 8], 4).SelectMany(row => row)],
            new Upsample("n", [0], 4, UpsampleMode.Bilinear), (1, 4, 8), Map(1, 1, 2, 0, 8));
    }

    [TestMethod]
    public void PixelShuffleTurnsChannelsIntoPixels() => Check(
        [1, 3, 2, 4, 5, 7, 6, 8, 9, 11, 10, 12, 13, 15, 14, 16],
        new PixelShuffle("n", [0], 2), (2, 2, 4), Map(8, 1, 2, [.. Enumerable.Range(1, 16).Select(i => (float)i)]),
        expectedBy: "channel 4 c + 2 i + j at (y, x) goes to channel c at (2 y + i, 2 x + j)");

    [TestMethod]
    public void AveragePoolTakesBlocksOfFour() =>
        Check([3.5f, 5.5f], new AveragePool("n", [0]), (1, 1, 2), Map(1, 2, 4, 1, 2, 3, 4, 5, 6, 7, 8));

    [TestMethod]
    public void TokenSampleTakesTheNearestExactToken()
    {
        FeatureMap row = Map(1, 1, 5, 10, 11, 12, 13, 14);
        Check([10, 12, 14], new TokenSample("n", [0], 2), (1, 1, 3), row);
        Check([12], new TokenSample("n", [0], 5), (1, 1, 1), row);
        Check([6, 8, 14, 16], new TokenSample("n", [0], 2), (1, 2, 2), Map(1, 4, 4, [.. Enumerable.Range(1, 16).Select(i => (float)i)]));
    }

    [TestMethod]
    [DataRow(0, 4, 30, 3)]
    [DataRow(1, 4, 30, 11)]
    [DataRow(2, 4, 30, 18)]
    [DataRow(3, 4, 30, 26)]
    [DataRow(2, 3, 23, 19)]
    [DataRow(6, 7, 7, 6)]
    public void SourceIndexIsFloorOfThePixelCentre(int index, int reduced, int full, int expected) =>
        Assert.AreEqual(expected, TokenSample.SourceIndex(index, reduced, full));

    [TestMethod]
    public void AttentionWeighsByDotProductAndDistance()
    {
        // A row of four tokens reduced to two, which are sampled from columns 1 and 3.
        FeatureMap queries = Map(1, 1, 4, 1, -1, 1, 1), keys = Map(1, 1, 2, 1, -1), values = Map(1, 1, 2, 10, 20);
        float[] expected = [.. Enumerable.Range(0, 4).Select(q =>
        {
            double first = 0.5 * queries.Values[q] - 0.25 * Math.Abs(q - 1), second = -0.5 * queries.Values[q] - 0.25 * Math.Abs(q - 3);
            return (float)((10 * Math.Exp(first) + 20 * Math.Exp(second)) / (Math.Exp(first) + Math.Exp(second)));
        })];
        Check(expected, new ReducedAttention("n", [0, 1, 2], Values(0.5f), Values(-0.25f)), (1, 1, 4), queries, keys, values, tolerance: 1e-6);
    }

    [TestMethod]
    public void AttentionDistanceAddsRowsAndColumns()
    {
        // Without reduction and with equal dot products, only the distance 0, 1, 1, 2 from the first token counts.
        FeatureMap ones = Map(1, 2, 2, 1, 1, 1, 1), values = Map(1, 2, 2, 1, 10, 100, 1000);
        double near = Math.Exp(-1), far = Math.Exp(-2), sum = 1 + 2 * near + far;
        FeatureMap output = ReferenceInterpreter.Evaluate(
            new ReducedAttention("n", [0, 1, 2], Values(3), Values(-1)), [ones, ones, values], new FeatureMap(1, 2, 2));
        Assert.AreEqual((1 + 110 * near + 1000 * far) / sum, output.Values[0], 1e-4);
        Assert.AreEqual((1000 + 110 * near + 1 * far) / sum, output.Values[3], 1e-4);
    }

    [TestMethod]
    public void AttentionHeadsHaveTheirOwnChannels()
    {
        // Head 0 prefers the first token without limit, head 1 the second; two value channels a head, one key channel.
        FeatureMap queries = Map(2, 1, 2, 1, 1, -1, -1), keys = Map(2, 1, 2, 1, -1, 1, -1), values = Map(4, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8);
        Check([1, 1, 3, 3, 6, 6, 8, 8], new ReducedAttention("n", [0, 1, 2], Values(1000, 1000), Values(0, 0)), (4, 1, 2), queries, keys, values);
    }

    [TestMethod]
    public void SqueezeExcitationScalesChannelsByWhatTheMapShows()
    {
        // Means 2 and 10; hidden 2 * 1 + 10 * 0.5 - 4 = 3 and relu(-2) = 0; logits ln 3 and -3 + 3 = 0, whose doubled sigmoids are 1.5 and 1.
        SqueezeExcitation node = new(
            "n", [0], Matrix(2, 2, 1, 0.5f, -1, 0), Values(-4, 0), Matrix(2, 2, (float)(Math.Log(3) / 3), 9, -1, 9), Values(0, 3));
        Check([1.5f, 4.5f, 20, 0], node, (2, 1, 2), Map(2, 1, 2, 1, 3, 20, 0), tolerance: 1e-6);
    }

    [TestMethod]
    public void TheMeanOfAChannelIsAddedInSixteenSumsARow()
    {
        // 2^24 + 1 is 2^24 in float: columns 0 and 16 lose a one, columns 0 and 1 would as well, columns 0 and 8 of different sums do not until they meet.
        float[] row = new float[18];
        (row[0], row[16], row[1], row[17]) = (16777216, 1, 1, 1);
        SqueezeExcitation node = new("n", [0], Matrix(1, 1, 1), Values(-16777216f / 18), Matrix(1, 1, 1), Values(0));
        float mean = (float)(16777218.0 / 18), logit = mean - 16777216f / 18;
        FeatureMap output = ReferenceInterpreter.Evaluate(node, [Map(1, 1, 18, row)], new FeatureMap(1, 1, 18));
        Assert.AreEqual(2 / (1 + Math.Exp(-Math.Max(0, logit))), output.Values[1], 1e-6);
        Assert.AreNotEqual(1f, output.Values[1], "2^24 + (1 + 1), and not 2^24 + 1 + 1");
    }

    [TestMethod]
    public void AdaptiveShiftTakesAShareOfTheMeanAway() => Check(
        [1.5f, 3.5f, -0.5f, 6, 7.5f, 4.5f], new AdaptiveShift("n", [0], Values(0.5f, -1)), (2, 1, 3), Map(2, 1, 3, 3, 5, 1, 3, 4.5f, 1.5f));

    [TestMethod]
    public void GateMapIsTwiceTheSigmoid() =>
        Check([1, 1.5f, 0], new GateMap("n", [0]), (1, 1, 3), Map(1, 1, 3, 0, (float)Math.Log(3), -100), tolerance: 1e-6);

    [TestMethod]
    public void BottleneckIsItsMean() => Check([3, 4], new Bottleneck("n", [0, 1]), (1, 1, 2), Map(1, 1, 2, 3, 4), Map(1, 1, 2, 5, 6));

    [TestMethod]
    public void PixelGateMultipliesEveryChannelByOneOfTheGates() => Check(
        [3, 8, 9, 16], new PixelGate("n", [0, 1], 1), (2, 1, 2), Map(2, 1, 2, 1, 2, 3, 4), Map(3, 1, 2, 9, 9, 3, 4, 9, 9));

    [TestMethod]
    public void RunEvaluatesEveryNodeInOrder()
    {
        DenseGraph graph = new(
            [new ImageInput("image"), new AveragePool("pool", [0]), new Upsample("up", [1], 2, UpsampleMode.Nearest), new Add("sum", [0, 2])],
            [new("logits", 3)]);
        FeatureMap[] maps = ReferenceInterpreter.Run(graph, Map(3, 2, 2, 1, 2, 3, 4, 0, 0, 0, 0, 8, 8, 8, 8));

        CollectionAssert.AreEqual(new[] { 2.5f, 0, 8 }, maps[1].Values);
        CollectionAssert.AreEqual(new[] { 3.5f, 4.5f, 5.5f, 6.5f, 0, 0, 0, 0, 16, 16, 16, 16 }, maps[3].Values);
    }

    [TestMethod]
    [DataRow(1, 2, 2)]
    [DataRow(3, 3, 2)]
    [DataRow(3, 2, 5)]
    [DataRow(3, 0, 2)]
    public void RunRefusesAnImageThatDoesNotFit(int planes, int height, int width)
    {
        DenseGraph graph = new([new ImageInput("image"), new AveragePool("pool", [0])], [new("logits", 1)]);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => ReferenceInterpreter.Run(graph, new FeatureMap(planes, height, width)));
        StringAssert.Contains(e.Message, $"{planes} planes of {width}x{height}");
    }

    [TestMethod]
    public void AnUnknownNodeIsNamed()
    {
        GraphException e = Assert.ThrowsExactly<GraphException>(
            () => ReferenceInterpreter.Evaluate(new NodeOfTheFuture("n", [0]), [Map(1, 1, 1, 0)], new FeatureMap(1, 1, 1)));
        StringAssert.Contains(e.Message, "Node 'n': the reference interpreter has no case for NodeOfTheFuture");
    }

    private static void Check(
        float[] expected, Node node, (int Channels, int Height, int Width) shape, params ReadOnlySpan<FeatureMap> inputs) =>
        Check(expected, node, shape, inputs, 0, "");

    private static void Check(
        float[] expected, Node node, (int Channels, int Height, int Width) shape, FeatureMap input, string expectedBy = "", double tolerance = 0) =>
        Check(expected, node, shape, [input], tolerance, expectedBy);

    private static void Check(
        float[] expected, Node node, (int Channels, int Height, int Width) shape, FeatureMap a, FeatureMap b, FeatureMap c, double tolerance) =>
        Check(expected, node, shape, [a, b, c], tolerance, "");

    private static void Check(
        float[] expected, Node node, (int Channels, int Height, int Width) shape, ReadOnlySpan<FeatureMap> inputs, double tolerance, string because)
    {
        FeatureMap output = ReferenceInterpreter.Evaluate(node, inputs.ToArray(), new FeatureMap(shape.Channels, shape.Height, shape.Width));
        Assert.HasCount(expected.Length, output.Values);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], output.Values[i], tolerance * Math.Max(1, Math.Abs(expected[i])), $"value {i}: {because}");
        }
    }

    private static FeatureMap Map(int channels, int height, int width, params float[] values)
    {
        Assert.HasCount(channels * height * width, values);
        return new FeatureMap(channels, height, width, values);
    }

    private static Parameter Matrix(int rows, int columns, params float[] values) =>
        new(Guid.NewGuid().ToString(), ParameterRole.Weight, [rows, columns], values);

    private static Parameter Values(params float[] values) => new(Guid.NewGuid().ToString(), ParameterRole.Modulation, [values.Length], values);

    private static Convolution Real(ImmutableArray<int> shape, float[] weight, ConvolutionGeometry geometry, int groups = 1, float[]? bias = null) =>
        new("n", [0], geometry, groups, new("n.weight", ParameterRole.Weight, shape, weight), bias is null ? null : Values(bias));

    private static Node OneBit(ImmutableArray<int> shape, float[] weight, ConvolutionGeometry geometry, bool packed)
    {
        Parameter latent = new("n.weight", ParameterRole.LatentSign, shape, weight);
        return packed
            ? new PackedBinaryConvolution("n", [0], geometry, SignTensor.FromLatent(latent))
            : new BinaryConvolution("n", [0], geometry, latent);
    }
}
