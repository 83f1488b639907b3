using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Cli.Commands;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary train --from</c>.</summary>
[TestClass]
public sealed class TrainFromTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void AModelOfAsManyClasses_LendsItsNamesAndColours(bool asZip)
    {
        using Workplace place = new();
        string source = place.SegmentationModel();
        if (asZip)
        {
            MLContext ml = new(1);
            ml.Model.Save(ml.Segmentation.FromNetwork(source), null, place["source.zip"]);
            source = place["source.zip"];
        }

        string[] lines = CommandRun.Lines(Train(place, source));
        DenseNetwork from = DenseNetwork.Load(place["segmentation.network"]), to = DenseNetwork.Load(place["a.network"]);
        StringAssert.StartsWith(lines[0], $"Segmentation, 3 classes, from {source}: ");
        CollectionAssert.AreEqual(from.ClassNames.ToArray(), to.ClassNames.ToArray());
        CollectionAssert.AreEqual(from.Palette.ToArray(), to.Palette.ToArray());
        CollectionAssert.AreEqual(from.Graph.Nodes.Select(n => n.Name).ToArray(), to.Graph.Nodes.Select(n => n.Name).ToArray());
        Assert.AreEqual(Path.GetFileName(source), to.Provenance["from"]);
        Assert.IsFalse(to.Provenance.ContainsKey("preset"));
    }

    [TestMethod]
    public void ClassesMayBeOthers()
    {
        using Workplace place = new();
        File.WriteAllText(place["classes.txt"], "class 2\nsea\nsand\nship\n");
        CommandRun run = CommandRun.Of(Train(place, place.SegmentationModel(), "--classes", place["classes.txt"]));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "class 3 'ship'");
        CollectionAssert.AreEqual(new[] { "class 2", "sea", "sand", "ship" }, DenseNetwork.Load(place["a.network"]).ClassNames.ToArray());
    }

    [TestMethod]
    public void APretrainedNetwork_IsTunedForTheOtherTask()
    {
        using Workplace place = new();
        CommandRun.Lines(
            "train", "--task", "saliency", "--from", "road", "--images", place.Images, "--masks", place.Objects, "--batch", "1", "--steps", "1", "--out", place["a.network"]);
        DenseNetwork to = DenseNetwork.Load(place["a.network"]);
        Assert.AreEqual(DenseTask.Saliency, to.Task);
        Assert.AreEqual("Road", to.Provenance["from"]);
    }

    [TestMethod]
    public void WithAnyNumberOfThreads_TheSameFileIsWritten()
    {
        using Workplace place = new();
        string source = place.SegmentationModel();
        CommandRun.Lines(Train(place, source, "--steps", "4"));
        byte[] whole = File.ReadAllBytes(place["a.network"]);
        Assert.AreNotEqual(BitConverter.ToString(whole), BitConverter.ToString(File.ReadAllBytes(source)));
        CommandRun.Lines(Train(place, source, "--steps", "4", "--threads", "1"));
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(place["a.network"]));
    }

    /// <summary>Few images and no start: a line names the networks to start from, unless it was said that there is to be none.</summary>
    [TestMethod]
    public void None_IsTheSameAsNoModel_WithoutAdvice()
    {
        using Workplace place = new();
        string[] advised = CommandRun.Lines(place.Train(place["a.network"]));
        StringAssert.Contains(advised.Single(line => line.Contains("--from", StringComparison.Ordinal)), "3 images: starting from a trained network usually gives more: --from Words (research only) or --from Nuclei (any use).");
        string[] lines = CommandRun.Lines(place.Train(place["b.network"], "--from", "None"));
        Assert.IsFalse(lines.Any(line => line.Contains("--from", StringComparison.Ordinal)), string.Join("\n", lines));
        CollectionAssert.AreEqual(File.ReadAllBytes(place["a.network"]), File.ReadAllBytes(place["b.network"]));
        Assert.IsFalse(CommandRun.Lines(place.Train(place["c.network"], "--transfer", place["a.network"])).Any(line => line.Contains("--from", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void None_GoesWithWhatANewNetworkNeeds()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["a.network"], "--from", "none", "--precision", "float"));
        CommandRun.Lines(place.Train(place["b.network"], "--from", "none", "--transfer", place["a.network"]));
        Assert.AreEqual("a.network", DenseNetwork.Load(place["b.network"]).Provenance["transfer"]);
    }

    /// <summary>A checkpoint goes on from the network that the run started from, which must be there then.</summary>
    [TestMethod]
    public void ARunThatIsEndedEarly_LeavesTheModelThatItWouldReplace_AndGoesOn()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        byte[] start = File.ReadAllBytes(model);
        CommandRun.Lines(Train(place, model, "--steps", "40"));

        using CancellationTokenSource interruption = new();
        using ActingWriter output = new("step 20/40", interruption.Cancel);
        TrainingOptions usual = TrainCommand.Defaults;
        TrainingJob job = new()
        {
            Task = new SegmentationTask(),
            Images = place.Images,
            Masks = place.Masks,
            Out = model,
            From = model,
            Preset = NetworkPreset.Small,
            Precision = Precision.Binary,
            Budget = TrainingBudget.OfSteps(40),
            Training = usual with { BatchSize = 2 },
            Scale = new(usual.Augmentation.MinScale, usual.Augmentation.MaxScale),
        };
        Assert.AreEqual(CommandLineTool.Interrupted, new SingleTaskRunner(job, new(output, TextWriter.Null, null)).Run(interruption.Token));
        CollectionAssert.AreEqual(start, File.ReadAllBytes(model));
        StringAssert.Contains(output.ToString(), $"{model} is what it was");
        Assert.DoesNotContain("Wrote", output.ToString());

        string[] resumed = [.. Train(place, model, "--steps", "40", "--resume", $"{model}.checkpoint")];
        resumed[Array.IndexOf(resumed, "--out") + 1] = model;
        CommandRun.Lines(resumed);
        CollectionAssert.AreEqual(File.ReadAllBytes(place["a.network"]), File.ReadAllBytes(model));
    }

    [TestMethod]
    public void WhatContradictsTheModel_IsRefused()
    {
        using Workplace place = new();
        string source = place.SegmentationModel();
        CommandRun.Fails(CommandLineTool.Usage, Train(place, source, "--preset", "tiny"), "--preset", "--from");
        CommandRun.Fails(CommandLineTool.Usage, Train(place, source, "--precision", "float"), "--precision", "--from");
        CommandRun.Fails(CommandLineTool.Failure, Train(place, "nothing"), "nothing", "RoadScene, Road, Saliency, Nuclei, Words");
        Assert.IsFalse(File.Exists(place["a.network"]));
    }

    private static string[] Train(Workplace place, string from, params string[] more)
    {
        string[] budget = more.Contains("--steps") ? [] : ["--steps", "2"];
        return
        [
            "train", "--task", "segmentation", "--from", from, "--images", place.Images, "--masks", place.Masks, "--batch", "2", "--out", place["a.network"],
            .. budget, .. more,
        ];
    }
}
