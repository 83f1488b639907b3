using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary train --tasks</c>, and what other commands make of the network.</summary>
[TestClass]
public sealed class TasksCommandTests
{
    private const string Usual = """
        [
          {"name": "classes", "kind": "segmentation", "masks": "masks", "classes": "3"},
          {"name": "edges", "kind": "edges", "from": "classes", "width": 1, "weight": 5}, // from the same masks
          {"name": "object", "kind": "saliency", "masks": "objects", "weight": 0.5},
        ]
        """;

    [TestMethod]
    public void Train_WritesEveryHead_ScoreWritesAFolderForEach_InspectTellsTheirCost()
    {
        using Workplace place = new();
        CommandRun.Lines(Train(place, Usual));
        DenseNetwork network = DenseNetwork.Load(place["street.mlbn"]);
        CollectionAssert.AreEqual(new[] { "classes", "edges", "object" }, network.Heads.Select(head => head.Name).ToArray());
        Assert.IsTrue(network.Graph.IsFrozen);
        StringAssert.Contains(network.Provenance["taskWeights"], "edges 5");

        CommandRun.Lines("score", "--model", place["street.mlbn"], "--images", place.Images, "--out", place["maps"], "--overlay");
        using CompiledNetwork compiled = CompiledNetwork.Compile(network);
        byte[] labels = new byte[Workplace.Width * Workplace.Height];
        float[] edges = new float[labels.Length];
        compiled.PredictTasks(RgbImage.Load(place.Image(1)), [TaskOutput.Labels("classes", labels), TaskOutput.Probabilities("edges", edges)]);
        CollectionAssert.AreEqual(labels, MaskReader.ReadClassIndices(Path.Combine(place["maps"], "classes", "001.png")).Labels);
        CollectionAssert.AreEqual(
            SaliencyMask.FromProbabilities(Workplace.Width, Workplace.Height, edges).Values, MaskReader.ReadGray(Path.Combine(place["maps"], "edges", "001.png")).Values);
        Assert.HasCount(6, Directory.GetFiles(Path.Combine(place["maps"], "object")));

        CommandRun.Lines("score", "--model", place["street.mlbn"], "--images", place.Images, "--out", place["tiles"], "--tile", "auto");
        CommandRun.Lines("score", "--model", place["street.mlbn"], "--images", place.Images, "--out", place["whole"], "--working-size", "own");
        string[] whole = Directory.GetFiles(place["whole"], "*.png", SearchOption.AllDirectories);
        Assert.HasCount(9, whole);
        foreach (string path in whole)
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(place["tiles"], Path.GetRelativePath(place["whole"], path))), path);
        }

        string text = string.Join('\n', CommandRun.Lines("inspect", "--model", place["street.mlbn"]));
        StringAssert.Contains(text, "head 'classes': segmentation, 3 classes");
        GraphCost cost = CostModel.Measure(network.Graph, 360, 480);
        GraphCost own = network.CostOf(network.Head("edges"), cost);
        Assert.IsTrue(own.Macs.Total > 0 && own.Macs.Total < 0.2 * cost.Macs.Total);
        StringAssert.Contains(text, FormattableString.Invariant($"head 'edges': edges; of its own {own.Macs.Binary:N0} binary"));
    }

    [TestMethod]
    public void TheTwinTeachesItsFeatures()
    {
        using Workplace place = new();
        CommandRun.Lines(Train(place, Usual, "--precision", "float", "--decoders", "full"));
        File.Move(place["street.mlbn"], place["twin.mlbn"]);
        CommandRun.Lines(Train(place, Usual, "--feature-teacher", place["twin.mlbn"], "--bottleneck", "diagonal", "--decoders", "full"));
        Assert.AreEqual("twin.mlbn", DenseNetwork.Load(place["street.mlbn"]).Provenance["featureTeacher"]);
    }

    [TestMethod]
    [DataRow("{}", "no list of tasks")]
    [DataRow("[]", "it lists no task")]
    [DataRow("""[{"name": "a", "kind": "depth", "masks": "masks"}]""", "'depth'; it must be one of segmentation, saliency, edges")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "objects", "wieght": 2}]""", "wieght")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "objects"}, {"name": "A", "kind": "edges", "from": "a"}]""", "two tasks are named 'a'")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "objects", "weight": 0}]""", "the weight of task 'a' is 0")]
    [DataRow("""[{"name": "a", "kind": "saliency"}]""", "task 'a' needs either 'masks'")]
    [DataRow("""[{"name": "a", "kind": "edges", "from": "b"}]""", "'from' of task 'a' is 'b'")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "objects", "classes": "3"}]""", "saliency has none")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "nowhere"}]""", "nowhere")]
    public void WhatIsWrongInTheFile_IsNamed(string tasks, string part)
    {
        using Workplace place = new();
        StringAssert.Contains(CommandRun.Of(Train(place, tasks)).Error, part);
        Assert.IsFalse(File.Exists(place["street.mlbn"]));
    }

    [TestMethod]
    public void AMaskThatIsMissing_IsNamed()
    {
        using Workplace place = new();
        File.Delete(Path.Combine(place.Objects, "001.png"));
        string error = CommandRun.Of(Train(place, Usual)).Error;
        StringAssert.Contains(error, "'object'");
        StringAssert.Contains(error, "001.png");
    }

    private static string[] Train(Workplace place, string tasks, params string[] more)
    {
        File.WriteAllText(place["tasks.json"], tasks);
        return ["train", "--tasks", place["tasks.json"], "--images", place.Images, "--preset", "tiny", "--batch", "2", "--steps", "2", "--out", place["street.mlbn"], .. more];
    }
}
