using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class DenseGraphTests
{
    private static readonly ImmutableArray<GraphOutput> First = [new("logits", 0)];

    [TestMethod]
    public void InfersTypesAndAlignment()
    {
        DenseGraph graph = new(
            [new ImageInput("image"), new AveragePool("a", [0]), new AveragePool("b", [1]), new Upsample("c", [2], 4, UpsampleMode.Nearest)],
            [new("logits", 3), new("coarse", 2)]);

        CollectionAssert.AreEqual(
            new FeatureType[] { new(3, 1), new(3, 2), new(3, 4), new(3, 1) }, graph.Types.ToArray());
        Assert.AreEqual(4, graph.Alignment);
        Assert.AreEqual(3, graph.Logits);
        Assert.AreEqual(3, graph.LogitChannels);
        Assert.AreEqual(2, graph.Output("coarse"));
        CollectionAssert.AreEqual(new[] { 1, 1, 2, 1 }, graph.CountReaders());
    }

    [TestMethod]
    [DataRow(1, 1, 4, 4)]
    [DataRow(4, 5, 4, 8)]
    [DataRow(479, 360, 480, 360)]
    public void PadsSidesToTheAlignment(int height, int width, int paddedHeight, int paddedWidth)
    {
        DenseGraph graph = new([new ImageInput("image"), new AveragePool("a", [0]), new AveragePool("b", [1])], First);
        Assert.AreEqual((paddedHeight, paddedWidth), graph.PaddedSize(height, width));
    }

    [TestMethod]
    public void GraphsThatOnlyCostTimeAreRefusedBeforeAnyWork()
    {
        // 64 inputs a node, or all channels that a node may have: files of some hundred kilobytes that took minutes and gigabytes.
        Node[] adds = [.. Enumerable.Range(1, 400).Select(i => new Add($"n{i}", [.. Enumerable.Repeat(i - 1, 64)]))];
        StringAssert.Contains(Assert.ThrowsExactly<GraphException>(() => new DenseGraph([new ImageInput("image"), .. adds], First)).Message, "inputs of nodes");
        List<Node> joins = [new ImageInput("image")];
        for (int i = 1; i < 200; i++)
        {
            joins.Add(new Concat($"n{i}", i < 7 ? [.. Enumerable.Repeat(i - 1, 4)] : [6]));
        }

        StringAssert.Contains(Assert.ThrowsExactly<GraphException>(() => new DenseGraph([.. joins], First)).Message, "channels of nodes and inputs");
    }

    /// <summary>As many as a network file holds: what can be saved can be loaded.</summary>
    [TestMethod]
    public void MoreOutputsThanAFileHoldsAreRefused()
    {
        DenseGraph most = WithOutputs(64);
        DenseNetwork network = new(most, DenseTask.Segmentation, TestNetworks.ClassNames(3));
        Assert.HasCount(64, DenseNetwork.FromBytes(network.ToBytes()).Graph.Outputs);
        StringAssert.Contains(Assert.ThrowsExactly<GraphException>(() => WithOutputs(65)).Message, "it has 65 outputs; at most 64 are possible");

        static DenseGraph WithOutputs(int count) =>
            new([new ImageInput("image")], [.. First, .. Enumerable.Range(1, count - 1).Select(i => new GraphOutput($"other {i}", 0))]);
    }

    [TestMethod]
    public void EveryPresetIsFarBelowTheBounds()
    {
        foreach (NetworkPreset preset in Enum.GetValues<NetworkPreset>())
        {
            DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, DenseNetwork.MaxClasses, Precision.Binary));
            long edges = graph.Nodes.Sum(node => node.Inputs.Length);
            long planes = graph.Types.Sum(type => type.Channels) + graph.Nodes.Sum(node => node.Inputs.Sum(input => (long)graph.Types[input].Channels));
            Assert.IsLessThan(DenseGraph.MaxEdges / 8, edges);
            Assert.IsLessThan(DenseGraph.MaxPlanes / 8, planes, preset.ToString());
        }
    }

    [TestMethod]
    public void AMissingOutputIsNamedWithThoseThatExist()
    {
        DenseGraph graph = new([new ImageInput("image")], [new("a", 0), new("b", 0)]);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => graph.Output("c"));
        StringAssert.Contains(e.Message, "no output 'c'; it has 'a', 'b'");
    }

    [TestMethod]
    public void TwoNodesOfOneNameAreRefused() =>
        Refused("x", "another node has this name", [new ImageInput("x"), new AveragePool("x", [0])]);

    [TestMethod]
    public void TwoParametersOfOneNameAreRefused() => Refused("p", "another parameter or node has this name", [
        new ImageInput("image"), new Sign("a", [0], Values("p", 3)), new Sign("b", [0], Values("p", 3))]);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(-1)]
    public void AnInputThatDoesNotComeBeforeTheNodeIsRefused(int input) =>
        Refused("pool", $"input {input} does not come before it", [new ImageInput("image"), new AveragePool("pool", [input])]);

    [TestMethod]
    public void AStrideAbove32IsRefused()
    {
        List<Node> nodes = [new ImageInput("image")];
        for (int i = 0; i < 6; i++)
        {
            nodes.Add(new AveragePool($"pool{i}", [i]));
        }

        Refused("pool5", "stride 64 is not", [.. nodes]);
    }

    [TestMethod]
    public void TooManyChannelsAreRefused()
    {
        List<Node> nodes = [new ImageInput("image")];
        for (int i = 0; i < 3; i++)
        {
            nodes.Add(new Concat($"concat{i}", [.. Enumerable.Repeat(i, 32)]));
        }

        Refused("concat2", $"{3 * 32 * 32 * 32} channels are not in", [.. nodes]);
    }

    [TestMethod]
    public void TooManyInputsOrNodesAreRefused()
    {
        Refused("add", "it has 65 inputs", [new ImageInput("image"), new Add("add", [.. new int[65]])]);
        Refused("(graph)", "it has 4097 nodes", [.. Enumerable.Range(0, 4097).Select(i => new ImageInput($"image{i}"))]);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(".weight")]
    [DataRow("line\nbreak")]
    public void AnUnusableNameIsRefused(string name)
    {
        Refused(name, "a name has 1 to 256", [new ImageInput(name)]);
        Refused(name, "a name has 1 to 256", [new ImageInput("image"), new Sign("sign", [0], Values(name, 3))]);
        GraphException e = Assert.ThrowsExactly<GraphException>(() => new DenseGraph([new ImageInput("image")], [new(name, 0)]));
        StringAssert.Contains(e.Message, "a name has 1 to 256");
    }

    [TestMethod]
    public void ANameThatHasNoUtf8FormIsRefused() => Refused("\ud800", "a name has 1 to 256", [new ImageInput("\ud800")]);

    [TestMethod]
    public void OutputsMustExistAndDiffer()
    {
        Expect("(graph)", "it has no output", []);
        Expect("logits", "names node 1, and there are 1 nodes", [new("logits", 1)]);
        Expect("logits", "names node -1", [new("logits", -1)]);
        Expect("logits", "another output has this name", [new("logits", 0), new("logits", 0)]);

        static void Expect(string node, string problem, ImmutableArray<GraphOutput> outputs)
        {
            GraphException e = Assert.ThrowsExactly<GraphException>(() => new DenseGraph([new ImageInput("image")], outputs));
            Assert.AreEqual(node, e.Node);
            StringAssert.Contains(e.Message, problem);
        }
    }

    private static Parameter Values(string name, int count) => new(name, ParameterRole.Modulation, [count], new float[count]);

    private static void Refused(string node, string problem, ImmutableArray<Node> nodes)
    {
        GraphException e = Assert.ThrowsExactly<GraphException>(() => new DenseGraph(nodes, First));
        Assert.AreEqual(node, e.Node);
        StringAssert.Contains(e.Message, $"'{node}'");
        StringAssert.Contains(e.Message, problem);
    }
}
