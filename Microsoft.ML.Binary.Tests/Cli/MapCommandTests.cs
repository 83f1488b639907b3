using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class MapCommandTests
{
    [TestMethod]
    public void Model_IsMapped()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(
            "map", "--model", place.SegmentationModel(), "--arch", "eyeriss", "--size", "64x48", "--json", place["map.json"], "--csv", place["map.csv"], "--html", place["map.html"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["map.json"]));
        DenseGraph graph = DenseNetwork.Load(place.SegmentationModel()).Graph;
        NetworkMapping expected = new Mapper(Accelerator.Preset("eyeriss")).Map([.. NetworkWorkloads.Of(graph, 48, 64)]);
        JsonElement root = json.RootElement, first = root.GetProperty("layers")[0];
        Assert.AreEqual(expected.Energy * 1e-6, root.GetProperty("energyMicrojoules").GetDouble(), 1e-9);
        Assert.AreEqual(expected.Cycles, root.GetProperty("cycles").GetInt64());
        Assert.AreEqual(CostModel.Measure(graph, 48, 64).Macs.Total, root.GetProperty("macs").GetInt64());
        Assert.AreEqual("stem/first", first.GetProperty("name").GetString());
        Assert.AreEqual(expected.Layers[0].Nest.ToString(expected.Accelerator), first.GetProperty("mapping").GetString());
        Assert.AreEqual("optimum", first.GetProperty("origin").GetString());
        Assert.AreEqual(8, first.GetProperty("accesses").GetArrayLength());
        Assert.AreEqual(first.GetProperty("energyMicrojoules").GetDouble(), first.GetProperty("macEnergyMicrojoules").GetDouble()
            + first.GetProperty("accesses").EnumerateArray().Sum(access => access.GetProperty("energyMicrojoules").GetDouble()), 1e-9);

        string[] csv = File.ReadAllText(place["map.csv"]).TrimEnd().Split("\r\n");
        Assert.HasCount(1 + expected.Layers.Length, csv);
        Assert.IsTrue(csv.All(line => line.Split(',').Length == csv[0].Split(',').Length));
        StringAssert.Contains(csv[0], "shared_glb_Inputs_uJ");

        string text = string.Join('\n', lines);
        StringAssert.Contains(text, expected.Layers[^1].Nest.ToString(expected.Accelerator));
        StringAssert.Contains(text, "no XNOR units");
        StringAssert.Contains(File.ReadAllText(place["map.html"]), "parallel-for");
    }

    [TestMethod]
    public void Table_CanGiveItsMappings()
    {
        using Workplace place = new();
        File.WriteAllLines(place["net.csv"],
        [
            "layer,C,M,R,S,P,Q,Wstride,Hstride,bits_in,bits_w,bits_out,bits_sum,mapping",
            "1,3,32,3,3,112,112,2,2,8,8,8,8,psum_spad.t:M8; weights_spad.t:C3 R3; DummyBuffer.s:S3 M4; shared_glb.s:Q14; shared_glb.t:P112; DRAM.t:Q8",
            "2,4,4,1,1,4,4,1,1,8,8,8,,",
        ]);
        CommandRun.Lines("map", "--workload", place["net.csv"], "--arch", "eyeriss-16bit", "--json", place["map.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["map.json"]));
        JsonElement layers = json.RootElement.GetProperty("layers");
        Assert.AreEqual("given", layers[0].GetProperty("origin").GetString());
        Assert.AreEqual(78.2201, layers[0].GetProperty("energyMicrojoules").GetDouble(), 1e-3);
        Assert.AreEqual("optimum", layers[1].GetProperty("origin").GetString());
    }

    [TestMethod]
    public void AsPublished_CountsGroupsAsDense()
    {
        using Workplace place = new();
        File.WriteAllLines(place["net.csv"], ["C,M,R,S,P,Q,groups", "32,32,3,3,16,16,32"]);
        long usual = Macs(), published = Macs("--as-published");
        Assert.AreEqual(32 * usual, published);

        long Macs(params string[] more)
        {
            string[] lines = CommandRun.Lines(["map", "--workload", place["net.csv"], "--arch", "simba", "--bits", "8/8", "--json", place["map.json"], .. more]);
            StringAssert.Contains(string.Join('\n', lines), more.Length > 0 ? "as one dense convolution" : "one after the other");
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["map.json"]));
            return json.RootElement.GetProperty("macs").GetInt64();
        }
    }

    [TestMethod]
    public void Objective_DecidesTheMapping()
    {
        using Workplace place = new();
        File.WriteAllLines(place["net.csv"], ["C,M,R,S,P,Q", "96,256,5,5,27,27"]);
        Dictionary<string, JsonElement> results = ((string[])["edp", "energy", "delay", "accesses"]).ToDictionary(objective => objective, objective =>
        {
            CommandRun.Lines("map", "--workload", place["net.csv"], "--arch", "eyeriss", "--bits", "16/16", "--objective", objective, "--json", place["map.json"]);
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["map.json"]));
            return json.RootElement.Clone();
        });
        foreach ((string objective, string property) in ((string, string)[])
            [("edp", "edpJouleCycles"), ("energy", "energyMicrojoules"), ("delay", "cycles"), ("accesses", "lastLevelAccesses")])
        {
            double own = results[objective].GetProperty(property).GetDouble();
            Assert.IsTrue(results.Values.All(other => other.GetProperty(property).GetDouble() >= own), objective);
        }

        Assert.IsLessThan(results["edp"].GetProperty("energyMicrojoules").GetDouble(), results["energy"].GetProperty("energyMicrojoules").GetDouble());
    }

    [TestMethod]
    public void Mistakes_AreExplained()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        File.WriteAllLines(place["empty.csv"], ["C,M,P"]);
        File.WriteAllLines(place["large.csv"], ["layer,C,M,P,S", "conv1,1,1,1,13"]);
        CommandRun.Fails(CommandLineTool.Usage, ["map", "--arch", "simba"], "--model or --workload");
        CommandRun.Fails(CommandLineTool.Usage, ["map", "--arch", "simba", "--model", model, "--workload", "a.csv"], "--model or --workload");
        CommandRun.Fails(CommandLineTool.Usage, ["map", "--arch", "simba", "--workload", "a.csv", "--size", "8x8"], "--size", "--model");
        CommandRun.Fails(CommandLineTool.Usage, ["map", "--arch", "simba", "--model", model, "--objective", "speed"], "'speed'", "edp, energy, delay, accesses");
        CommandRun.Fails(CommandLineTool.Failure, ["map", "--arch", "tpu", "--model", model], "tpu", "eyeriss-16bit");
        CommandRun.Fails(CommandLineTool.Failure, ["map", "--arch", "simba", "--workload", place["empty.csv"]], "empty.csv", "no layers");
        CommandRun.Fails(CommandLineTool.Failure, ["map", "--arch", "eyeriss", "--workload", place["large.csv"]], "conv1", "DummyBuffer", "1 more");
        CommandRun.Fails(CommandLineTool.Failure, ["map", "--arch", "eyeriss", "--model", model, "--bits", "32/8"], "32 bits", "16-bit words");
        CommandRun.Fails(CommandLineTool.Failure, ["map", "--arch", "eyeriss", "--model", model, "--bits", "eight"], "eight", "8/8");
    }
}
