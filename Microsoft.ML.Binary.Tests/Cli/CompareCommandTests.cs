using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class CompareCommandTests
{
    [TestMethod]
    public void AnEmptyModel_IsAUsageError()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Usage, ["compare", "--model", place.SegmentationModel(), "--model", " ", "--images", place.Images, "--masks", place.Masks], "--model is empty; it must be MODEL");
    }

    [TestMethod]
    public void AModel_DoesNotDifferFromItself()
    {
        using Workplace place = new(images: 4);
        string model = place.SegmentationModel();
        CommandRun.Lines("compare", "--model", model, "--model", model, "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(4, json.RootElement.GetProperty("imageCount").GetInt32());
        Assert.AreEqual(5, json.RootElement.GetProperty("measures").GetArrayLength());
        Assert.AreEqual((0, 0), (json.RootElement.GetProperty("warnings").GetArrayLength(), json.RootElement.GetProperty("failures").GetArrayLength()));
        foreach (JsonElement measure in json.RootElement.GetProperty("measures").EnumerateArray())
        {
            Assert.AreEqual(measure.GetProperty("first").GetDouble(), measure.GetProperty("second").GetDouble());
            Assert.AreEqual(0, measure.GetProperty("difference").GetDouble());
            Assert.AreEqual(1, measure.GetProperty("pValue").GetDouble());
        }
    }

    [TestMethod]
    public void APerfectTool_BeatsOneThatSeesNothing()
    {
        using Workplace place = new(images: 6);
        Directory.CreateDirectory(place["nothing"]);
        foreach (string mask in Directory.GetFiles(place.Objects))
        {
            MaskWriter.Save(
                Path.Combine(place["nothing"], Path.GetFileName(mask)), new SaliencyMask(Workplace.Width, Workplace.Height, new byte[Workplace.Width * Workplace.Height]));
        }

        string[] lines = CommandRun.Lines(
            "compare", "--predictions", place["nothing"], "--predictions", place.Objects, "--task", "saliency", "--masks", place.Objects, "--json", place["a.json"]);
        StringAssert.Contains(lines[0], place["nothing"]);
        StringAssert.Contains(lines[1], place.Objects);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        JsonElement mae = json.RootElement.GetProperty("measures").EnumerateArray().Single(measure => measure.GetProperty("name").GetString() == "Mae");
        Assert.AreEqual(0, mae.GetProperty("second").GetDouble());
        Assert.IsLessThan(0, mae.GetProperty("upper").GetDouble());
        Assert.IsLessThan(0.01, mae.GetProperty("pValue").GetDouble());
    }

    [TestMethod]
    public void ADamagedFile_IsLeftOutOfBothAndListed()
    {
        using Workplace place = new(images: 6);
        Directory.CreateDirectory(place["other"]);
        string[] masks = [.. Directory.GetFiles(place.Objects).Order()];
        foreach (string mask in masks)
        {
            File.Copy(mask, Path.Combine(place["other"], Path.GetFileName(mask)));
        }

        File.WriteAllText(Path.Combine(place["other"], Path.GetFileName(masks[1])), "no image");
        string[] arguments = ["compare", "--predictions", place.Objects, "--predictions", place["other"], "--task", "saliency", "--masks", place.Objects, "--json", place["a.json"]];
        CommandRun run = CommandRun.Of(arguments);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Error, "1 of 6 images could not be compared");
        StringAssert.Contains(run.Error, Path.GetFileName(masks[1]));
        using (JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"])))
        {
            Assert.AreEqual(5, json.RootElement.GetProperty("imageCount").GetInt32());
            Assert.HasCount(1, json.RootElement.GetProperty("failures").EnumerateArray());
        }

        File.Delete(place["a.json"]);
        CommandRun.Fails(CommandLineTool.Failure, [.. arguments, "--fail-fast"], Path.GetFileName(masks[1]));
        Assert.IsFalse(File.Exists(place["a.json"]));
    }

    [TestMethod]
    public void ClassesInAnotherOrder_AreRefused()
    {
        using Workplace place = new();
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        string first = Named("first.network", ["sky", "road", "car"]), second = Named("second.network", ["sky", "car", "road"]);
        string[] compare = ["compare", "--images", place.Images, "--masks", place.Masks, "--model", first, "--model"];
        CommandRun.Fails(CommandLineTool.Failure, [.. compare, second], "second.network cannot be compared with", "first.network", "its class 1 is 'car', not 'road'");
        CommandRun.Lines([.. compare, place.SegmentationModel()]);

        string Named(string file, ImmutableArray<string> classes)
        {
            new DenseNetwork(network.Graph, network.Task, classes).Save(place[file]);
            return place[file];
        }
    }

    [TestMethod]
    public void ModelsOfTwoTasks_AreRefused()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure,
            ["compare", "--model", place.SegmentationModel(), "--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Masks],
            "segmentation.network is for Segmentation", "saliency.network for Saliency");
    }
}
