using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class ExtractCommandTests
{
    [TestMethod]
    public void Extract_GivesBackTheNetworkFile()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        ModelWriter.Save(DenseNetwork.Load(model), place["a.zip"]);
        CommandRun.Lines("extract", "--model", place["a.zip"], "--out", place["a.network"]);
        CollectionAssert.AreEqual(File.ReadAllBytes(model), File.ReadAllBytes(place["a.network"]));
    }

    /// <summary>What a network file has no place for is said.</summary>
    [TestMethod]
    public void TheSizeThatWasSavedWithTheModel_IsThatOfTheFile()
    {
        using Workplace place = new();
        MLContext ml = new(1);
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = ViewOptions.At(20) }), null, place["sized.zip"]);
        CommandRun.Lines("extract", "--model", place["sized.zip"], "--out", place["a.network"]);
        Assert.AreEqual(WorkingSize.Of(20), DenseNetwork.Load(place["a.network"]).WorkingSize);
        CommandRun.Lines("extract", "--model", place["sized.zip"], "--out", place["a.network"], "--working-size", "own");
        Assert.AreEqual(WorkingSize.Own, DenseNetwork.Load(place["a.network"]).WorkingSize);

        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = ViewOptions.At(20) with { Mirrored = true } }), null, place["mirrored.zip"]);
        CommandRun run = CommandRun.Of("extract", "--model", place["mirrored.zip"], "--out", place["a.network"]);
        Assert.AreEqual(0, run.ExitCode);
        StringAssert.Contains(run.Error, "mirrored.zip was saved to look at longest side 20, mirrored too");
    }

    [TestMethod]
    public void OutputThatCannotBeWritten_IsNamed()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure, ["extract", "--model", place.SegmentationModel(), "--out", place["missing/a.network"]], place["missing"], "does not exist");
    }

    /// <summary>What the command prints is what the network that it writes has.</summary>
    [TestMethod]
    public void DecisionIsShiftedToTheLeastErrorOnLabelledImages()
    {
        using Workplace place = new();
        string model = place.SaliencyModel();
        string[] lines = CommandRun.Lines("extract", "--model", model, "--images", place.Images, "--masks", place.Objects, "--out", place["shifted.network"]);
        string shift = DenseNetwork.Load(place["shifted.network"]).Provenance["decisionShift"];
        Assert.AreNotEqual("0", shift);
        Match found = Regex.Match(lines[^2], @"^Logits less (\S+): mean absolute error (\S+) on 3 images, (\S+) before$");
        Assert.AreEqual(shift, found.Groups[1].Value);
        Assert.AreEqual(ErrorOf(place, model), double.Parse(found.Groups[3].Value, CultureInfo.InvariantCulture), 0.005);
        Assert.AreEqual(ErrorOf(place, place["shifted.network"]), double.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture), 0.005);
        Assert.IsLessThan(ErrorOf(place, model), ErrorOf(place, place["shifted.network"]));
    }

    [TestMethod]
    public void WhatHasNoDecisionToShift_IsSaidAndNothingIsWritten()
    {
        using Workplace place = new();
        string[] asked = ["extract", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["a.network"]];
        CommandRun.Fails(CommandLineTool.Failure, [.. asked, "--masks", place.Masks], "saliency alone", "segmentation");
        StringAssert.Contains(CommandRun.Of(asked).Error, "--images and --masks go together");
        CommandRun.Fails(CommandLineTool.Usage, ["extract", "--model", place.SaliencyModel(), "--out", place["a.network"], "--recursive"], "--recursive belongs to --images");
        Assert.IsFalse(File.Exists(place["a.network"]));
    }

    // Maps are measured without being spread over 0 to 1, as the shift sees them.
    private static double ErrorOf(Workplace place, string model)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(DenseNetwork.Load(model));
        return ImageFolder.Pair(place.Images, place.Objects).Average(pair =>
        {
            SaliencyMask mask = MaskReader.ReadGray(pair.MaskPath);
            float[] map = new float[mask.Values.Length];
            network.PredictSaliency(RgbImage.Load(pair.ImagePath), map);
            return map.Zip(mask.Values, (p, gray) => Math.Abs(p - (gray > SaliencyMask.Threshold ? 1 : 0))).Average();
        });
    }
}
