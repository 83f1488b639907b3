using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class FreezingTests
{
    [TestMethod]
    public void TheFloatTwinComputesTheSameFrozen()
    {
        DenseGraph trained = Trained(Precision.Float, seed: 5), frozen = Freezing.Freeze(trained);
        float[] expected = Logits(trained), actual = Logits(frozen);
        float scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-4 * scale, $"logit {i}");
        }
    }

    [TestMethod]
    [DataRow(11)]
    [DataRow(12)]
    public void TheBinaryNetworkPredictsNearlyTheSameMaskFrozen(long seed)
    {
        // Folding rounds differently, and a value that lands on the other side of a sign moves its surroundings: only nearly all agree.
        DenseGraph trained = Trained(Precision.Binary, seed), frozen = Freezing.Freeze(trained);
        int[] expected = UnfreezingTests.Mask(trained), actual = UnfreezingTests.Mask(frozen);
        int equal = expected.Zip(actual).Count(pair => pair.First == pair.Second);
        Assert.IsGreaterThanOrEqualTo(0.99 * expected.Length, equal);
        Assert.IsGreaterThan(1, expected.Distinct().Count(), "a mask of one class would agree by chance");
    }

    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Float)]
    public void AFrozenPresetHoldsOnlyFrozenNodes(Precision precision)
    {
        DenseGraph frozen = TestNetworks.Segmentation(NetworkPreset.Tiny, precision).Freeze().Graph;
        Assert.IsTrue(frozen.IsFrozen);
        Assert.AreEqual(precision == Precision.Binary, frozen.IsBinary);
        Assert.IsFalse(frozen.Nodes.Any(n => n is BatchNorm or Gate or BinaryConvolution));
        Assert.IsFalse(frozen.Parameters.Any(p => p.Role is ParameterRole.LatentSign or ParameterRole.Statistic));
        Assert.AreSame(frozen, Freezing.Freeze(frozen));
    }

    [TestMethod]
    public void BatchNormAfterARealConvolutionGoesIntoIt()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int image = builder.NormalizedImage([0, 0, 0], [1, 1, 1]);
        int x = builder.BatchNorm(builder.Convolution(image, "conv", 2, new(Kernel: 3), bias: true), "norm");
        DenseGraph trained = TestNetworks.Randomize(builder.Build(new GraphOutput("logits", builder.Gate(x, "gate"))), seed: 2);
        trained.Parameters.Single(p => p.Name == "norm.gamma").Values[1] = -2;
        DenseGraph frozen = Freezing.Freeze(trained);

        CollectionAssert.AreEqual(new[] { "image", "normalize", "conv" }, frozen.Nodes.Select(n => n.Name).ToArray());
        Assert.AreEqual(2, frozen.Logits);
        double scale = -2 / Math.Sqrt((double)Value(trained, "norm.variance", 1) + BatchNorm.Epsilon) / (1 + Math.Exp(-Value(trained, "gate.logit", 1)));
        Assert.AreEqual((float)(Value(trained, "conv.weight", 30) * scale), Value(frozen, "conv.weight", 30), 1e-6);
        AssertSameOutput(trained, frozen);
    }

    [TestMethod]
    public void BatchNormAndGateAfterABinaryConvolutionBecomeOneAffineMap()
    {
        DenseGraph trained = BinaryWithNorm(gamma: -1.5f, gated: true), frozen = Freezing.Freeze(trained);
        CollectionAssert.AreEqual(
            new[] { "image", "normalize", "conv.sign", "conv", "gate" }, frozen.Nodes.Select(n => n.Name).ToArray());
        Affine affine = (Affine)frozen.Nodes[4];
        Assert.IsLessThan(0, affine.Scale.Values[0], "a negative gamma keeps its sign");
        AssertSameOutput(trained, frozen);
    }

    [TestMethod]
    public void PackedWeightsAreTheSignsOfTheLatentOnes()
    {
        DenseGraph trained = BinaryWithNorm(gamma: 1, gated: false), frozen = Freezing.Freeze(trained);
        Parameter latent = trained.Nodes.OfType<BinaryConvolution>().Single().Weight;
        SignTensor packed = frozen.Nodes.OfType<PackedBinaryConvolution>().Single().Weight;
        CollectionAssert.AreEqual(SignTensor.FromLatent(latent).Bits.ToArray(), packed.Bits.ToArray());
    }

    [TestMethod]
    public void AMapThatOthersReadTooIsKept()
    {
        // The convolution is read by its norm and by the sum; the norm by its gate and by the sum.
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int image = builder.NormalizedImage([1, 2, 3], [1, 2, 1]);
        int convolution = builder.Convolution(image, "conv", 4, new(Kernel: 1));
        int norm = builder.BatchNorm(convolution, "norm"), gate = builder.Gate(norm, "gate");
        DenseGraph trained = TestNetworks.Randomize(builder.Build(new GraphOutput("logits", builder.Add("sum", convolution, norm, gate))), seed: 3);
        DenseGraph frozen = Freezing.Freeze(trained);

        CollectionAssert.AreEquivalent(
            new[] { "image", "normalize", "conv", "norm", "gate", "sum" }, frozen.Nodes.Select(n => n.Name).ToArray());
        CollectionAssert.AreEqual(Value(trained, "conv.weight"), Value(frozen, "conv.weight"));
        AssertSameOutput(trained, frozen);
    }

    [TestMethod]
    public void AConvolutionThatIsAnOutputIsKept()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int convolution = builder.Convolution(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "conv", 4, new(Kernel: 1));
        int norm = builder.BatchNorm(convolution, "norm");
        DenseGraph trained = TestNetworks.Randomize(builder.Build(new("logits", norm), new("features", convolution)), seed: 4);
        DenseGraph frozen = Freezing.Freeze(trained);

        Assert.AreEqual("norm", frozen.Nodes[frozen.Output("logits")].Name);
        Assert.AreEqual("conv", frozen.Nodes[frozen.Output("features")].Name);
        CollectionAssert.AreEqual(Value(trained, "conv.weight"), Value(frozen, "conv.weight"));
        AssertSameOutput(trained, frozen);
    }

    [TestMethod]
    public void TheTrainedGraphKeepsItsOwnParameters()
    {
        DenseGraph trained = BinaryWithNorm(gamma: 1, gated: true), frozen = Freezing.Freeze(trained);
        foreach (Parameter parameter in frozen.Parameters)
        {
            Array.Fill(parameter.Values, 42);
        }

        Assert.IsFalse(trained.Parameters.Any(p => p.Values.Contains(42)));
    }

    [TestMethod]
    [DataRow("conv.weight", float.NaN, "value 0 is NaN; every value must be finite")]
    [DataRow("conv.norm.beta", float.PositiveInfinity, "every value must be finite")]
    [DataRow("conv.norm.variance", -1f, "the variance of channel 0 is -1; it cannot be negative")]
    [DataRow("gate.logit", float.NaN, "every value must be finite")]
    public void AnUnusableParameterIsNamed(string parameter, float value, string problem)
    {
        DenseGraph trained = BinaryWithNorm(gamma: 1, gated: true);
        trained.Parameters.Single(p => p.Name == parameter).Values[0] = value;
        GraphException e = Assert.ThrowsExactly<GraphException>(() => Freezing.Freeze(trained));
        Assert.AreEqual(parameter, e.Node);
        StringAssert.Contains(e.Message, problem);
    }

    /// <summary>What reads frozen graphs takes them as they are, and relies on it.</summary>
    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.NegativeInfinity)]
    public void AnUnusableParameterOfAFrozenGraphIsNamedToo(float value)
    {
        DenseNetwork frozen = TestNetworks.Miniature(Precision.Binary, 4).Freeze();
        Parameter parameter = frozen.Graph.Parameters.Last();
        parameter.Values[1] = value;
        foreach (Action read in (Action[])[() => Freezing.Freeze(frozen.Graph), () => frozen.Freeze(), () => CompiledNetwork.Compile(frozen), () => CompiledNetwork.Compile(frozen.Graph), () => OnnxExporter.ToBytes(frozen)])
        {
            GraphException e = Assert.ThrowsExactly<GraphException>(read);
            Assert.AreEqual(parameter.Name, e.Node);
            StringAssert.Contains(e.Message, "value 1 is");
        }
    }

    [TestMethod]
    public void AProductBeyondTheLargestFloatIsRefused()
    {
        DenseGraph trained = BinaryWithNorm(gamma: 3e38f, gated: false);
        Array.Clear(trained.Parameters.Single(p => p.Name == "conv.norm.variance").Values);
        GraphException e = Assert.ThrowsExactly<GraphException>(() => Freezing.Freeze(trained));
        Assert.AreEqual("conv.norm.scale", e.Node);
    }

    private static DenseGraph BinaryWithNorm(float gamma, bool gated)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int x = builder.BinaryOrFloatConvolution(builder.NormalizedImage([128, 128, 128], [64, 64, 64]), "conv", 4, new(Kernel: 3));
        DenseGraph graph = TestNetworks.Randomize(builder.Build(new GraphOutput("logits", gated ? builder.Gate(x, "gate") : x)), seed: 2);
        Array.Fill(graph.Parameters.Single(p => p.Name == "conv.norm.gamma").Values, gamma);
        return graph;
    }

    private static DenseGraph Trained(Precision precision, long seed) => TestNetworks.Randomize(TestNetworks.Miniature(precision, classes: 4).Graph, seed);

    private static float[] Value(DenseGraph graph, string parameter) => graph.Parameters.Single(p => p.Name == parameter).Values;

    private static float Value(DenseGraph graph, string parameter, int index) => Value(graph, parameter)[index];

    private static void AssertSameOutput(DenseGraph expected, DenseGraph actual)
    {
        FeatureMap image = TestNetworks.Image(8, 8, seed: 9);
        foreach (GraphOutput output in expected.Outputs)
        {
            float[] a = ReferenceInterpreter.Run(expected, image)[output.Node].Values;
            float[] b = ReferenceInterpreter.Run(actual, image)[actual.Output(output.Name)].Values;
            Assert.HasCount(a.Length, b);
            float scale = a.Max(Math.Abs);
            for (int i = 0; i < a.Length; i++)
            {
                Assert.AreEqual(a[i], b[i], 1e-5 * scale, $"{output.Name}, value {i}");
            }
        }
    }

    private static float[] Logits(DenseGraph graph) => ReferenceInterpreter.Run(graph, TestNetworks.Image(48, 64, seed: 8))[graph.Logits].Values;
}
