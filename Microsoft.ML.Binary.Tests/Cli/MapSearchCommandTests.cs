using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Graph;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class MapSearchCommandTests
{
    [TestMethod]
    [DataRow("sensitivity")]
    [DataRow("evaluate")]
    public void FloatNetwork_GetsAFront(string accuracy)
    {
        using Workplace place = new(images: 4);
        string[] lines = CommandRun.Lines([.. Search(place, FloatModel(place)), "--accuracy", accuracy, "--compare", place.SegmentationModel(), "--out", place["front"]]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(place["front"], "front.json")));
        JsonElement front = json.RootElement.GetProperty("front"), others = json.RootElement.GetProperty("others");
        Assert.IsGreaterThan(0, front.GetArrayLength());
        Assert.HasCount(7, others.EnumerateArray().ToArray());
        double last = 0;
        foreach ((int index, JsonElement point) in front.EnumerateArray().Index())
        {
            Assert.IsGreaterThanOrEqualTo(last, last = point.GetProperty("edpJouleCycles").GetDouble());
            Assert.IsGreaterThanOrEqualTo(0, point.GetProperty("measured").GetDouble());
            if (accuracy == "evaluate")
            {
                Assert.AreEqual(point.GetProperty("predicted").GetDouble(), point.GetProperty("measured").GetDouble());
            }

            // The table of widths of a point gives its cost again.
            CommandRun.Lines(
                "map", "--model", place["float.network"], "--arch", "eyeriss", "--size", "64x48", "--bits", Path.Combine(place["front"], $"front-{index + 1}.json"), "--json", place["map.json"]);
            using JsonDocument map = JsonDocument.Parse(File.ReadAllText(place["map.json"]));
            Assert.AreEqual(point.GetProperty("energyMicrojoules").GetDouble(), map.RootElement.GetProperty("energyMicrojoules").GetDouble(), 1e-6);
        }

        string page = File.ReadAllText(Path.Combine(place["front"], "front.html"));
        StringAssert.Contains(page, "8 bits");
        StringAssert.Contains(page, "1 bit");
        Assert.HasCount(1 + front.GetArrayLength() + 7, File.ReadAllLines(Path.Combine(place["front"], "front.csv")));
        StringAssert.Contains(string.Join('\n', lines), "widths 1, 2, 3, 4, 5, 8 bits");
    }

    [TestMethod]
    public void WidthsThatCostLess_AreSearchedToo()
    {
        using Workplace place = new(images: 1);
        string model = FloatModel(place);
        const string Others = "others of 5-8 cost what the next of these does on eyeriss-16bit";
        string[] search = [.. Search(place, model), "--bits", "5-8"];
        string same = string.Join('\n', CommandRun.Lines([.. search, "--out", place["same"]]));
        StringAssert.Contains(same, "widths 5, 8 bits; " + Others);
        string scaled = string.Join('\n', CommandRun.Lines([.. search, "--mac", "scaled", "--out", place["scaled"]]));
        StringAssert.Contains(scaled, "widths 5, 6, 7, 8 bits");
        Assert.DoesNotContain(Others, scaled);
    }

    [TestMethod]
    public void ModelsAreSeenAtTheSizeThatWasSavedWithThem()
    {
        using Workplace place = new(images: 3);
        MLContext ml = new(1);
        ml.Model.Save(ml.Segmentation.FromNetwork(FloatModel(place), new() { Views = ViewOptions.At(12) }), null, place["sized.zip"]);
        DenseNetwork.Load(place["float.network"]).WithWorkingSize(WorkingSize.Of(12)).Save(place["sized.network"]);
        string[] measured = [.. Enumerable.Select((string[])["sized.zip", "sized.network"], model =>
        {
            CommandRun.Lines([.. Search(place, place[model]), "--compare", place[model], "--out", place["front"]]);
            return string.Join('\n', File.ReadAllLines(Path.Combine(place["front"], "front.csv")).Select(line => line.Replace(place[model], "", StringComparison.Ordinal)));
        })];
        Assert.AreEqual(measured[1], measured[0]);
    }

    [TestMethod]
    public void OtherViewsThatWereSaved_AreSaidAndLeftOut_AndPointsOfAnEarlierSearchGo()
    {
        using Workplace place = new(images: 2);
        MLContext ml = new(1);
        string model = FloatModel(place);
        ViewOptions views = ViewOptions.At(12);
        ml.Model.Save(ml.Segmentation.FromNetwork(DenseNetwork.Load(model), new() { Views = views }), null, place["one.zip"]);
        ml.Model.Save(ml.Segmentation.FromNetwork(DenseNetwork.Load(model), new() { Views = views with { Mirrored = true, Scales = [0.5, 1] } }), null, place["more.zip"]);
        Directory.CreateDirectory(place["front"]);
        Enumerable.Range(1, 40).ToList().ForEach(point => File.WriteAllText(Path.Combine(place["front"], $"front-{point}.json"), "earlier"));
        CommandRun run = CommandRun.Of([.. Search(place, model), "--compare", place["one.zip"], "--compare", place["more.zip"], "--out", place["front"]]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "more.zip was saved to look at longest side 12, ");
        Assert.DoesNotContain("one.zip", run.Error);
        string[] rows = [.. File.ReadAllLines(Path.Combine(place["front"], "front.csv"))[^2..].Select(line => line[line.IndexOf(".zip", StringComparison.Ordinal)..])];
        Assert.AreEqual(rows[0], rows[1]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(place["front"], "front.json")));
        Assert.HasCount(json.RootElement.GetProperty("front").GetArrayLength(), Directory.GetFiles(place["front"], "front-*.json"));
    }

    [TestMethod]
    public void Threads_DoNotChangeTheFront()
    {
        using Workplace place = new(images: 3);
        string model = FloatModel(place);
        string one = Front("1"), three = Front("3");
        Assert.AreEqual(one, three);

        string Front(string threads)
        {
            CommandRun.Lines([.. Search(place, model), "--threads", threads, "--out", place[threads]]);
            return File.ReadAllText(Path.Combine(place[threads], "front.csv"));
        }
    }

    [TestMethod]
    public void Mistakes_AreExplained()
    {
        using Workplace place = new();
        string model = FloatModel(place);
        CommandRun.Fails(
            CommandLineTool.Failure, [.. Search(place, place.SegmentationModel()), "--out", place["front"]], "one bit", "--precision float");
        CommandRun.Fails(CommandLineTool.Usage, [.. Search(place, model), "--accuracy", "guess", "--out", place["front"]], "'guess'", "one of sensitivity, evaluate");
        CommandRun.Fails(CommandLineTool.Usage, [.. Search(place, model), "--bits", "8-2", "--out", place["front"]], "'8-2'", "2-8");
        CommandRun.Fails(
            CommandLineTool.Failure, [.. Search(place, model), "--compare", place.SaliencyModel(), "--out", place["front"]], "saliency.network", "cannot be compared");
        DenseNetwork network = DenseNetwork.Load(model);
        new DenseNetwork(network.Graph, network.Task, ["sky", "road", "car"]).Save(model);
        new DenseNetwork(network.Graph, network.Task, ["sky", "car", "road"]).Save(place["other.network"]);
        CommandRun.Fails(
            CommandLineTool.Failure, [.. Search(place, model), "--compare", place["other.network"], "--out", place["front"]], "other.network cannot be compared", "its class 1 is 'car', not 'road'");
    }

    private static string[] Search(Workplace place, string model) =>
    [
        "map-search", "--model", model, "--arch", "eyeriss", "--size", "64x48", "--images", place.Images, "--masks", place.Masks, "--parents", "4", "--offspring", "4", "--generations", "3",
    ];

    private static string FloatModel(Workplace place)
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Float, Workplace.Classes);
        new DenseNetwork(TestNetworks.Randomize(network.Graph, 2), network.Task, network.ClassNames).Freeze().Save(place["float.network"]);
        return place["float.network"];
    }
}
