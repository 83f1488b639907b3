using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What a command writes takes the place of nothing that it reads, and two outputs are two files.</summary>
[TestClass]
public sealed class OutputFileTests
{
    [TestMethod]
    public void AModelIsNotReplacedByWhatIsSaidOfIt()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        byte[] before = File.ReadAllBytes(model);
        File.CreateSymbolicLink(place["link.json"], model);

        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", model, "--json", model], model, "--json would replace this file, which --model names");
        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", model, "--json", place["link.json"]], "--json would replace this file, which --model names");
        CommandRun.Fails(CommandLineTool.Failure, ["export", "--model", model, "--onnx", model], "--onnx would replace this file, which --model names");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(model));
    }

    [TestMethod]
    public void APictureIsReplacedByNothing()
    {
        using Workplace place = new();
        string model = place.SegmentationModel(), mask = place.Mask(0);
        byte[] before = File.ReadAllBytes(mask);

        CommandRun.Fails(
            CommandLineTool.Failure, ["evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--html", mask], mask, "--html would replace this file, which is an image");
        CommandRun.Fails(CommandLineTool.Failure, place.Train(mask), "--out would replace this file, which is an image");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(mask));
    }

    [TestMethod]
    public void TwoOutputsAreTwoFiles()
    {
        using Workplace place = new();
        string same = Path.Combine(place.Images, "..", "a.txt");

        CommandRun.Fails(
            CommandLineTool.Failure,
            ["evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks, "--json", place["a.txt"], "--csv", same],
            "--json and --csv name the same file");

        Assert.IsFalse(File.Exists(same));
    }

    [TestMethod]
    public void AModelMayTakeItsOwnPlace()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        byte[] before = File.ReadAllBytes(model);

        CommandRun.Lines("extract", "--model", model, "--out", model, "--working-size", "64");

        CollectionAssert.AreNotEqual(before, File.ReadAllBytes(model));
    }

    /// <summary>Names that no file system takes are refused before the first step, not after the last.</summary>
    [TestMethod]
    [DataRow(251)]
    [DataRow(246)]
    public void NamesThatAreTooLongAreRefusedAtOnce(int length)
    {
        using Workplace place = new();

        CommandRun.Fails(CommandLineTool.Failure, place.Train(place[new string('a', length) + ".mlbn"]), "longer than 255 bytes", "shorter");

        Assert.IsFalse(place.Everything().Any(name => name.StartsWith("aaa", StringComparison.Ordinal)));
    }
}
