using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Graph;

namespace Microsoft.ML.Binary.Tests.Networks;

[TestClass]
public sealed class MultiTaskNetworkTests
{
    internal static readonly TaskHead Classes = new("classes", DenseTask.Segmentation, ["a", "b", "c"]);
    internal static readonly TaskHead Edges = new("edges", DenseTask.Edges);

    internal static readonly NetworkConfiguration Configuration = TestNetworks.MiniatureConfiguration(Precision.Binary, classes: 1);

    [TestMethod]
    [DataRow(TaskDecoders.Light, TaskBottleneck.None, Precision.Binary)]
    [DataRow(TaskDecoders.Light, TaskBottleneck.Diagonal, Precision.Binary)]
    [DataRow(TaskDecoders.Full, TaskBottleneck.Pointwise, Precision.Binary)]
    [DataRow(TaskDecoders.Full, TaskBottleneck.Diagonal, Precision.Float)]
    public void EveryTaskHasItsLogits_AndOneGraphOfItGivesTheSameBits(TaskDecoders decoders, TaskBottleneck bottleneck, Precision precision)
    {
        DenseNetwork network = MultiTaskNetwork.Build(Configuration with { Precision = precision, AdaptiveThresholds = AdaptiveThresholds.All }, [Classes, Edges], decoders, bottleneck);
        CollectionAssert.AreEqual(new[] { "logits", "logits:edges" }, network.Graph.Outputs.Select(o => o.Name).ToArray());
        Assert.AreEqual(bottleneck != TaskBottleneck.None, network.Graph.Nodes.Any(node => node is Bottleneck));

        DenseGraph frozen = Freezing.Freeze(DenseNetwork.FromBytes(network.ToBytes()).Graph);

        Assert.IsFalse(frozen.Nodes.Any(node => node.Name.Contains("log-variance", StringComparison.Ordinal) || node is Bottleneck));
        RgbImage image = new(32, 32, [.. Enumerable.Range(0, 3072).Select(i => (byte)(i * 37))]);
        FeatureMap[] all = ReferenceInterpreter.Run(frozen, ReferenceViews.Padded(frozen, image));
        foreach (GraphOutput output in frozen.Outputs)
        {
            DenseGraph alone = new(frozen.Nodes, [new(DenseGraph.LogitsOutput, output.Node)]);
            using CompiledNetwork compiled = CompiledNetwork.Compile(alone, new() { Threads = 1 });
            float[] logits = new float[all[output.Node].Channels * 1024];
            compiled.PredictLogits(image, logits);
            for (int i = 0; i < logits.Length && precision == Precision.Binary; i++)
            {
                Assert.AreEqual(all[output.Node].Plane(i / 1024)[i % 1024], logits[i], output.Name);
            }
        }
    }

    [TestMethod]
    public void ATaskMoreCostsALittleWithLightDecodersAndMoreWithFull()
    {
        NetworkConfiguration small = NetworkConfiguration.For(NetworkPreset.Small, 1);
        double one = Macs([Classes], TaskDecoders.Light), light = Macs([Classes, Edges], TaskDecoders.Light), full = Macs([Classes, Edges], TaskDecoders.Full);
        Assert.IsLessThan(1.06 * one, light);
        Assert.IsGreaterThan(1.06 * one, full);
        Assert.IsLessThan(2 * one, full);

        double Macs(ImmutableArray<TaskHead> heads, TaskDecoders decoders) =>
            CostModel.Measure(MultiTaskNetwork.Build(small, heads, decoders).Freeze().Graph, 360, 480).Macs.Total;
    }

    [TestMethod]
    public void OneTask_IsTheNetworkOfOneTask()
    {
        DenseGraph alone = DenseNetworkBuilder.Build(Configuration with { Outputs = 3 }), multi = MultiTaskNetwork.Build(Configuration, [Classes]).Graph;
        CollectionAssert.AreEqual(alone.Parameters.SelectMany(p => p.Values).ToArray(), multi.Parameters.SelectMany(p => p.Values).ToArray());
    }

    [TestMethod]
    public void UnknownDecodersAndBottlenecksAreRefused()
    {
        Assert.AreEqual("decoders", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MultiTaskNetwork.Build(Configuration, [Classes], (TaskDecoders)9)).ParamName);
        Assert.AreEqual("bottleneck", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MultiTaskNetwork.Build(Configuration, [Classes], bottleneck: (TaskBottleneck)9)).ParamName);
    }

    [TestMethod]
    public void HeadsOfOneName_AndHeadsThatAreNotThere_AreNamed()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => MultiTaskNetwork.Build(Configuration, [Edges, new("Edges", DenseTask.Saliency)])).Message, "'Edges'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => MultiTaskNetwork.Build(Configuration, [])).Message, "0 heads");
        DenseNetwork network = MultiTaskNetwork.Build(Configuration, [Classes, Edges]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.Head("depth")).Message, "'classes', 'edges'");
    }
}
