using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>Networks of several results: their names, their graph's outputs, and the file.</summary>
[TestClass]
public sealed class TaskHeadTests
{
    private static readonly TaskHead Classes = new("classes", DenseTask.Segmentation, ["a", "b", "c"], ["#000000", "#ff0000", "#00ff00"]);

    private static readonly TaskHead Objects = new("objects", DenseTask.Saliency);

    [TestMethod]
    public void OneHeadIsNamedByItsTask()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Binary, classes: 3);
        Assert.AreEqual("segmentation", network.Heads.Single().Name);
        Assert.AreEqual(DenseGraph.LogitsOutput, network.OutputOf(network.Heads[0]));
        Assert.AreEqual(3, network.Heads[0].Channels);
        Assert.AreEqual("saliency", new DenseNetwork(Trained().WithOutputs("objects"), DenseTask.Saliency).Heads.Single().Name);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void SeveralHeadsAreWrittenAndReadAgain(bool frozen)
    {
        DenseNetwork network = TwoHeads().WithWorkingSize(WorkingSize.Of(64));
        network = frozen ? network.Freeze() : network;
        byte[] file = network.ToBytes();
        Assert.AreEqual(4, file[8]);
        DenseNetwork read = DenseNetwork.FromBytes(file);
        CollectionAssert.AreEqual(new[] { "classes", "objects" }, read.Heads.Select(head => head.Name).ToArray());
        CollectionAssert.AreEqual(new[] { DenseTask.Segmentation, DenseTask.Saliency }, read.Heads.Select(head => head.Task).ToArray());
        CollectionAssert.AreEqual(Classes.ClassNames.ToArray(), read.ClassNames.ToArray());
        CollectionAssert.AreEqual(Classes.Palette.ToArray(), read.Palette.ToArray());
        Assert.AreEqual("logits:objects", read.OutputOf(read.Heads[1]));
        Assert.AreEqual(WorkingSize.Of(64), read.WorkingSize);
        CollectionAssert.AreEqual(file, read.ToBytes());
    }

    [TestMethod]
    public void ANameOfItsOwnIsWrittenToo()
    {
        DenseNetwork network = new(Trained(), [Classes]);
        Assert.AreEqual(4, network.ToBytes()[8]);
        Assert.AreEqual("classes", DenseNetwork.FromBytes(network.ToBytes()).Heads.Single().Name);
    }

    /// <summary>A release that does not know heads reads none of them, instead of one of several.</summary>
    [TestMethod]
    public void AnOlderVersionHasNoHeads()
    {
        byte[] file = TwoHeads().ToBytes();
        StringAssert.Contains(NetworkBytes.Refused(NetworkBytes.Join(NetworkBytes.Header(file), NetworkBytes.Tensors(file), version: 3)).Message, "the header has no 'task'");
    }

    [TestMethod]
    [DataRow("\"name\":\"objects\",\"task\"", "\"name\":\"edges\",\"task\"", "no output 'logits:edges'")]
    [DataRow("\"name\":\"objects\",\"task\"", "\"name\":\"Classes\",\"task\"", "Two heads are named 'Classes'")]
    [DataRow("\"name\":\"objects\",\"task\"", "\"name\":\"a/b\",\"task\"", "it must be 1 to 64 letters and digits")]
    [DataRow("\"name\":\"objects\",\"task\"", "\"name\":\"objects\",\"weight\":1,\"task\"", "a head has a property 'weight'")]
    [DataRow("\"name\":\"objects\",\"task\"", "\"task\"", "a head has no 'name'")]
    [DataRow("\"a\",\"b\",\"c\"", "\"a\",\"b\"", "The palette has 3 colours for 2 classes")]
    public void ADamagedHeadIsNamed(string old, string replacement, string problem)
    {
        byte[] file = TwoHeads().ToBytes();
        string header = NetworkBytes.Header(file);
        StringAssert.Contains(header, old);
        string message = NetworkBytes.Refused(NetworkBytes.Join(header.Replace(old, replacement), NetworkBytes.Tensors(file), version: 4)).Message;
        StringAssert.Contains(message, problem);
    }

    [TestMethod]
    public void HeadsMustFitTheGraphAndEachOther()
    {
        Refused("no output 'logits:objects'", () => new(Trained(), [Classes, Objects]));
        Refused("The network has 0 heads", () => new(Trained(), []));
        Refused("one logit channel, and the graph has 3", () => new(Trained(), [Objects]));
        Refused("Two heads are named 'CLASSES'", () => new(Trained(), [Classes, new("CLASSES", DenseTask.Saliency)]));
        Refused("The network has no head 'objects'; it has 'classes'", () =>
        {
            _ = new DenseNetwork(Trained(), [Classes]).OutputOf(Objects);
            return null!;
        });
        Assert.AreSame(Objects, TwoHeads().Head("OBJECTS"));
        Refused("The network has no head 'edges'; it has 'classes', 'objects'", () =>
        {
            _ = TwoHeads().Head("edges");
            return null!;
        });
        foreach (string name in new[] { "", "a b", "ä", "a.b", new string('x', 65) })
        {
            Assert.ThrowsExactly<ArgumentException>(() => new TaskHead(name, DenseTask.Saliency), name);
        }

        static void Refused(string problem, Func<DenseNetwork> make) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(make).Message, problem);
    }

    /// <summary>A second head changes nothing in what the first one says, to the last bit; and each output is what its own network would say.</summary>
    [TestMethod]
    public void HeadsAreIndependentResultsOfOneRun()
    {
        DenseNetwork both = TwoHeads().Freeze();
        FeatureMap image = TestNetworks.Image(32, 48, seed: 5);
        FeatureMap[] values = ReferenceInterpreter.Run(both.Graph, image);
        foreach (TaskHead head in both.Heads)
        {
            DenseGraph alone = new(both.Graph.Nodes, [new(DenseGraph.LogitsOutput, both.Graph.Output(both.OutputOf(head)))]);
            float[] expected = ReferenceInterpreter.Run(alone, image)[alone.Logits].Values;
            CollectionAssert.AreEqual(expected, values[both.Graph.Output(both.OutputOf(head))].Values, head.Name);
            Assert.HasCount(head.Channels * 32 * 48, expected);
        }

        using CompiledNetwork compiled = CompiledNetwork.Compile(both);
        using CompiledNetwork first = CompiledNetwork.Compile(new DenseNetwork(Trained(), [Classes]));
        RgbImage rgb = new(48, 32, [.. image.Values.Select(value => (byte)Math.Clamp(value, 0, 255))]);
        byte[] labels = new byte[32 * 48], expectedLabels = new byte[32 * 48];
        compiled.PredictLabels(rgb, labels);
        first.PredictLabels(rgb, expectedLabels);
        CollectionAssert.AreEqual(expectedLabels, labels);
    }

    private static DenseNetwork TwoHeads() => new(Trained().WithHead("objects"), [Classes, Objects]);

    private static DenseGraph Trained() => TestNetworks.Randomize(TestNetworks.Miniature(Precision.Binary, classes: 3).Graph, seed: 4);
}

internal static class HeadedGraphs
{
    /// <summary>The graph with a classifier of one logit beside its own, on the same map.</summary>
    public static DenseGraph WithHead(this DenseGraph graph, string name)
    {
        int map = graph.Nodes[Classifier.Find(graph, graph.Logits)].Inputs[0];
        List<Node> nodes = [.. graph.Nodes, Classifier.Create($"{name}/classifier", map, graph.Types[map].Channels, logits: 1, seed: 6)];
        nodes.Add(new Upsample($"{name}/enlarge", [nodes.Count - 1], 4, UpsampleMode.Bilinear));
        return new([.. nodes], [.. graph.Outputs, new($"{DenseGraph.LogitsOutput}:{name}", nodes.Count - 1)]);
    }

    /// <summary>The graph whose only output is such a classifier.</summary>
    public static DenseGraph WithOutputs(this DenseGraph graph, string name)
    {
        DenseGraph headed = graph.WithHead(name);
        return new(headed.Nodes, [new(DenseGraph.LogitsOutput, headed.Output($"{DenseGraph.LogitsOutput}:{name}"))]);
    }
}
