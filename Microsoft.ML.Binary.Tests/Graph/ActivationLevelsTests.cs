using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Inference;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class ActivationLevelsTests
{
    [TestMethod]
    public void LevelsAreThoseOfTheDefinition()
    {
        RandomStream random = new(3);
        for (int i = 0; i < 2000; i++)
        {
            float clip = random.NextSingle(0.1f, 8), shift = random.NextSingle(-2, 2), x = random.NextSingle(-9, 9);
            double scaled = Math.Clamp((double)x + shift, 0, clip) * 3 / clip;
            if (Math.Abs(scaled - Math.Round(scaled)) > 1e-4 || scaled is 0 or 3)
            {
                Assert.AreEqual((float)Math.Min(Math.Floor(scaled), 3), Evaluate(shift, clip, x)[0], $"x {x:R}, shift {shift:R}, clip {clip:R}");
            }
        }
    }

    [TestMethod]
    public void AValueAtAThresholdHasItsLevel() =>
        CollectionAssert.AreEqual(
            new float[] { 0, 0, 0, 1, 1, 2, 2, 3, 3, 0 },
            Evaluate(shift: 0, clip: 3, float.NegativeInfinity, -1, MathF.BitDecrement(1), 1, MathF.BitDecrement(2), 2, MathF.BitDecrement(3), 3, float.PositiveInfinity, float.NaN));

    [TestMethod]
    public void AClipThatIsNotPositiveCountsAsTheSmallest()
    {
        foreach (float clip in (float[])[0, -3, float.NegativeInfinity])
        {
            CollectionAssert.AreEqual(new float[] { 0, 0, 3 }, Evaluate(shift: 0, clip, -1, 0, 1), $"clip {clip}");
        }
    }

    /// <summary>Against levels written down as a real-valued map and a real-valued convolution with zeros around it.</summary>
    [TestMethod]
    [DataRow(3, 1, 1)]
    [DataRow(3, 1, 3)]
    [DataRow(3, 2, 1)]
    [DataRow(1, 1, 1)]
    [DataRow(1, 2, 1)]
    public void AConvolutionReadsLevelsAndZerosAroundThem(int kernel, int stride, int dilation)
    {
        RandomStream random = new(kernel + stride + dilation);
        ConvolutionGeometry geometry = new(kernel, stride, dilation);
        FeatureMap map = new(5, 8, 6);
        for (int i = 0; i < map.Values.Length; i++)
        {
            map.Values[i] = random.NextInt(4);
        }

        ImmutableArray<byte> bits = [0, 1, 2, 4, 8];
        float[] weights = [.. Enumerable.Range(0, 5 * 5 * kernel * kernel).Select(_ => random.NextSingle(-1, 1))];
        Parameter latent = new("w", ParameterRole.LatentSign, [5, 5, kernel, kernel], weights);
        QuantizedTensor levels = QuantizedTensor.Quantize(latent, bits);
        Parameter real = new("r", ParameterRole.Weight, latent.Shape, [.. levels.Levels.ToArray().Select(level => (float)level)]);
        float[] expected = ReferenceInterpreter.Evaluate(new Convolution("n", [0], geometry, 1, real, null), [map], Output()).Values;
        foreach (Node node in (Node[])[new MixedConvolution("n", [0], geometry, latent, bits) { ActivationBits = 2 }, new PackedMixedConvolution("n", [0], geometry, levels) { ActivationBits = 2 }])
        {
            CollectionAssert.AreEqual(expected, ReferenceInterpreter.Evaluate(node, [map], Output()).Values, node.GetType().Name);
        }

        FeatureMap Output() => new(5, (8 + stride - 1) / stride, (6 + stride - 1) / stride);
    }

    [TestMethod]
    public void AFrozenNetworkComputesWhatTheTrainableOneDoes()
    {
        DenseGraph trainable = RandomNetworks.Shake(Network(), 4), frozen = Freezing.Freeze(trainable), again = Freezing.Freeze(Unfreezing.Unfreeze(frozen));
        FeatureMap image = TestNetworks.Image(32, 48, seed: 2);
        FeatureMap[] before = ReferenceInterpreter.Run(trainable, image), after = ReferenceInterpreter.Run(frozen, image);
        int compared = 0;
        for (int i = 0; i < trainable.Nodes.Length; i++)
        {
            // Each on what the trainable network hands to it: batch norms round otherwise once they are affine maps.
            if (trainable.Nodes[i] is ActivationLevels or BinaryConvolution)
            {
                Node node = frozen.Nodes.Single(node => node.Name == trainable.Nodes[i].Name);
                FeatureMap own = ReferenceInterpreter.Evaluate(node, [before[trainable.Nodes[i].Inputs[0]]], new(before[i].Channels, before[i].Height, before[i].Width));
                CollectionAssert.AreEqual(before[i].Values, own.Values, node.Name);
                compared++;
            }
        }

        Assert.IsGreaterThan(8, compared);
        CollectionAssert.AreEqual(after[frozen.Logits].Values, ReferenceInterpreter.Run(again, image)[again.Logits].Values, "frozen again");
    }

    [TestMethod]
    [TestCategory("SameBits")]
    public void EveryPlanGivesTheInterpretersLogits()
    {
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Shake(Network(), 4));
        RandomNetworks.AssertMatches(graph, RandomNetworks.Image(75, 53), new() { Threads = 1 }, new() { Threads = 3 });
    }

    /// <summary>Level 3 everywhere and weights of -128: the largest sums there are, the most products for which all is exact, and one more.</summary>
    [TestMethod]
    [DataRow(8, 8192)]
    [DataRow(4, 8192)]
    [DataRow(1, 8192)]
    public void TheLargestSumsAreExact(int bits, int channels)
    {
        sbyte lowest = (sbyte)ChannelQuantizer.LowestLevel(bits);
        DenseGraph graph = Wide(bits, channels, lowest);
        RgbImage image = new(1, 1);
        Assert.AreEqual(3f * lowest * channels, ReferenceViews.Logits(graph, image).Values[0]);
        RandomNetworks.AssertMatches(graph, image);
    }

    [TestMethod]
    public void MoreProductsThanAreExactAreRefused()
    {
        GraphException e = Assert.ThrowsExactly<GraphException>(() => CompiledNetwork.Compile(Wide(8, 8193, -128)));
        StringAssert.Contains(e.Message, "'wide': 8193 products of levels and weights of 8 bits are more than compiled inference adds up exactly (8192)");
    }

    [TestMethod]
    public void EveryCostKnowsThem()
    {
        DenseGraph one = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary), two = Network();
        GraphCost costOfOne = CostModel.Measure(one, 32, 32), costOfTwo = CostModel.Measure(two, 32, 32);
        Assert.AreEqual(costOfOne.OneBitParameters, costOfTwo.OneBitParameters, "weights stay as they are");
        long more = two.Nodes.Select((node, i) => node is LowBitConvolution { ActivationBits: 2 } ? costOfTwo.Nodes[i].Macs.Binary / 2 : 0).Sum();
        Assert.AreEqual(costOfOne.Macs.Binary + more, costOfTwo.Macs.Binary, "a product with a level is two with signs");
        Assert.IsGreaterThan(0, more);
        Assert.AreEqual((2, 1), Widths("stride8.1/convolution"));
        Assert.AreEqual((1, 1), Widths("attention/query"));

        (int Inputs, int Weights) Widths(string layer)
        {
            BitWidths bits = NetworkWorkloads.Of(two, 32, 32).Single(workload => workload.Name == layer).Bits!.Value;
            return (bits.Inputs, bits.Weights);
        }
    }

    private static DenseGraph Network() => DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3, seed: 5) with { ActivationBits = 2 });

    private static DenseGraph Wide(int bits, int channels, sbyte level) => new(
        [
            new ImageInput("image"),
            new Convolution("first", [0], new(1), 1, new("first.weight", ParameterRole.Weight, [channels, 3, 1, 1], new float[3 * channels]), null),
            new ActivationLevels("levels", [1], Parameter.PerChannel("levels.shift", channels, 9), Parameter.PerChannel("levels.clip", channels, 3)),
            new PackedMixedConvolution("wide", [2], new(1), new QuantizedTensor(channels, 1, [(byte)bits], [.. Enumerable.Repeat(level, channels)])) { ActivationBits = 2 },
        ],
        [new(DenseGraph.LogitsOutput, 3)]);

    private static float[] Evaluate(float shift, float clip, params float[] x)
    {
        ActivationLevels node = new("n", [0], Parameter.PerChannel("n.shift", 1, shift), Parameter.PerChannel("n.clip", 1, clip));
        return ReferenceInterpreter.Evaluate(node, [new FeatureMap(1, 1, x.Length, x)], new(1, 1, x.Length)).Values;
    }
}
