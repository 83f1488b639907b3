using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary evaluate --predictions</c>: files in place of a model.</summary>
[TestClass]
public sealed class PredictionFilesTests
{
    [TestMethod]
    public void MasksThatTheModelScored_GiveTheModelsFigures()
    {
        using Workplace place = new(images: 4);
        string model = place.SegmentationModel();
        CommandRun.Lines("score", "--model", model, "--images", place.Images, "--out", place["preds"]);
        CommandRun.Lines("evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--json", place["model.json"], "--csv", place["model.csv"]);
        CommandRun.Lines(
            "evaluate", "--predictions", place["preds"], "--task", "segmentation", "--masks", place.Masks, "--json", place["files.json"], "--csv", place["files.csv"]);
        Assert.AreEqual(File.ReadAllText(place["model.json"]), File.ReadAllText(place["files.json"]));
        Assert.AreEqual(File.ReadAllText(place["model.csv"]), File.ReadAllText(place["files.csv"]));
        Assert.HasCount(5, File.ReadAllLines(place["files.csv"]));
    }

    [TestMethod]
    public void MapsThatTheModelScored_GiveTheModelsFigures()
    {
        using Workplace place = new(images: 4);
        string model = place.SaliencyModel();
        CommandRun.Lines("score", "--model", model, "--images", place.Images, "--out", place["preds"]);
        CommandRun.Lines("evaluate", "--model", model, "--images", place.Images, "--masks", place.Objects, "--json", place["model.json"]);
        CommandRun.Lines("evaluate", "--predictions", place["preds"], "--task", "saliency", "--masks", place.Objects, "--json", place["files.json"]);
        Assert.AreEqual(File.ReadAllText(place["model.json"]), File.ReadAllText(place["files.json"]));
    }

