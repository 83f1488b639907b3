using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class ScoreCommandTests
{
    [TestMethod]
    public void Segmentation_WritesTheNetworksLabels()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        CommandRun.Lines("score", "--model", model, "--images", place.Images, "--out", place["out/deep"]);
        using CompiledNetwork network = CompiledNetwork.Compile(DenseNetwork.Load(model).Graph);
        for (int i = 0; i < 3; i++)
        {
            byte[] labels = new byte[Workplace.Width * Workplace.Height];
            network.PredictLabels(RgbImage.Load(place.Image(i)), labels);
            CollectionAssert.AreEqual(labels, MaskReader.ReadClassIndices(Path.Combine(place["out/deep"], $"{i:D3}.png")).Labels);
        }

        Assert.HasCount(3, Directory.GetFiles(place["out/deep"]));
    }

    [TestMethod]
    public void Saliency_WritesTheNetworksMapAsGrayLevels()
    {
        using Workplace place = new(images: 1);
        string model = place.SaliencyModel();
        CommandRun.Lines("score", "--model", model, "--images", place.Image(0), "--out", place["out"], "--overlay");
        using CompiledNetwork network = CompiledNetwork.Compile(DenseNetwork.Load(model).Graph);
        float[] saliency = new float[Workplace.Width * Workplace.Height];
        network.PredictSaliency(RgbImage.Load(place.Image(0)), saliency);
        SaliencyMask expected = SaliencyMask.FromProbabilities(Workplace.Width, Workplace.Height, saliency);
        CollectionAssert.AreEqual(expected.Values, MaskReader.ReadGray(Path.Combine(place["out"], "000.png")).Values);
        RgbImage overlay = RgbImage.Load(Path.Combine(place["out"], "000.overlay.png"));
        CollectionAssert.AreEqual(Overlay.Saliency(RgbImage.Load(place.Image(0)), expected).Pixels, overlay.Pixels);
    }

    [TestMethod]
    public void Overlay_HasTheModelsColors()
    {
        using Workplace place = new(images: 1);
        string model = place.SegmentationModel();
        CommandRun.Lines("score", "--model", model, "--images", place.Image(0), "--out", place["out"], "--overlay");
        DenseNetwork network = DenseNetwork.Load(model);
        RgbImage expected = Overlay.Segmentation(
            RgbImage.Load(place.Image(0)),
            MaskReader.ReadClassIndices(Path.Combine(place["out"], "000.png")),
            new OverlayOptions { Palette = Palette.Parse(string.Join(',', network.Palette)), ClassNames = network.ClassNames });
        CollectionAssert.AreEqual(expected.Pixels, RgbImage.Load(Path.Combine(place["out"], "000.overlay.png")).Pixels);
    }

    [TestMethod]
    public void MaskThatWouldReplaceItsImage_IsRefused()
    {
        using Workplace place = new();
        byte[] image = File.ReadAllBytes(place.Image(0));
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", place.SegmentationModel(), "--images", place.Image(0), "--out", place.Images], place.Image(0), "--out");
        CollectionAssert.AreEqual(image, File.ReadAllBytes(place.Image(0)));
    }

    [TestMethod]
    public void OverlayThatWouldReplaceAMask_IsRefused()
    {
        using Workplace place = new(images: 1);
        File.Copy(place.Image(0), Path.Combine(place.Images, "000.overlay.png"));
        string[] command = ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]];
        CommandRun.Fails(CommandLineTool.Failure, [.. command, "--overlay"], place.Image(0), "000.overlay", "Rename");
        CommandRun.Lines(command);
    }

    [TestMethod]
    public void DamagedImages_AreListedAndTheOthersScored()
    {
        using Workplace place = new(images: 5);
        File.WriteAllText(place.Image(1), "not an image");
        File.WriteAllBytes(place.Image(3), File.ReadAllBytes(place.Image(3))[..60]);
        CommandRun run = CommandRun.Of("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Output, "Wrote 3 masks");
        string[] lines = run.Error.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.HasCount(3, lines);
        StringAssert.Contains(lines[0], "2 of 5 images could not be scored");
        StringAssert.Contains(lines[1], place.Image(1));
        StringAssert.Contains(lines[2], place.Image(3));
        Assert.HasCount(3, Directory.GetFiles(place["out"]));
    }

    [TestMethod]
    public void FailFast_EndsAtTheFirstDamagedImage()
    {
        using Workplace place = new(images: 5);
        File.WriteAllText(place.Image(1), "not an image");
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"], "--fail-fast"], place.Image(1));
    }

    [TestMethod]
    public void Subfolders_AreMirrored()
    {
        using Workplace place = new(images: 2);
        Directory.CreateDirectory(Path.Combine(place.Images, "deep", "er"));
        File.Move(place.Image(1), Path.Combine(place.Images, "deep", "er", "x.png"));
        string[] command = ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["images/out"], "--recursive", "--overlay"];
        CommandRun.Lines(command);
        Assert.IsTrue(File.Exists(place["images/out/deep/er/x.png"]));
        Assert.IsTrue(File.Exists(place["images/out/deep/er/x.overlay.png"]));

        // Again: results inside the images are not images.
        CommandRun.Lines(command);
        Assert.HasCount(4, Directory.GetFiles(place["images/out"], "*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public void MissingImages_AreNamed()
    {
        using Workplace place = new();
        CommandRun.Fails(CommandLineTool.Failure, ["score", "--model", place.SegmentationModel(), "--images", place["none"], "--out", place["out"]], place["none"]);
        Assert.IsFalse(Directory.Exists(place["out"]));
    }
}
