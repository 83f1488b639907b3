using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class SearchCommandTests
{
    [TestMethod]
    public void Search_WritesAFrontOfNetworksATableAndAPage()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(Search(place, "--lambda", "0.01,5000", "--gate-rate", "1", "--uniform", "1,2", "--sampling", "hard"));
        string front = place["front"];
        CollectionAssert.AreEqual(
            new[] { "front.csv", "front.html", "l0.01.mlbn", "l5000.mlbn", "w1.mlbn", "w2.mlbn" },
            Directory.GetFiles(front).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray());
        string[] csv = File.ReadAllLines(Path.Combine(front, "front.csv"));
        Assert.HasCount(5, csv);
        Assert.AreEqual("name,accuracy,bytes,milliseconds,cost,uniform,dominated_in_bytes,dominated_in_time,channels_0,channels_1,channels_2,channels_4,channels_8", csv[0]);
        foreach (string row in csv.Skip(1))
        {
            string[] cells = row.Split(',');
            Assert.AreEqual(new FileInfo(Path.Combine(front, cells[0] + ".mlbn")).Length.ToString(System.Globalization.CultureInfo.InvariantCulture), cells[2]);
        }

        Assert.IsLessThan(Bytes(place, "l0.01.mlbn"), Bytes(place, "l5000.mlbn"));
        DenseNetwork found = DenseNetwork.Load(Path.Combine(front, "l5000.mlbn")), two = DenseNetwork.Load(Path.Combine(front, "w2.mlbn"));
        Assert.IsTrue(found.Graph.IsFrozen);
        Assert.AreEqual("size, lambda 5000", found.Provenance["search"]);
        Assert.IsTrue(two.Graph.Nodes.OfType<PackedMixedConvolution>().All(node => node.Weight.Bits.All(bits => bits == 2)));
        string page = File.ReadAllText(Path.Combine(front, "front.html"));
        StringAssert.Contains(page, "l5000");
        StringAssert.Contains(page, "w1");
        StringAssert.Contains(lines[^1], "Wrote 4 networks, front.csv and front.html");
    }

    [TestMethod]
    public void Search_KeepsATargetOfBytes()
    {
        using Workplace place = new();
        CommandRun.Lines(Search(place, "--target-bytes", "200000"));
        Assert.IsLessThanOrEqualTo(200_000, Bytes(place, "target.mlbn"));
        Assert.IsGreaterThan(190_000, Bytes(place, "target.mlbn"));
    }

    [TestMethod]
    public void Search_ATargetBelowTheSmallestNetworkIsAnError()
    {
        using Workplace place = new();
        CommandRun.Fails(1, Search(place, "--target-bytes", "10000"), "10000 bytes are too few: the smallest network that the precisions allow has about");
    }

    [TestMethod]
    public void Search_AnImageThatIsTooLargeToMeasureTimeOnIsRefusedBeforeTraining()
    {
        using Workplace place = new();
        CommandRun.Fails(1, Search(place, "--image", "16384x16384"), "--image is 16384x16384", "give a smaller size");
        Assert.IsEmpty(Directory.GetFiles(place["front"]));
    }

    /// <summary>As training does, a search goes on from the first task of a network of several, which is then a network of this one.</summary>
    [TestMethod]
    public void Search_FromANetworkOfSeveralTasks_IsOfTheFirst()
    {
        using Workplace place = new();
        DenseNetwork several = MultiTaskNetwork.Build(
            NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 1), [new("classes", DenseTask.Segmentation, ["a", "b", "c"]), new("object", DenseTask.Saliency)]);
        several.Freeze().Save(place["street.mlbn"]);
        CommandRun.Lines(
            "search", "--from", place["street.mlbn"], "--images", place.Images, "--masks", place.Masks, "--steps", "10", "--batch", "2", "--lambda", "1", "--out", place["front"]);
        DenseNetwork found = DenseNetwork.Load(Path.Combine(place["front"], "l1.mlbn"));
        Assert.AreEqual(1, found.Heads.Length);
        Assert.AreEqual(1, found.Graph.Outputs.Length);
    }

    [TestMethod]
    public void Search_SaysWhatIsWrongWithItsOptions()
    {
        using Workplace place = new();
        CommandRun.Fails(2, Search(place, "--cost", "speed"), "--cost is 'speed'; it must be size");
        CommandRun.Fails(2, Search(place, "--lambda", "1,x"), "--lambda is '1,x'; it must be numbers above 0");
        CommandRun.Fails(2, Search(place, "--precisions", "0,3"), "--precisions is '0,3'; it must be widths of 0, 1, 2, 4, 8 bits in ascending order");
        CommandRun.Fails(2, Search(place, "--target-ms", "5"), "--target-ms needs --cost latency:FILE");
        CommandRun.Fails(2, Search(place, "--target-bytes", "5", "--lambda", "1"), "Only one of --lambda, --target-bytes and --target-ms");
        CommandRun.Fails(2, Search(place, "--target-bytes", "5", "--cost", "ne16"), "--target-bytes goes by --cost weights");
        CommandRun.Fails(1, Search(place, "--cost", "latency:" + place["none.json"]), "none.json");
    }

    [TestMethod]
    public void Search_ATableOfAnotherProcessorIsRefused()
    {
        using Workplace place = new();
        (Table() with { Cpu = "Another" }).Save(place["other.json"]);
        CommandRun.Fails(1, Search(place, "--cost", "latency:" + place["other.json"]), "it was measured on 'Another' with", "Run 'mlbinary calibrate' here");
        Table().Save(place["cpu.json"]);
        File.WriteAllText(place["marked.json"], "\uFEFF" + File.ReadAllText(place["cpu.json"]));
        Assert.AreEqual(LatencyTable.ThisCpu, LatencyTable.Load(place["marked.json"]).Cpu, "with a byte order mark");
        File.WriteAllText(place["junk.json"], "{}");
        CommandRun.Fails(1, Search(place, "--cost", "latency:" + place["junk.json"]), "this is no latency table");
        File.WriteAllText(place["text.json"], "cpu");
        CommandRun.Fails(1, Search(place, "--cost", "latency:" + place["text.json"]), "text.json: this is no latency table");
    }

    [TestMethod]
    public void Search_KeepsATargetOfTime()
    {
        using Workplace place = new();
        Table().Save(place["cpu.json"]);

        // A second is enough for any widths, and a nanosecond for none.
        CommandRun.Lines(Search(place, "--cost", "latency:" + place["cpu.json"], "--target-ms", "1000", "--image", "40x32"));
        Assert.IsTrue(File.Exists(Path.Combine(place["front"], "target.mlbn")));
        CommandRun.Fails(1, Search(place, "--cost", "latency:" + place["cpu.json"], "--target-ms", "0.000001", "--image", "40x32"), "--target-ms is 1E-06, and the fastest network");
    }

    /// <summary>A search for a target of time has the limit that it began with, though what it measured then is never measured alike again.</summary>
    [TestMethod]
    public void Search_ForATargetOfTime_GoesOn()
    {
        using Workplace place = new();
        Table().Save(place["cpu.json"]);
        string[] search = Search(place, "--cost", "latency:" + place["cpu.json"], "--target-ms", "1000", "--image", "40x32");
        string obstacle = Path.Combine(place["front"], "w1.checkpoint");
        Directory.CreateDirectory(obstacle);
        CommandRun.Fails(CommandLineTool.Failure, search, obstacle, "it is a folder");
        Assert.IsTrue(File.Exists(Path.Combine(place["front"], "search.checkpoint")));
        Directory.Delete(obstacle);
        string[] lines = CommandRun.Lines([.. search, "--resume"]);
        StringAssert.Contains(lines[^1], "Wrote 2 networks");
        Assert.IsEmpty(Directory.GetFiles(place["front"], "*.checkpoint"));

        Directory.CreateDirectory(obstacle);
        CommandRun.Fails(CommandLineTool.Failure, search, obstacle);
        File.WriteAllText(Path.Combine(place["front"], "rest.checkpoint"), "soon");
        CommandRun.Fails(CommandLineTool.Failure, [.. search, "--resume"], "rest.checkpoint must hold the nanoseconds", "Leave --resume out");
    }

    /// <summary>What another search left in the folder is not gone on from.</summary>
    [TestMethod]
    public void Search_ThatStartsAnew_LeavesNoCheckpointsOfAnother()
    {
        using Workplace place = new();
        string[] search = Search(place, "--lambda", "1,3");
        string last = Path.Combine(place["front"], "w1.checkpoint"), first = Path.Combine(place["front"], "l1.mlbn");
        Directory.CreateDirectory(last);
        CommandRun.Fails(CommandLineTool.Failure, search, last);
        Directory.Delete(last);
        Assert.IsTrue(File.Exists(Path.Combine(place["front"], "l3.checkpoint")));
        File.WriteAllText(Path.Combine(place["front"], "l7.checkpoint"), "somebody's");

        // Another, which ends before its second network.
        File.Delete(first);
        Directory.CreateDirectory(first);
        string[] other = [.. search, "--seed", "2"];
        CommandRun.Fails(CommandLineTool.Failure, other, first);
        Directory.Delete(first);
        StringAssert.Contains(CommandRun.Lines([.. other, "--resume"])[^1], "Wrote 3 networks");
        CollectionAssert.AreEqual(new[] { Path.Combine(place["front"], "l7.checkpoint") }, Directory.GetFiles(place["front"], "*.checkpoint"));
    }

    [TestMethod]
    public void Inspect_ShowsWidthsAndPredictedTime()
    {
        using Workplace place = new();
        Table().Save(place["cpu.json"]);
        CommandRun.Lines(Search(place, "--target-bytes", "150000"));
        string model = Path.Combine(place["front"], "target.mlbn");
        string[] lines = CommandRun.Lines("inspect", "--model", model, "--latency", place["cpu.json"], "--json", place["out.json"]);
        Assert.IsTrue(lines.Any(line => line.Contains("0:", StringComparison.Ordinal) && line.Contains(" 8:", StringComparison.Ordinal) && line.EndsWith(" ms", StringComparison.Ordinal)));
        Assert.IsTrue(lines.Any(line => line.StartsWith("predicted ", StringComparison.Ordinal)));
        JsonNode json = JsonNode.Parse(File.ReadAllText(place["out.json"]))!;
        double[] predicted = [.. json["widths"]!.AsArray().Select(layer => layer!["predictedMilliseconds"]!.GetValue<double>())];
        string total = lines.Single(line => line.StartsWith("predicted ", StringComparison.Ordinal));
        StringAssert.Contains(total, string.Create(System.Globalization.CultureInfo.InvariantCulture, $" {predicted.Sum():0.00} ms for all"));

        lines = CommandRun.Lines("inspect", "--model", "tiny", "--precision", "float", "--latency", place["cpu.json"]);
        Assert.IsTrue(lines.Any(line => line.StartsWith("predicted     no time", StringComparison.Ordinal)), string.Join('\n', lines));
    }

    [TestMethod]
    public void Calibrate_MeasuresEveryKindAndWidth()
    {
        using Workplace place = new();
        CommandRun run = CommandRun.Of("calibrate", "--runs", "1", "--out", place["cpu.json"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        LatencyTable table = LatencyTable.Load(place["cpu.json"]);
        Assert.HasCount(LatencyTable.Kinds.Length * 4, table.Entries);
        Assert.AreEqual(LatencyTable.ThisCpu, table.Cpu);
    }

    [TestMethod]
    public void Search_FindsWidthsOfANetworkOfLevels()
    {
        using Workplace place = new();
        Table().Save(place["cpu.json"]);
        CommandRun.Lines(Search(place, "--network", "activation-bits=2", "--target-bytes", "160000"));
        string model = Path.Combine(place["front"], "target.mlbn");
        PackedMixedConvolution[] found = [.. DenseNetwork.Load(model).Graph.Nodes.OfType<PackedMixedConvolution>()];
        Assert.IsTrue(found.Where(node => node.Geometry.Kernel == 3 && !node.Name.StartsWith("up", StringComparison.Ordinal)).All(node => node.ActivationBits == 2));
        string[] lines = CommandRun.Lines("inspect", "--model", model, "--latency", place["cpu.json"], "--json", place["out.json"]);
        Assert.AreEqual(found.Count(node => node.ActivationBits == 2), lines.Count(line => line.EndsWith("activations of 2 bits", StringComparison.Ordinal)));
        Assert.IsTrue(lines.Any(line => line.Contains("activation-levels", StringComparison.Ordinal)));
        StringAssert.Contains(File.ReadAllText(place["out.json"]), "\"activationBits\": 2");
    }

    /// <summary>A table of a release that did not measure convolutions of levels.</summary>
    [TestMethod]
    public void ATableWithoutLevelsDoesForSignsOnly()
    {
        using Workplace place = new();
        LatencyTable table = Table();
        (table with { Entries = [.. table.Entries.Where(entry => !entry.Kind.EndsWith("levels", StringComparison.Ordinal))] }).Save(place["cpu.json"]);
        string[] search = Search(place, "--cost", "latency:" + place["cpu.json"], "--target-ms", "1000", "--image", "40x32");
        CommandRun.Lines(search);
        CommandRun.Fails(1, [.. search, "--network", "activation-bits=2"], "has no entry for '3x3 of levels' with", "Run 'mlbinary calibrate' again");
        Assert.ThrowsExactly<InvalidDataException>(() => LatencyTable.Load(place["cpu.json"]).OfChannel(new("c", 8, 8, new(1), 4, 4) { ActivationBits = 2 }, 1));
    }

    private static string[] Search(Workplace place, params string[] more) =>
        ["search", "--images", place.Images, "--masks", place.Masks, "--preset", "tiny", "--steps", "10", "--batch", "2", "--out", place["front"], .. more];

    private static long Bytes(Workplace place, string name) => new FileInfo(Path.Combine(place["front"], name)).Length;

    private static LatencyTable Table() => new(
        LatencyTable.ThisCpu, LatencyTable.ThisPath, "2026-01-01",
        [.. from kind in LatencyTable.Kinds from bits in (int[])[1, 2, 4, 8] select new LatencyEntry(kind, bits, 0.001 * bits, 0.01)], 0.01);
}