    [TestMethod]
    [DataRow("MAE", "mae")]
    [DataRow("Smeasure", "sMeasure")]
    [DataRow("wFmeasure", "weightedF")]
    [DataRow("adpFm", "adaptiveF")]
    [DataRow("meanFm", "meanF")]
    [DataRow("maxFm", "maxF")]
    [DataRow("adpEm", "adaptiveE")]
    [DataRow("meanEm", "meanE")]
    [DataRow("maxEm", "maxE")]
    public void OracleMaps_GiveThePublishedFigures(string published, string ours)
    {
        string folder = SharedData.PathOf("oracles", "saliency");
        using Workplace place = new();
        CommandRun.Lines(
            "evaluate", "--predictions", Path.Combine(folder, "preds"), "--task", "saliency", "--masks", Path.Combine(folder, "masks"), "--json", place["a.json"]);
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json"))), actual = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(
            expected.RootElement.GetProperty("aggregate").GetProperty(published).GetDouble(), actual.RootElement.GetProperty(ours).GetDouble(), 1e-9);
    }

    [TestMethod]
    public void PerfectPredictions_ScoreOne_UnderTheirNames()
    {
        using Workplace place = new();
        string[] names = ["sky", "road", "tree"];
        File.WriteAllLines(place["names.txt"], names);
        CommandRun.Lines("evaluate", "--predictions", place.Masks, "--task", "segmentation", "--classes", place["names.txt"], "--masks", place.Masks, "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(1, json.RootElement.GetProperty("meanIoU").GetDouble());
        CollectionAssert.AreEqual(names, json.RootElement.GetProperty("classNames").EnumerateArray().Select(name => name.GetString()).ToArray());
    }

    [TestMethod]
    public void WithImages_OnlyTheirMasksCount()
    {
        using Workplace place = new(images: 3);
        File.Delete(place.Image(2));
        CommandRun run = CommandRun.Of(
            "evaluate", "--predictions", place.Masks, "--task", "segmentation", "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "left out 1 mask without an image: 002.png");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(2, json.RootElement.GetProperty("imageCount").GetInt32());
    }

    [TestMethod]
    public void WithASuffix_OnlyMasksThatHaveItCount()
    {
        using Workplace place = new(images: 3);
        File.Move(place.Mask(1), Path.Combine(place.Masks, "001_own.png"));
        string[] evaluate = ["evaluate", "--predictions", place.Masks, "--task", "segmentation", "--classes", "3", "--masks", place.Masks, "--json", place["a.json"], "--mask-suffix"];
        CommandRun run = CommandRun.Of([.. evaluate, "_own"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "left out 2 masks without '_own' at the end of the name, 000.png for example");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(1, json.RootElement.GetProperty("imageCount").GetInt32());
        CommandRun.Fails(CommandLineTool.Failure, [.. evaluate, "_other"], "the name of no mask ends in '_other'");
    }

    [TestMethod]
    public void WhereMasksSayTheClasses_ADamagedOneIsLeftOutAndListed()
    {
        using Workplace place = new(images: 3);
        File.WriteAllText(place.Mask(2), "no picture");
        string[] evaluate = ["evaluate", "--predictions", place.Masks, "--task", "segmentation", "--masks", place.Masks, "--json", place["a.json"]];
        CommandRun run = CommandRun.Of(evaluate);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Error, "1 of 3 images could not be evaluated");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(2, json.RootElement.GetProperty("imageCount").GetInt32());
        CommandRun.Fails(CommandLineTool.Failure, [.. evaluate, "--fail-fast"], place.Mask(2));
    }

    [TestMethod]
    public void GrayLevelsInMasks_AreWarnedOf()
    {
        using Workplace place = new(images: 2);
        for (int i = 0; i < 2; i++)
        {
            byte[] labels = [.. MaskReader.ReadClassIndices(place.Mask(i)).Labels.Select(label => label == 255 ? label : (byte)(100 * label))];
            MaskWriter.Save(place.Mask(i), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        }

        CommandRun run = CommandRun.Of("evaluate", "--predictions", place.Masks, "--task", "segmentation", "--masks", place.Masks);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "look like gray levels");
    }

    [TestMethod]
    public void SizesThatDiffer_AreNamed() => Fails(
        place => MaskWriter.Save(Prediction(place), new SegmentationMask(4, 3, new byte[12])), Prediction, "is 4x3", "is 40x32", "001.png");

    [TestMethod]
    public void AClassOutOfRange_IsNamed() => Fails(
        place =>
        {
            byte[] labels = TestImages.Labels(Workplace.Width, Workplace.Height, 1);
            labels[2] = 7;
            MaskWriter.Save(Prediction(place), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        },
        Prediction, "x=2, y=0", "7", "0 to 2");

    [TestMethod]
    public void AMissingPrediction_IsNamed() => Fails(place => File.Delete(Prediction(place)), place => place.Mask(1), "has no prediction", "001.png");

    [TestMethod]
    public void AFolderWithoutPredictions_IsNamed() => Fails(place => Array.ForEach(Directory.GetFiles(place["preds"]), File.Delete), place => place["preds"], "prediction folder", ".png");

    [TestMethod]
    public void AMissingFolder_IsNamed() => Fails(place => Directory.Delete(place["preds"], recursive: true), place => place["preds"], "does not exist");

    [TestMethod]
    public void ADamagedPrediction_IsNamed() => Fails(place => File.WriteAllText(Prediction(place), "no picture"), Prediction);

    private static string Prediction(Workplace place) => Path.Combine(place["preds"], "001.png");

    private static void Fails(Action<Workplace> damage, Func<Workplace, string> named, params string[] parts)
    {
        using Workplace place = new();
        Directory.CreateDirectory(place["preds"]);
        foreach (string mask in Directory.GetFiles(place.Masks))
        {
            File.Copy(mask, Path.Combine(place["preds"], Path.GetFileName(mask)));
        }

        damage(place);
        CommandRun.Fails(
            CommandLineTool.Failure,
            ["evaluate", "--predictions", place["preds"], "--task", "segmentation", "--classes", "3", "--masks", place.Masks, "--html", place["a.html"], "--fail-fast"],
            [named(place), .. parts]);
        Assert.IsFalse(File.Exists(place["a.html"]));
    }
}
