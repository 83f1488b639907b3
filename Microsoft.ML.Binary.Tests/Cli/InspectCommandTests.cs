using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class InspectCommandTests
{
    [TestMethod]
    public void Preset_InAnyCase_IsCounted()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines("inspect", "--model", "TiNy", "--size", "100x64", "--classes", "5", "--json", place["a.json"]);
        DenseGraph graph = Freezing.Freeze(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, 5)));
        GraphCost cost = CostModel.Measure(graph, 64, 100);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        JsonElement root = json.RootElement, attention = root.GetProperty("attention")[0];
        Assert.AreEqual(cost.OneBitParameters, root.GetProperty("parameters").GetProperty("oneBit").GetInt64());
        Assert.AreEqual(cost.FloatParameters, root.GetProperty("parameters").GetProperty("float").GetInt64());
        Assert.AreEqual(cost.OneBitParameters + 32 * cost.FloatParameters, root.GetProperty("bits").GetInt64());
        Assert.AreEqual(cost.Macs.Binary, root.GetProperty("macs").GetProperty("binary").GetInt64());
        Assert.AreEqual(cost.Macs.Float, root.GetProperty("macs").GetProperty("float").GetInt64());
        Assert.AreEqual(cost.Attentions[0].Reduction, attention.GetProperty("reduction").GetDouble(), 1e-9);
        Assert.AreEqual(graph.Nodes.Length, root.GetProperty("layers").GetArrayLength());
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("fileBytes").ValueKind);
        string text = string.Join('\n', lines);
        foreach (NodeCost node in cost.Nodes)
        {
            StringAssert.Contains(text, node.Name);
        }

        StringAssert.Contains(text, FormattableString.Invariant($"{cost.OneBitParameters:N0} one-bit"));
    }

    [TestMethod]
    public void Twin_HasNoBinaryMacs()
    {
        using Workplace place = new();
        CommandRun.Lines("inspect", "--model", "tiny", "--precision", "float", "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(0, json.RootElement.GetProperty("macs").GetProperty("binary").GetInt64());
    }

    [TestMethod]
    public void ModelFile_IsShownWithItsSize()
    {
        using Workplace place = new();
        string model = place.SaliencyModel();
        CommandRun.Lines("inspect", "--model", model, "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual("saliency", json.RootElement.GetProperty("task").GetString());
        Assert.AreEqual(new FileInfo(model).Length, json.RootElement.GetProperty("fileBytes").GetInt64());
        Assert.AreEqual(new FileInfo(model).Length, json.RootElement.GetProperty("networkFileBytes").GetInt64());
    }

    [TestMethod]
    public void SizesBehindLinks_AreThoseOfTheFiles()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        File.CreateSymbolicLink(place["link.network"], model);
        CommandRun.Lines("inspect", "--model", place["link.network"], "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(new FileInfo(model).Length, json.RootElement.GetProperty("fileBytes").GetInt64());
        string[] lines = CommandRun.Lines("extract", "--model", model, "--out", place["link.network"]);
        StringAssert.Contains(lines[^1], FormattableString.Invariant($"({new FileInfo(model).Length:N0} bytes)"));
        Assert.IsTrue(OperatingSystem.IsWindows() || CommandRun.Of("extract", "--model", model, "--out", "/dev/null").ExitCode == 0, "what has no size");
    }

    [TestMethod]
    public void AttentionIsCounted_AsWasSavedWithTheModel()
    {
        using Workplace place = new();
        MLContext ml = new(1);
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = new() { AttentionReduction = AttentionReduction.Fixed(1) } }), null, place["full.zip"]);
        long trained = CostModel.Measure(network.Graph, 64, 96).Macs.Total, full = CostModel.Measure(network.Graph.WithAttentionReduction(1), 64, 96).Macs.Total;
        Assert.AreNotEqual(trained, full);
        CommandRun.Lines("inspect", "--model", place["full.zip"], "--size", "96x64", "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        JsonElement macs = json.RootElement.GetProperty("macs");
        Assert.AreEqual(full, macs.GetProperty("binary").GetInt64() + macs.GetProperty("float").GetInt64());
        CommandRun.Lines("map", "--model", place["full.zip"], "--arch", "eyeriss", "--size", "96x64", "--json", place["map.json"]);
        using JsonDocument map = JsonDocument.Parse(File.ReadAllText(place["map.json"]));
        Assert.AreEqual(full, map.RootElement.GetProperty("macs").GetInt64());
    }

    [TestMethod]
    public void OptionsOfPresets_DoNotGoWithFiles()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", model, "--precision", "float"], model, "--precision");
        CommandRun.Fails(CommandLineTool.Failure, ["bench", "--model", model, "--size", "32x32", "--classes", "4"], model, "--classes");
    }

    [TestMethod]
    public void NeitherFileNorPreset_IsRefused() =>
        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", "enormous"], "enormous", "Tiny, Small, Base");
}
