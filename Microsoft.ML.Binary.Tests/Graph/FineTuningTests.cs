using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class FineTuningTests
{
    private static readonly DenseNetwork Source = UnfreezingTests.Miniature(Precision.Binary);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void ForTheSameClasses_NothingChanges(bool frozen)
    {
        DenseNetwork source = frozen ? Source.Freeze() : Source;
        DenseNetwork start = FineTuning.Start(source, DenseTask.Segmentation, source.ClassNames);
        Assert.IsFalse(start.Graph.IsFrozen);
        CollectionAssert.AreEqual(source.Freeze().ToBytes(), start.Freeze().ToBytes());
        foreach (Parameter parameter in start.Graph.Parameters)
        {
            Assert.IsFalse(source.Graph.Parameters.Any(p => ReferenceEquals(p.Values, parameter.Values)), parameter.Name);
        }
    }

    [TestMethod]
    public void ClassesOfTheSameNameKeepTheirLogits()
    {
        DenseNetwork start = FineTuning.Start(Source.Freeze(), DenseTask.Segmentation, ["new", "class 2", "class 0"], ["#112233", "#445566", "#778899"], seed: 3);
        Convolution before = Head(Source.Freeze().Graph), after = Head(start.Graph);
        int inputs = before.Weight.Shape[1];
        CollectionAssert.AreEqual(before.Weight.Values[(2 * inputs)..(3 * inputs)], after.Weight.Values[inputs..(2 * inputs)]);
        CollectionAssert.AreEqual(before.Weight.Values[..inputs], after.Weight.Values[(2 * inputs)..]);
        CollectionAssert.AreEqual(new[] { 0, before.Bias!.Values[2], before.Bias.Values[0] }, after.Bias!.Values);
        Assert.IsTrue(after.Weight.Values[..inputs].All(w => w != 0 && Math.Abs(w) < 1), "the new class has small random weights");
        CollectionAssert.AreEqual(new[] { "new", "class 2", "class 0" }, start.ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "#112233", "#445566", "#778899" }, start.Palette.ToArray());
        CollectionAssert.AreNotEqual(
            after.Weight.Values,
            Head(FineTuning.Start(Source, DenseTask.Segmentation, ["new", "class 2", "class 0"], seed: 4).Graph).Weight.Values);
    }

    [TestMethod]
    public void TheOtherTask_HasANewLogit()
    {
        DenseNetwork saliency = FineTuning.Start(Source.Freeze(), DenseTask.Saliency);
        Assert.AreEqual(1, saliency.Graph.LogitChannels);
        Assert.AreEqual(0, Head(saliency.Graph).Bias!.Values[0]);
        DenseNetwork again = FineTuning.Start(saliency.Freeze(), DenseTask.Saliency);
        CollectionAssert.AreEqual(Head(saliency.Graph).Weight.Values, Head(again.Graph).Weight.Values, "saliency from saliency keeps its logit");
        Assert.AreEqual(5, FineTuning.Start(saliency, DenseTask.Segmentation, TestNetworks.ClassNames(5)).Graph.LogitChannels);
    }

    [TestMethod]
    [DataRow(DenseTask.Segmentation)]
    [DataRow(DenseTask.Saliency)]
    public void OfSeveralTasksTheOthersAreLeftBehind(DenseTask task)
    {
        DenseNetwork several = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges]);
        DenseNetwork start = FineTuning.Start(several.Freeze(), task, task.HasClasses ? ["c", "new"] : default);
        CollectionAssert.AreEqual(new[] { DenseGraph.LogitsOutput }, start.Graph.Outputs.Select(output => output.Name).ToArray());
        CollectionAssert.AreEqual(
            several.Alone(several.Heads[0]).Freeze().Unfreeze().Graph.Nodes.Select(node => node.Name).ToArray(), start.Graph.Nodes.Select(node => node.Name).ToArray());
        Assert.AreEqual(task.HasClasses ? 2 : 1, start.Graph.LogitChannels);
    }

    [TestMethod]
    public void EachOfSeveralHeadsGoesByTheNamesOfItsClasses()
    {
        TaskHead[] heads = [new("a", DenseTask.Segmentation, ["x", "y"]), new("b", DenseTask.Segmentation, ["p", "q", "r"]), new("c", DenseTask.Edges)];
        DenseNetwork source = MultiTaskNetwork.Build(new() { Outputs = 1, Width = 8, Stride4Depth = 1, Stride8Depth = 1, Stride16Depth = 1 }, [.. heads]);
        TaskHead other = new("b", DenseTask.Segmentation, ["r", "new", "p", "q"], ["#112233", "#445566", "#778899", "#AABBCC"]);
        DenseNetwork start = FineTuning.Start(source, [heads[0], other, heads[2]], seed: 3);

        CollectionAssert.AreEqual(other.ClassNames.ToArray(), start.Heads[1].ClassNames.ToArray());
        CollectionAssert.AreEqual(other.Palette.ToArray(), start.Heads[1].Palette.ToArray());
        float[] before = Logits(source, 1), after = Logits(start, 1);
        int inputs = before.Length / 3;
        CollectionAssert.AreEqual(before[(2 * inputs)..], after[..inputs]);
        CollectionAssert.AreEqual(before[..(2 * inputs)], after[(2 * inputs)..]);
        CollectionAssert.AreEqual(Logits(source, 0), Logits(start, 0));
        CollectionAssert.AreEqual(Logits(source, 2), Logits(start, 2));
        Assert.AreNotSame(Logits(source, 0), Logits(start, 0), "training writes into the copy");
        StringAssert.Contains(
            Refused(() => FineTuning.Start(source, [heads[1], heads[0], heads[2]], seed: 3)),
            "has 'a' (segmentation), 'b' (segmentation), 'c' (edges), and there are to be 'b' (segmentation), 'a' (segmentation), 'c' (edges)");

        static float[] Logits(DenseNetwork network, int head) => ((Convolution)network.Graph.Nodes[
            Classifier.Find(network.Graph, network.Graph.Output(network.OutputOf(network.Heads[head])))]).Weight.Values;
    }

    [TestMethod]
    public void ClassesThatDoNotFitAreRefused()
    {
        StringAssert.Contains(Refused(() => FineTuning.Start(Source, DenseTask.Segmentation)), "0 class names");
        StringAssert.Contains(Refused(() => FineTuning.Start(Source, DenseTask.Segmentation, ["a", "a"])), "occurs twice");
        StringAssert.Contains(Refused(() => FineTuning.Start(Source, DenseTask.Saliency, ["a", "b"])), "no classes");
    }

    [TestMethod]
    public void LogitsThatNoConvolutionMakesAreNamed()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int x = builder.RPReLU(builder.Convolution(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "conv", 2, new(Kernel: 3)), "last");
        DenseNetwork network = new(builder.Build(new GraphOutput("logits", x)), DenseTask.Segmentation, ["a", "b"]);
        GraphException e = Assert.ThrowsExactly<GraphException>(() => FineTuning.Start(network, DenseTask.Segmentation, ["a", "c"]));
        Assert.AreEqual("last", e.Node);
        Assert.AreEqual(2, FineTuning.Start(network, DenseTask.Segmentation, ["a", "b"]).Graph.LogitChannels, "the same classes need no other logits");
    }

    private static Convolution Head(DenseGraph graph) => (Convolution)graph.Nodes.Single(node => node.Name == "classifier");

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
}
