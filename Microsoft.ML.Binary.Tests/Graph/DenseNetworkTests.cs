using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class DenseNetworkTests
{
    private static readonly DenseGraph Image = new([new ImageInput("image")], [new(DenseGraph.LogitsOutput, 0)]);

    private static readonly DenseGraph OneLogit = new(
        [new ImageInput("image"), new ChannelMean("grey", [0], 3)], [new(DenseGraph.LogitsOutput, 1)]);

    [TestMethod]
    public void HoldsWhatItIsGiven()
    {
        DenseNetwork network = new(
            Image, DenseTask.Segmentation, ["a", "b", "c"], ["#000000", "#00FF00", "#0000ff"],
            ImmutableSortedDictionary<string, string>.Empty.Add("seed", "7"));
        Assert.AreSame(Image, network.Graph);
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, network.ClassNames.ToArray());
        Assert.AreEqual("#0000ff", network.Palette[2]);
        Assert.AreEqual("7", network.Provenance["seed"]);
    }

    [TestMethod]
    public void SaliencyNeedsNoNames()
    {
        DenseNetwork network = new(OneLogit, DenseTask.Saliency);
        Assert.IsEmpty(network.ClassNames);
        Assert.IsEmpty(network.Palette);
        Assert.IsEmpty(network.Provenance);
    }

    [TestMethod]
    public void ProvenanceIsSortedByOrdinal()
    {
        var given = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase).Add("b", "1").Add("A", "2").Add("a2", "3").Add("B2", "4");
        DenseNetwork network = new(OneLogit, DenseTask.Saliency, provenance: given);
        CollectionAssert.AreEqual(new[] { "A", "B2", "a2", "b" }, network.Provenance.Keys.ToArray());
    }

    [TestMethod]
    public void ClassNamesMustFitTheLogits()
    {
        Refused("2 class names were given, and the graph has 3 logit channels", () => new(Image, DenseTask.Segmentation, ["a", "b"]));
        Refused("1 class names were given", () => new(OneLogit, DenseTask.Segmentation, ["a"]));
        Refused("0 class names were given", () => new(Image, DenseTask.Segmentation));
        Refused("'a' occurs twice", () => new(Image, DenseTask.Segmentation, ["a", "b", "a"]));
        Refused("The name of class 1 must be", () => new(Image, DenseTask.Segmentation, ["a", "", "c"]));
        Refused("The name of class 2 must be", () => new(Image, DenseTask.Segmentation, ["a", "b", "c\n"]));
        Refused("The name of class 0 must be", () => new(Image, DenseTask.Segmentation, ["\ud800", "b", "c"]));
        Refused("The name of class 0 must be", () => new(Image, DenseTask.Segmentation, [new string('x', 257), "b", "c"]));
    }

    [TestMethod]
    public void SaliencyHasOneLogitAndNoClasses()
    {
        Refused("one logit channel, and the graph has 3", () => new(Image, DenseTask.Saliency));
        Refused("no classes, and 1 class names were given", () => new(OneLogit, DenseTask.Saliency, ["a"]));
    }

    [TestMethod]
    public void LogitsAreAtStrideOne()
    {
        DenseGraph pooled = new([new ImageInput("image"), new AveragePool("pool", [0])], [new(DenseGraph.LogitsOutput, 1)]);
        Refused("(node 'pool') have 3 channels at stride 2", () => new(pooled, DenseTask.Segmentation, ["a", "b", "c"]));
        DenseGraph unnamed = new([new ImageInput("image")], [new("other", 0)]);
        Refused("no output 'logits'", () => new(unnamed, DenseTask.Segmentation, ["a", "b", "c"]));
    }

    [TestMethod]
    public void ThePaletteHasOneColourPerClass()
    {
        Refused("2 colours for 3 classes", () => new(Image, DenseTask.Segmentation, ["a", "b", "c"], ["#000000", "#000001"]));
        foreach (string colour in (string[])["red", "#00000", "#0000000", "#00000g", "0000000"])
        {
            Refused($"Colour 1 of the palette is '{colour}'", () => new(Image, DenseTask.Segmentation, ["a", "b", "c"], ["#000000", colour, "#000001"]));
        }
    }

    [TestMethod]
    public void ProvenanceIsBounded()
    {
        var empty = ImmutableSortedDictionary<string, string>.Empty;
        Refused("at most 256", () => new(OneLogit, DenseTask.Saliency, provenance: empty.AddRange(Enumerable.Range(0, 257).Select(i => KeyValuePair.Create($"{i}", "")))));
        Refused("A name in the provenance", () => new(OneLogit, DenseTask.Saliency, provenance: empty.Add("", "x")));
        Refused("'x' must be well-formed text of at most 4096", () => new(OneLogit, DenseTask.Saliency, provenance: empty.Add("x", new string('x', 4097))));
        Refused("'x' must be well-formed text", () => new(OneLogit, DenseTask.Saliency, provenance: empty.Add("x", "\udc00")));
    }

    [TestMethod]
    public void AnUnknownTaskIsRefused() => Refused("There is no task 7", () => new(Image, (DenseTask)7, ["a", "b", "c"]));

    [TestMethod]
    public void FreezingKeepsTheRest()
    {
        DenseNetwork trained = TestNetworks.Miniature(Precision.Binary, classes: 3), frozen = trained.Freeze();
        Assert.IsFalse(trained.Graph.IsFrozen);
        Assert.IsTrue(frozen.Graph.IsFrozen);
        CollectionAssert.AreEqual(trained.ClassNames.ToArray(), frozen.ClassNames.ToArray());
        Assert.AreSame(frozen, frozen.Freeze());
    }

    [TestMethod]
    public void AnotherGraphMustFitTheClasses()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Binary, classes: 4);
        Assert.AreEqual(1, network.WithGraph(network.Graph.WithAttentionReduction(1)).Graph.Nodes.OfType<TokenSample>().Single().Factor);
        Refused("4 class names were given, and the graph has 3", () => network.WithGraph(Image));
    }

    [TestMethod]
    public void SavesAndLoads()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("road.mlbn");
        DenseNetwork network = TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Binary).Freeze();
        network.Save(path);
        network.Save(path);

        CollectionAssert.AreEqual(network.ToBytes(), DenseNetwork.Load(path).ToBytes());
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void ANetworkThatCannotBeWrittenLeavesTheOldFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("road.mlbn");
        EveryNodeNetwork.Create().Save(path);
        DenseNetwork broken = EveryNodeNetwork.Create();
        broken.Graph.Parameters.First().Values[0] = float.NaN;
        Assert.ThrowsExactly<GraphException>(() => broken.Save(path));
        CollectionAssert.AreEqual(EveryNodeNetwork.Create().ToBytes(), File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(folder.Path));
    }

    private static void Refused(string problem, Func<DenseNetwork> create)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(create);
        StringAssert.Contains(e.Message, problem);
    }
}
