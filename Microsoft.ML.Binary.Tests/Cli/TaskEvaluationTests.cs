using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary evaluate --tasks --single</c>: a network of several tasks beside those of one task each.</summary>
[TestClass]
public sealed class TaskEvaluationTests
{
    [TestMethod]
    public void WhatCannotBeMeasured_IsLeftOutOfTheSinglesToo()
    {
        using Workplace place = new();
        string[] evaluate = Evaluate(place);
        File.WriteAllText(place.Image(0), "no image");
        CommandRun run = CommandRun.Of([.. evaluate, "--html", place["out.html"]]);
        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Error, "1 of 3 images could not be evaluated");
        StringAssert.Contains(run.Output, "Delta_m 0.00 %");
        JsonElement json = JsonDocument.Parse(File.ReadAllText(place["out.json"])).RootElement;
        Assert.AreEqual(2, json.GetProperty("classes").GetProperty("imageCount").GetInt32());
        Assert.HasCount(1, json.GetProperty("failures").EnumerateArray());
        StringAssert.Contains(File.ReadAllText(place["out.html"]), "Delta_m", "the report shows other images");
        CommandRun.Fails(1, [.. evaluate, "--fail-fast"], "000.png");
    }

    [TestMethod]
    public void TheReport_HasTheColoursOfTheNetwork()
    {
        using Workplace place = new();
        string[] evaluate = Evaluate(place);
        DenseNetwork network = DenseNetwork.Load(place["street.mlbn"]);
        TaskHead classes = network.Heads[0], colored = new(classes.Name, classes.Task, classes.ClassNames, ["#010203", "#040506", "#070809"]);
        new DenseNetwork(network.Graph, [colored, network.Heads[1]], network.Provenance, network.WorkingSize, network.Exposure).Save(place["street.mlbn"]);
        CommandRun.Lines("evaluate", "--tasks", place["tasks.json"], "--model", place["street.mlbn"], "--images", place.Images, "--html", place["out.html"]);
        StringAssert.Contains(File.ReadAllText(place["out.html"]), "background:#040506");
    }

    [TestMethod]
    public void OnATerminal_FiguresComeAfterTheBar_WhichWouldBeDrawnOverThem()
    {
        using Workplace place = new();
        using LiveScreen screen = new();
        Assert.AreEqual(0, CommandRun.On(screen.Terminal, Evaluate(place)));
        StringAssert.Contains(screen.AfterTheLastCommand, "mean IoU");
        StringAssert.Contains(screen.AfterTheLastCommand, "Delta_m 0.00 %");
    }

    [TestMethod]
    public void WhatOnlyASingleFailsOn_IsLeftOutOfAll()
    {
        // As many as it takes for progress to be shown; the first image goes when the joint network is done with it.
        using Workplace place = new(images: 100);
        string[] evaluate = Evaluate(place);
        using ActingWriter output = new("evaluated 90 of 100", () => File.Delete(place.Image(0)));
        CommandRun run = CommandRun.Of(output, evaluate);
        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Error, "1 of 100 images could not be evaluated");
        StringAssert.Contains(run.Output, "Delta_m 0.00 %");
        Assert.AreEqual(99, JsonDocument.Parse(File.ReadAllText(place["out.json"])).RootElement.GetProperty("classes").GetProperty("imageCount").GetInt32());
    }

    [TestMethod]
    public void SinglesAreSeenAsWasAskedFor_AndElseAsTheyWereSaved()
    {
        using Workplace place = new();
        string[] evaluate = Evaluate(place);
        StringAssert.Contains(string.Join('\n', CommandRun.Lines([.. evaluate, "--mirror", "--scales", "0.5,1.5", "--working-size", "24"])), "Delta_m 0.00 %");

        MLContext ml = new();
        DenseNetwork network = DenseNetwork.Load(place["street.mlbn"]);
        ml.Model.Save(ml.Segmentation.FromNetwork(network.Alone(network.Heads[0]), new() { Views = ViewOptions.At(20) }), null, place["classes.zip"]);
        CommandRun.Lines("evaluate", "--model", place["classes.zip"], "--images", place.Images, "--masks", place.Masks, "--json", place["classes.json"]);
        double saved = JsonDocument.Parse(File.ReadAllText(place["classes.json"])).RootElement.GetProperty("meanIoU").GetDouble();
        evaluate[Array.IndexOf(evaluate, "--single") + 1] = $"classes={place["classes.zip"]}";
        CommandRun.Lines(evaluate);
        JsonElement json = JsonDocument.Parse(File.ReadAllText(place["out.json"])).RootElement;
        Assert.AreEqual(saved, json.GetProperty("single").GetProperty("classes").GetDouble());
        Assert.AreNotEqual(saved, json.GetProperty("classes").GetProperty("meanIoU").GetDouble());
    }

    [TestMethod]
    public void AViewThatASingleDoesNotHave_NamesItBeforeTheWork()
    {
        using Workplace place = new();
        string[] evaluate = Evaluate(place);
        CommandRun.Lines(place.Train(place["classes.mlbn"], "--network", "heads=0"));
        evaluate[Array.IndexOf(evaluate, "--single") + 1] = $"classes={place["classes.mlbn"]}";
        CommandRun.Fails(1, [.. evaluate, "--attention-reduction", "2"], "classes.mlbn: The reduction of attention is 2, and the network has no attention");
    }

    [TestMethod]
    public void ATaskWithTheNameOfAnotherField_IsNotWrittenAsJson()
    {
        using Workplace place = new();
        File.WriteAllText(place["tasks.json"], """[{"name": "failures", "kind": "saliency", "masks": "objects"}]""");
        CommandRun.Lines("train", "--tasks", place["tasks.json"], "--images", place.Images, "--preset", "tiny", "--batch", "2", "--steps", "1", "--out", place["one.mlbn"]);
        string[] evaluate = ["evaluate", "--tasks", place["tasks.json"], "--model", place["one.mlbn"], "--images", place.Images];
        CommandRun.Lines(evaluate);
        CommandRun.Fails(1, [.. evaluate, "--json", place["out.json"]], "tasks.json", "the task 'failures' is that of another field");
    }

    /// <summary>A command that measures a network of two tasks, and its heads as the networks of one task each.</summary>
    private static string[] Evaluate(Workplace place)
    {
        File.WriteAllText(
            place["tasks.json"], """[{"name": "classes", "kind": "segmentation", "masks": "masks", "classes": "3"}, {"name": "object", "kind": "saliency", "masks": "objects"}]""");
        CommandRun.Lines("train", "--tasks", place["tasks.json"], "--images", place.Images, "--preset", "tiny", "--batch", "2", "--steps", "2", "--out", place["street.mlbn"]);
        return
        [
            "evaluate", "--tasks", place["tasks.json"], "--model", place["street.mlbn"], "--images", place.Images, "--json", place["out.json"],
            "--single", $"classes={place["street.mlbn"]}", "--single", $"object={place["street.mlbn"]}",
        ];
    }
}
