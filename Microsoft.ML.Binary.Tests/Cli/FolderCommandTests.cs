using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class FolderCommandTests
{
    [TestMethod]
    public void SuffixAndTree_GoThroughTrainingEvaluationAndComparison()
    {
        using Workplace place = new();
        Directory.CreateDirectory(Path.Combine(place.Images, "ulm"));
        Directory.CreateDirectory(Path.Combine(place.Masks, "ulm"));
        for (int i = 0; i < 3; i++)
        {
            File.Move(place.Image(i), Path.Combine(place.Images, "ulm", $"{i}.png"));
            File.Move(place.Mask(i), Path.Combine(place.Masks, "ulm", $"{i}_own.png"));
        }

        string[] folders = ["--recursive", "--mask-suffix", "_own"];
        CommandRun.Lines(place.Train(place["a.network"], folders));
        string[] data = ["--images", place.Images, "--masks", place.Masks, .. folders];
        CommandRun.Lines(["evaluate", "--model", place["a.network"], .. data, "--csv", place["a.csv"]]);
        StringAssert.Contains(File.ReadAllText(place["a.csv"]), "\r\nulm/0,");
        CommandRun.Lines(["compare", "--model", place["a.network"], "--model", place["a.network"], .. data]);
        CommandRun.Lines("score", "--model", place["a.network"], "--images", place.Images, "--out", place["out"], "--recursive");
        CommandRun.Lines(["evaluate", "--predictions", place["out"], "--task", "segmentation", .. data]);
        CommandRun.Lines(["evaluate", "--predictions", place["out"], "--task", "segmentation", "--masks", place.Masks, .. folders]);
    }

    [TestMethod]
    public void OptionsThatWouldDoNothing_AreRefused()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        Refused(["tokens", "--model", model, "--images", place.Images, "--mask-suffix", "_own"], "--mask-suffix belongs to --masks");
        Refused(["score", "--model", model, "--images", place.Image(0), "--out", place["out"], "--recursive"], "--recursive belongs to a folder", place.Image(0));
        Refused(["evaluate", "--predictions", place.Masks, "--task", "segmentation", "--masks", place.Masks, "--image-suffix", "_left"], "--image-suffix belongs to --images");
        Refused(place.Train(place["a.network"], "--val-every", "5"), "--val-every belongs to --val-images");
        Refused(["search", "--task", "saliency", "--images", place.Images, "--masks", place.Objects, "--classes", "3", "--out", place["front"]], "--classes belongs to segmentation");

        static void Refused(string[] command, params string[] parts) => CommandRun.Fails(CommandLineTool.Usage, command, parts);
    }

    [TestMethod]
    public void DamagedImage_IsLeftOutOfTheEvaluationAndListed()
    {
        using Workplace place = new();
        File.WriteAllText(place.Image(1), "no image");
        string[] command = ["evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]];
        CommandRun run = CommandRun.Of(command);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Output, "2 images, ");
        StringAssert.Contains(run.Error, "1 of 3 images could not be evaluated");
        StringAssert.Contains(run.Error, place.Image(1));
        using (JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"])))
        {
            Assert.HasCount(1, json.RootElement.GetProperty("failures").EnumerateArray());
        }

        CommandRun.Fails(CommandLineTool.Failure, [.. command, "--fail-fast"], place.Image(1));
        for (int i = 0; i < 3; i++)
        {
            File.WriteAllText(place.Image(i), "no image");
        }

        run = CommandRun.Of(command);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Error, place.Image(2));
        StringAssert.Contains(run.Error, "None of 3 images could be evaluated.");
    }

    [TestMethod]
    public void FormatsThatCannotBeRead_AreSaid()
    {
        using Workplace place = new(images: 1);
        File.WriteAllText(place["images/b.heic"], "");
        CommandRun run = CommandRun.Of("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "warning");
        StringAssert.Contains(run.Error, "1 HEIF file (b.heic)");
    }

    [TestMethod]
    [DataRow("train")]
    [DataRow("extract")]
    public void OnnxAsOutput_PointsToExport(string command)
    {
        using Workplace place = new(images: 1);
        string[] args = command == "train" ? place.Train(place["a.ONNX"]) : ["extract", "--model", place.SegmentationModel(), "--out", place["a.ONNX"]];
        CommandRun.Fails(CommandLineTool.Usage, args, "export", "--onnx");
    }

    [TestMethod]
    public void EmptyOption_IsNamed()
    {
        CommandRun.Fails(CommandLineTool.Usage, ["score", "--model", "Road", "--images", "", "--out", "out"], "--images is empty");
        CommandRun.Fails(CommandLineTool.Usage, ["evaluate", "--model", "Road", "--images", "a", "--masks", "b", "--mask-suffix", "masks/_x"], "--mask-suffix is 'masks/_x'");
    }

    [TestMethod]
    public void OneImage_IsOneImage()
    {
        using Workplace place = new(images: 1);
        string[] lines = CommandRun.Lines("evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks);
        StringAssert.StartsWith(lines[^1], "1 image, ");
        lines = CommandRun.Lines("compare", "--model", place.SegmentationModel(), "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks);
        StringAssert.StartsWith(lines[^1], "1 image, paired bootstrap");
        MaskWriter.Save(place.Mask(0), new SegmentationMask(Workplace.Width, Workplace.Height, [.. Enumerable.Range(0, Workplace.Width * Workplace.Height).Select(i => (byte)(i % 3))]));
        StringAssert.Contains(CommandRun.Lines(place.Train(place["a.network"]))[1], "1 image; ");
    }
}
