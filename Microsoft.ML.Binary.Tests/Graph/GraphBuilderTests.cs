using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class GraphBuilderTests
{
    [TestMethod]
    public void ScopesPrefixNamesAndEnd()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int image = builder.Scope("outer", () => builder.Scope("inner", () => builder.NormalizedImage([0, 0, 0], [1, 1, 1])));
        int pool = builder.AveragePool(image, "pool");
        DenseGraph graph = builder.Build(new GraphOutput("logits", pool));
        CollectionAssert.AreEqual(new[] { "outer/inner/image", "outer/inner/normalize", "pool" }, graph.Nodes.Select(n => n.Name).ToArray());
        CollectionAssert.AreEqual(
            new[] { "outer/inner/normalize.scale", "outer/inner/normalize.offset" }, graph.Parameters.Select(p => p.Name).ToArray());
    }

    [TestMethod]
    public void NormalizationSubtractsTheMeanAndDividesByTheDeviation()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        DenseGraph graph = builder.Build(new GraphOutput("logits", builder.NormalizedImage([100, 50, 0], [10, 20, 4])));
        FeatureMap[] maps = ReferenceInterpreter.Run(graph, new FeatureMap(3, 1, 1, [120, 40, 255]));
        Assert.AreEqual(2, maps[1].Values[0], 1e-6);
        Assert.AreEqual(-0.5, maps[1].Values[1], 1e-6);
        Assert.AreEqual(63.75, maps[1].Values[2], 1e-5);
    }

    [TestMethod]
    public void BinaryPrecisionSignsOnceAndFloatPrecisionNever()
    {
        CollectionAssert.AreEqual(
            new[] { typeof(ImageInput), typeof(Affine), typeof(Sign), typeof(BinaryConvolution), typeof(BatchNorm), typeof(BinaryConvolution), typeof(BatchNorm) },
            Kinds(Precision.Binary));
        CollectionAssert.AreEqual(
            new[] { typeof(ImageInput), typeof(Affine), typeof(Convolution), typeof(BatchNorm), typeof(Convolution), typeof(BatchNorm) },
            Kinds(Precision.Float));

        static Type[] Kinds(Precision precision)
        {
            GraphBuilder builder = new(precision, seed: 1);
            int signs = builder.SignIfBinary(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "sign");
            builder.BinaryOrFloatConvolution(signs, "a", 8, new(Kernel: 1));
            int last = builder.BinaryOrFloatConvolution(signs, "b", 8, new(Kernel: 3));
            return [.. builder.Build(new GraphOutput("logits", last)).Nodes.Select(n => n.GetType())];
        }
    }

    [TestMethod]
    public void ASumOrMeanOfOneIsLeftOut()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int image = builder.NormalizedImage([0, 0, 0], [1, 1, 1]);
        Assert.AreEqual(image, builder.Add("sum", image));
        Assert.AreEqual(image, builder.ChannelMean(image, "mean", 1));
    }

    [TestMethod]
    public void AMistakeIsNamedWhereItIsMade()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int image = builder.NormalizedImage([0, 0, 0], [1, 1, 1]);
        GraphException e = Assert.ThrowsExactly<GraphException>(() => builder.Scope("up", () => builder.PixelShuffle(image, "shuffle", 2)));
        Assert.AreEqual("up/shuffle", e.Node);
        Assert.AreEqual("next", builder.Build(new GraphOutput("logits", builder.RPReLU(image, "next"))).Nodes[^1].Name, "the scope ended with the mistake");
    }

    [TestMethod]
    public void InitialWeightsHaveTheDeviationOfHeAndFollowTheSeed()
    {
        float[] first = Weights(seed: 1), again = Weights(seed: 1), other = Weights(seed: 2);
        CollectionAssert.AreEqual(first, again);
        CollectionAssert.AreNotEqual(first, other);

        // 27 inputs an output; 64 * 27 = 1728 draws, so the deviation is known to about 1.7 %.
        double deviation = Math.Sqrt(first.Average(w => (double)w * w));
        Assert.AreEqual(Math.Sqrt(2.0 / 27), deviation, 0.1 * Math.Sqrt(2.0 / 27));

        static float[] Weights(long seed)
        {
            GraphBuilder builder = new(Precision.Float, seed);
            int x = builder.Convolution(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "conv", 64, new(Kernel: 3));
            return ((Convolution)builder.Build(new GraphOutput("logits", x)).Nodes[x]).Weight.Values;
        }
    }

    [TestMethod]
    public void RolesTellTheTrainerWhatToDo()
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int x = builder.BinaryOrFloatConvolution(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "c", 4, new(Kernel: 1));
        DenseGraph graph = builder.Build(new GraphOutput("logits", builder.Gate(x, "g")));
        Dictionary<string, ParameterRole> roles = graph.Parameters.ToDictionary(p => p.Name, p => p.Role);
        Assert.AreEqual(ParameterRole.Constant, roles["normalize.scale"]);
        Assert.AreEqual(ParameterRole.LatentSign, roles["c.weight"]);
        Assert.AreEqual(ParameterRole.Modulation, roles["c.norm.gamma"]);
        Assert.AreEqual(ParameterRole.Statistic, roles["c.norm.variance"]);
        Assert.AreEqual(ParameterRole.Modulation, roles["g.logit"]);
    }

    [TestMethod]
    public void AParameterMustHaveAsManyValuesAsItsShape()
    {
        GraphException e = Assert.ThrowsExactly<GraphException>(() => new Parameter("p", ParameterRole.Weight, [2, 3], new float[5]));
        StringAssert.Contains(e.Message, "'p': its shape [2, 3] needs 6 values, and 5 were given");
    }
}
