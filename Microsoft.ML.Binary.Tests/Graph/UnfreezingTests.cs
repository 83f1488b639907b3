using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class UnfreezingTests
{
    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Float)]
    public void FrozenAgain_AGraphIsTheSameToTheLastBit(Precision precision)
    {
        DenseNetwork frozen = Miniature(precision).Freeze(), trainable = frozen.Unfreeze();
        Assert.IsFalse(trainable.Graph.IsFrozen);
        CollectionAssert.AreEqual(frozen.ToBytes(), trainable.Freeze().ToBytes());
    }

    [TestMethod]
    [DataRow(PretrainedModel.RoadScene)]
    [DataRow(PretrainedModel.Road)]
    [DataRow(PretrainedModel.Saliency)]
    public void SoAreThePretrainedNetworks(PretrainedModel model)
    {
        DenseNetwork frozen = PretrainedNetworks.Load(model);
        CollectionAssert.AreEqual(frozen.ToBytes(), frozen.Unfreeze().Freeze().ToBytes());
    }

    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Float)]
    public void TheTrainableGraphComputesTheSameMask(Precision precision)
    {
        DenseGraph frozen = Miniature(precision).Freeze().Graph, trainable = Unfreezing.Unfreeze(frozen);
        int[] expected = Mask(frozen), actual = Mask(trainable);

        // Batch norm rounds differently, and what lands on the other side of a sign moves its surroundings: only nearly all agree.
        Assert.IsGreaterThanOrEqualTo(0.99 * expected.Length, expected.Zip(actual).Count(pair => pair.First == pair.Second));
        Assert.IsGreaterThan(1, expected.Distinct().Count(), "a mask of one class would agree by chance");
    }

    [TestMethod]
    public void NodesAreThoseOfTraining()
    {
        DenseGraph frozen = Miniature(Precision.Binary).Freeze().Graph, trainable = Unfreezing.Unfreeze(frozen);
        Assert.HasCount(frozen.Nodes.OfType<PackedBinaryConvolution>().Count(), trainable.Nodes.OfType<BinaryConvolution>().ToArray());
        Assert.IsTrue(trainable.Nodes.OfType<BinaryConvolution>().All(n => n.Weight.Role == ParameterRole.LatentSign && n.Weight.Values.All(w => Math.Abs(w) == Unfreezing.LatentMagnitude)));
        CollectionAssert.IsSubsetOf(new[] { "stem/first.norm", "stem/depthwise.norm", "stem/pointwise.norm" }, trainable.Nodes.OfType<BatchNorm>().Select(n => n.Name).ToArray());
        Assert.IsInstanceOfType<Affine>(trainable.Nodes.Single(n => n.Name == "normalize"), "what is constant stays so");
        Assert.IsNotNull(trainable.Nodes.OfType<Convolution>().Single(n => n.Name == "classifier").Bias, "logits are not normalised");
        Assert.AreSame(trainable, Unfreezing.Unfreeze(trainable));
    }

    [TestMethod]
    public void TheFrozenGraphKeepsItsOwnParameters()
    {
        DenseGraph frozen = Miniature(Precision.Binary).Freeze().Graph;
        foreach (Parameter parameter in Unfreezing.Unfreeze(frozen).Parameters)
        {
            Array.Fill(parameter.Values, 42);
        }

        Assert.IsFalse(frozen.Parameters.Any(p => p.Values.Contains(42)));
    }

    [TestMethod]
    public void AConvolutionWhoseNormHasANameThatIsTakenKeepsItsBias()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int convolution = builder.Convolution(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "conv", 4, new(Kernel: 3), bias: true);
        int other = builder.RPReLU(convolution, "conv.norm");
        DenseGraph trainable = Unfreezing.Unfreeze(builder.Build(new GraphOutput("logits", builder.Add("sum", other, convolution))));
        Assert.IsNotNull(trainable.Nodes.OfType<Convolution>().Single().Bias);
    }

    internal static DenseNetwork Miniature(Precision precision, int classes = 4)
    {
        DenseNetwork network = TestNetworks.Miniature(precision, classes);
        return network.WithGraph(TestNetworks.Randomize(network.Graph, seed: 11));
    }

    internal static int[] Mask(DenseGraph graph)
    {
        float[] logits = ReferenceInterpreter.Run(graph, TestNetworks.Image(48, 64, seed: 8))[graph.Logits].Values;
        int pixels = logits.Length / graph.LogitChannels;
        return [.. Enumerable.Range(0, pixels).Select(p => Enumerable.Range(0, graph.LogitChannels).MaxBy(c => logits[c * pixels + p]))];
    }
}
