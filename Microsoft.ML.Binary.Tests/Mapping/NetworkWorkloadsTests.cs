using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Tests.Graph;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class NetworkWorkloadsTests
{
    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Float)]
    public void Layers_HaveAllMultiplyAccumulatesOfTheNetwork(Precision precision)
    {
        DenseGraph trainable = TestNetworks.Segmentation(NetworkPreset.Small, precision).Graph, frozen = Freezing.Freeze(trainable);
        Workload[] layers = [.. NetworkWorkloads.Of(frozen, 360, 480)];
        Assert.AreEqual(CostModel.Measure(frozen, 360, 480).Macs.Total, layers.Sum(layer => layer.Macs));
        CollectionAssert.AreEqual(layers, NetworkWorkloads.Of(trainable, 360, 480).ToArray());
    }

    [TestMethod]
    public void Widths_AreThoseOfTheNetwork()
    {
        Workload[] layers = [.. NetworkWorkloads.Of(TestNetworks.Segmentation(NetworkPreset.Small, Precision.Binary).Graph, 360, 480)];
        Assert.AreEqual(new BitWidths(16, 16, 16, 16), Layer("stem/first").Bits);
        Assert.AreEqual(new BitWidths(1, 1, 16, 16), Layer("stride4.0/convolution").Bits);
        Assert.AreEqual(new BitWidths(1, 1, 16, 16), Layer("attention/attend/QK").Bits);
        Assert.AreEqual(new BitWidths(16, 16, 16, 16), Layer("attention/attend/AV").Bits);

        Workload depthwise = Layer("stem/depthwise");
        Assert.AreEqual((1, 1, 24, 3, 3, 120, 92, 2), (depthwise.C, depthwise.M, depthwise.Groups, depthwise.R, depthwise.S, depthwise.P, depthwise.Q, depthwise.StrideX));
        Assert.AreEqual((24, 24, 1, 24 * depthwise.Macs), (depthwise.AsPublished().C, depthwise.AsPublished().M, depthwise.AsPublished().Groups, depthwise.AsPublished().Macs));
        Assert.AreEqual(new BitWidths(8, 8, 8, 8), (depthwise with { Bits = new BitWidths(8, 8, 8) }).AsPublished().Bits);

        // Four heads of 48 channels, 690 queries on a grid of 30x23, 12 keys.
        Workload scores = Layer("attention/attend/QK"), mixing = Layer("attention/attend/AV");
        Assert.AreEqual((48, 12, 690, 4), (scores.C, scores.M, scores.P, scores.Heads));
        Assert.AreEqual((12, 48, 690, 4), (mixing.C, mixing.M, mixing.P, mixing.Heads));

        Workload Layer(string name) => layers.Single(layer => layer.Name == name);
    }

    [TestMethod]
    public void WidthsOfTheUser_TakeTheirPlace()
    {
        Workload[] layers = [.. NetworkWorkloads.Of(TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Float).Graph, 96, 128)];
        Assert.IsTrue(WidthTable.Load("8/4").Apply(layers).All(layer => layer.Bits == (layer.IsProductOfMaps ? new(8, 8, 8, 16) : new BitWidths(8, 4, 8, 16))));
        Assert.IsTrue(WidthTable.Load("1/1/16").Apply(layers).All(layer => layer.Bits == new BitWidths(1, 1, 16, 16)));

        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("widths.json"), "\uFEFF" + """{ "default": { "inputs": 8, "weights": 8 }, "layers": { "stem/first": { "inputs": 4, "weights": 2, "outputs": 8, "sums": 12 } } }""");
        WidthTable table = WidthTable.Load(folder.File("widths.json"));
        Workload[] applied = [.. table.Apply(layers)];
        Assert.AreEqual(new BitWidths(4, 2, 8, 12), applied[0].Bits);
        Assert.IsTrue(applied[1..].All(layer => layer.Bits == new BitWidths(8, 8, 8, 16)));
        table.Save(folder.File("again.json"));
        CollectionAssert.AreEqual(applied, WidthTable.Load(folder.File("again.json")).Apply(layers).ToArray());
    }

    [TestMethod]
    [DataRow("""{ "default": { "inputs": 0, "weights": 8 } }""", "'inputs' of 'default'")]
    [DataRow("""{ "default": { "inputs": 8 } }""", "no 'weights'")]
    [DataRow("""{ "layers": { "a": { "inputs": 8, "weights": 8, "outputs": 8, "sums": 4 } } }""", "'sums' of 'a'")]
    [DataRow("""{ "widths": 8 }""", "'widths'")]
    [DataRow("""{ "layers": { "\ud800": { "inputs": 8, "weights": 8 } } }""", "UTF-16")]
    public void WrongTableOfWidths_IsRefused(string json, string part)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("widths.json"), json);
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => WidthTable.Load(folder.File("widths.json")));
        StringAssert.Contains(e.Message, "widths.json");
        StringAssert.Contains(e.Message, part);
    }

    [TestMethod]
    public void WrongWidths_AreRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => WidthTable.Load("0/8")).Message, "1 to 64");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => WidthTable.Load("eight")).Message, "8/8");
        Workload layer = new() { Name = "layer", C = 4, M = 4, P = 4 };
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new WidthTable(null, new WidthTable(new BitWidths(8, 8, 8)).Layers.Add("other", new(8, 8, 8))).Apply([layer])).Message,
            "'other'");
    }
}
