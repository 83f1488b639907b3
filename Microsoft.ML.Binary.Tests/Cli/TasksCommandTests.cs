using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary train --tasks</c>, and what other commands make of the network.</summary>
[TestClass]
public sealed class TasksCommandTests
{
    private const string Usual = """
        [
          {"name": "classes", "kind": "segmentation", "masks": "masks", "classes": "3"},
          {"name": "edges", "kind": "edges", "from": "classes", "width": 1, "weight": 5}, // from the same masks
          {"name": "object", "kind": "saliency", "masks": "objects", "weight": 0.5, "sharpness": "2"},
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
        Assert.AreEqual("Uncertainty", network.Provenance["taskWeighting"]);
        StringAssert.Matches(network.Provenance["taskFactors"], new(@"^classes [\d.]+, edges [\d.]+, object [\d.]+$"));

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
            CollectionAssert.AreEqual(MaskReader.ReadGray(path).Values, MaskReader.ReadGray(Path.Combine(place["tiles"], Path.GetRelativePath(place["whole"], path))).Values, path);
        }

        string text = string.Join('\n', CommandRun.Lines("inspect", "--model", place["street.mlbn"]));
        StringAssert.Contains(text, "head 'classes': segmentation, 3 classes");
        GraphCost cost = CostModel.Measure(network.Graph, 360, 480);
        GraphCost own = network.CostOf(network.Head("edges"), cost);
        Assert.IsTrue(own.Macs.Total > 0 && own.Macs.Total < 0.2 * cost.Macs.Total);
        StringAssert.Contains(text, FormattableString.Invariant($"head 'edges': edges; of its own {own.Macs.Binary:N0} binary"));
    }

    [TestMethod]
    public void WeightsMayBeTakenAsTheyAre()
    {
        using Workplace place = new();
        CommandRun.Lines(Train(place, Usual, "--weights", "fixed"));
        DenseNetwork network = DenseNetwork.Load(place["street.mlbn"]);
        Assert.AreEqual("Fixed", network.Provenance["taskWeighting"]);
        Assert.AreEqual("classes 1, edges 5, object 0.5", network.Provenance["taskFactors"]);
        StringAssert.Contains(CommandRun.Of(Train(place, Usual, "--weights", "guess")).Error, "--weights");
        StringAssert.Contains(
            CommandRun.Of(["train", "--task", "saliency", "--images", place.Images, "--masks", place.Objects, "--weights", "fixed", "--out", place["a.mlbn"]]).Error, "--weights belongs to --tasks");
    }

    [TestMethod]
    public void ATrainedNetworkOfOneTaskIsTheStartOfSeveral()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["classes.mlbn"]));
        string[] lines = CommandRun.Lines(Train(place, Usual, "--transfer", place["classes.mlbn"], "--learning-rate", "1e-9"));
        StringAssert.Matches(lines[0], new(@"^\d+ tensors from .*classes\.mlbn, \d+ new\.$"));
        DenseNetwork source = DenseNetwork.Load(place["classes.mlbn"]), several = DenseNetwork.Load(place["street.mlbn"]);
        Assert.AreEqual("classes.mlbn", several.Provenance["transfer"]);
        CollectionAssert.AreEqual(new[] { "classes", "edges", "object" }, several.Heads.Select(head => head.Name).ToArray());
        Assert.IsTrue(Signs(source).SequenceEqual(Signs(several)), "nothing moves at such a learning rate");

        static ReadOnlySpan<byte> Signs(DenseNetwork network) => network.Graph.Nodes.OfType<PackedBinaryConvolution>().Single(n => n.Name == "stride16.1/convolution").Weight.Bits;
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
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "objects", "width": 1}]""", "task 'a': saliency has no option 'width'; it has 'sharpness', 'softF'.")]
    [DataRow("[null]", "entry 1 is null, or its 'name' or 'kind' is")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "objects"}, {"name": null, "kind": "saliency", "masks": "objects"}]""", "entry 2 is null, or its 'name' or 'kind' is")]
    [DataRow("""[{"name": "a", "kind": null, "masks": "objects"}]""", "entry 1 is null, or its 'name' or 'kind' is")]
    [DataRow("""[{"name": "a", "kind": "segmentation", "masks": "masks", "classes": true}]""", "It must be a number or a text")]
    [DataRow("""[{"name": "a", "kind": "edges", "masks": "objects", "width": 1}]""", "task 'a' has 'width', which widens lines that are derived")]
    [DataRow("""[{"name": "a", "kind": "edges", "masks": "objects", "width": 9}]""", "task 'a': 'width' is 9; it must be an integer from 0 to 8.")]
    [DataRow("""[{"name": "a", "kind": "edges", "masks": "objects", "width": "wide"}]""", "task 'a': 'width' is \"wide\"; it must be a number.")]
    [DataRow("""[{"name": "a", "kind": "segmentation", "masks": "masks"}, {"name": "b", "kind": "saliency", "from": "a"}]""", "saliency cannot be derived from another task's masks")]
    [DataRow("""[{"name": "a", "kind": "saliency", "masks": "nowhere"}]""", "nowhere")]
    public void WhatIsWrongInTheFile_IsNamed(string tasks, string part)
    {
        using Workplace place = new();
        StringAssert.Contains(CommandRun.Of(Train(place, tasks)).Error, part);
        Assert.IsFalse(File.Exists(place["street.mlbn"]));
    }

    [TestMethod]
    public void AFileMayHaveAByteOrderMark_AndClassesAsANumber()
    {
        using Workplace place = new();
        CommandRun.Lines(Train(place, "\uFEFF" + """[{"name": "classes", "kind": "segmentation", "masks": "masks", "classes": 3}]"""));
        Assert.HasCount(3, DenseNetwork.Load(place["street.mlbn"]).ClassNames);
    }

    [TestMethod]
    public void ASecondFile_MayWriteNamesInAnotherCase_AndHasTheClassesInTheirOrder()
    {
        using Workplace place = new();
        File.WriteAllText(place["street.classes"], "sky\nroad\ncar\n");
        string tasks = Usual.Replace("\"3\"", "\"street.classes\"", StringComparison.Ordinal);
        CommandRun.Lines(Train(place, tasks, "--val-images", place.Images));
        string[] evaluate = ["evaluate", "--tasks", place["val.json"], "--model", place["street.mlbn"], "--images", place.Images];
        File.WriteAllText(place["val.json"], tasks.Replace("\"classes\", \"kind\"", "\"Classes\", \"kind\"", StringComparison.Ordinal));
        StringAssert.Contains(string.Join('\n', CommandRun.Lines(evaluate)), "ODS F");
        CommandRun.Lines(Train(place, tasks, "--val-images", place.Images, "--val-tasks", place["val.json"]));

        MultiTaskNetwork.Build(
            NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 1),
            [new("object", DenseTask.Saliency), new("CLASSES", DenseTask.Segmentation, ["sky", "road", "car"])]).Freeze().Save(place["single.mlbn"]);
        File.WriteAllText(place["val.json"], """[{"name": "Classes", "kind": "segmentation", "masks": "masks"}]""");
        StringAssert.Contains(string.Join('\n', CommandRun.Lines([.. evaluate, "--single", $"classes={place["single.mlbn"]}"])), "alone");
        DenseNetwork single = DenseNetwork.Load(place["single.mlbn"]);
        new DenseNetwork(single.Graph, [single.Heads[0], new("CLASSES", DenseTask.Segmentation, ["sky", "car", "road"])], single.Provenance, single.WorkingSize).Save(place["single.mlbn"]);
        CommandRun.Fails(1, [.. evaluate, "--single", $"classes={place["single.mlbn"]}"], "single.mlbn cannot be compared with task 'classes'", "its class 1 is 'car', not 'road'");

        File.WriteAllText(place["other.classes"], "sky\ncar\nroad\n");
        File.WriteAllText(place["val.json"], tasks.Replace("street.classes", "other.classes", StringComparison.Ordinal));
        CommandRun.Fails(1, evaluate, "val.json", "task 'classes' must have the classes that the network has", "its class 1 is 'car', not 'road'", "other.classes");
        CommandRun.Fails(
            1, Train(place, tasks, "--val-images", place.Images, "--val-tasks", place["val.json"]), "val.json", "the classes that the network is trained on", "its class 1 is 'car', not 'road'");
    }

    [TestMethod]
    public void ClassesInAnotherOrder_KeepTheirLogits()
    {
        using Workplace place = new();
        File.WriteAllText(place["street.classes"], "sky\nroad\ncar\n");
        string tasks = Usual.Replace("\"3\"", "\"street.classes\"", StringComparison.Ordinal);
        CommandRun.Lines(Train(place, tasks));
        File.Move(place["street.mlbn"], place["first.mlbn"]);
        File.WriteAllText(place["street.classes"], "car\nsky\nroad\n");
        CommandRun.Lines(Train(place, tasks, "--transfer", place["first.mlbn"], "--learning-rate", "1e-9"));
        float[][] before = Rows("first.mlbn"), after = Rows("street.mlbn");
        int[] places = [2, 0, 1];
        Assert.AreNotEqual(before[0][0], before[2][0], "classes differ");
        for (int row = 0; row < places.Length; row++)
        {
            for (int i = 0; i < after[row].Length; i++)
            {
                Assert.AreEqual(before[places[row]][i], after[row][i], 1e-4f, "nothing moves at such a learning rate");
            }
        }

        float[][] Rows(string model)
        {
            float[] weights = DenseNetwork.Load(place[model]).Graph.Parameters.Single(parameter => parameter.Name == "head.classes/classifier.weight").Values;
            return [.. weights.Chunk(weights.Length / 3)];
        }
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

    [TestMethod]
    public void AModelZipHoldsEveryHead_AndValidationShowsTheFirstOnesFigure()
    {
        using Workplace place = new();
        string[] train = Train(place, Usual, "--val-images", place.Images, "--val-tasks", place["tasks.json"], "--threads", "1");
        train[Array.IndexOf(train, "--out") + 1] = place["street.zip"];
        StringAssert.Contains(string.Join('\n', CommandRun.Lines(train)), "validation mIoU");

        MLContext ml = new();
        MultiTaskTransformer model = ml.MultiTask.FromTransformer(ml.Model.Load(place["street.zip"], out _));
        CollectionAssert.AreEqual(new[] { "classes", "edges", "object" }, model.Network.Heads.Select(head => head.Name).ToArray());
        CommandRun.Lines("score", "--model", place["street.zip"], "--images", place.Images, "--out", place["maps"]);
        Assert.IsTrue(File.Exists(Path.Combine(place["maps"], "edges", "001.png")));
    }

    [TestMethod]
    public void ValidationWithoutTheFirstTask_IsRefusedBeforeTraining()
    {
        using Workplace place = new();
        File.WriteAllText(place["val.json"], """[{"name": "object", "kind": "saliency", "masks": "objects"}]""");
        CommandRun.Fails(1, Train(place, Usual, "--val-images", place.Images, "--val-tasks", place["val.json"]), "val.json", "there is no task 'classes'");
        Assert.IsFalse(Path.Exists(place["street.mlbn"]) || Path.Exists(place["street.mlbn.checkpoint"]));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void AValidationThatFailsAfterTraining_LeavesTheModel(bool several)
    {
        using Workplace place = new(), validation = new();
        string[] train = several
            ? Train(place, Usual, "--val-images", validation.Images)
            : place.Train(place["street.mlbn"], "--val-images", validation.Images, "--val-masks", validation.Masks);

        // The first line comes when all has been checked.
        using ActingWriter output = new("batch 2", () => File.Delete(validation.Image(1)));
        CommandRun run = CommandRun.Of(output, train);
        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Error, validation.Image(1));
        StringAssert.Contains(run.Error, $"the model is in {place["street.mlbn"]}");
        Assert.IsTrue(DenseNetwork.Load(place["street.mlbn"]).Graph.IsFrozen);
    }

    [TestMethod]
    public void EdgesAloneAreLearnedFromMasksOfTheirOwn()
    {
        using Workplace place = new();
        string[] train = Train(place, """[{"name": "edges", "kind": "edges", "masks": "objects"}]""");
        train[Array.IndexOf(train, "--out") + 1] = place["edges.zip"];
        CommandRun.Lines(train);
        Assert.AreEqual(DenseTask.Edges, ModelFile.LoadNetwork(place["edges.zip"]).Task);
        StringAssert.Contains(
            CommandRun.Of(["train", "--task", "edges", "--images", place.Images, "--masks", place.Objects, "--out", place["a.mlbn"]]).Error, "list them in a file for --tasks");
    }

    [TestMethod]
    public void EvaluateMeasuresEveryTask_AndWhatSharingGains()
    {
        using Workplace place = new();
        CommandRun.Lines(Train(place, Usual));
        DenseNetwork network = DenseNetwork.Load(place["street.mlbn"]);
        foreach (TaskHead head in network.Heads)
        {
            network.Alone(head).Save(place[$"{head.Name}.mlbn"]);
        }

        string[] evaluate = ["evaluate", "--tasks", place["tasks.json"], "--model", place["street.mlbn"], "--images", place.Images, "--json", place["out.json"], "--html", place["out.html"]];
        string[] singles = ["--single", $"classes={place["classes.mlbn"]}", "--single", $"object={place["street.mlbn"]}"];
        StringAssert.Contains(string.Join('\n', CommandRun.Lines(evaluate)), "ODS F");
        string html = File.ReadAllText(place["out.html"]);
        StringAssert.Contains(html, "edges, predicted");
        JsonElement edges = JsonDocument.Parse(File.ReadAllText(place["out.json"])).RootElement.GetProperty("edges");
        Assert.AreEqual(3, edges.GetProperty("imageCount").GetInt32());

        // Edges of two steps find nothing in so small images, to which nothing can be related.
        File.WriteAllText(place["tasks.json"], """[{"name": "object", "kind": "saliency", "masks": "objects"}, {"name": "classes", "kind": "segmentation", "masks": "masks"}]""");
        string text = string.Join('\n', CommandRun.Lines([.. evaluate, .. singles]));
        StringAssert.Contains(text, "Delta_m 0.00 %");
        JsonElement json = JsonDocument.Parse(File.ReadAllText(place["out.json"])).RootElement;
        string[] classes = ["evaluate", "--model", place["street.mlbn"], "--images", place.Images, "--masks", place.Masks, "--json", place["classes.json"]];
        CommandRun.Lines(classes);
        Assert.AreEqual(
            JsonDocument.Parse(File.ReadAllText(place["classes.json"])).RootElement.GetProperty("meanIoU").GetDouble(), json.GetProperty("classes").GetProperty("meanIoU").GetDouble());
        CommandRun.Lines("evaluate", "--model", place["object.mlbn"], "--images", place.Images, "--masks", place.Objects, "--json", place["object.json"]);
        Assert.AreEqual(
            JsonDocument.Parse(File.ReadAllText(place["object.json"])).RootElement.GetProperty("maxF").GetDouble(), json.GetProperty("object").GetProperty("maxF").GetDouble(), 0.01,
            "of probabilities here, of gray values there");
        Assert.AreEqual(0, json.GetProperty("gainPercent").GetDouble());
        StringAssert.Contains(File.ReadAllText(place["out.html"]), "Delta_m");

        AssertRefused("--single names no model of task 'edges'", [.. evaluate, .. singles]);
        AssertRefused("there are 'classes', 'edges', 'object'", [.. evaluate, "--single", $"depth={place["edges.mlbn"]}"]);
        AssertRefused("task 'classes' is one of segmentation with 3 classes, and this is a network for edges", [.. evaluate, "--single", $"classes={place["edges.mlbn"]}"]);
        AssertRefused("'depth' of saliency, and the network has", evaluate, """[{"name": "depth", "kind": "saliency", "masks": "objects"}]""");
        AssertRefused("--single belongs to --tasks", [.. classes, "--single", "a=b"]);
        AssertRefused("--single names the task 'classes' twice", [.. evaluate, "--single", "classes=b", "--single", "classes=c"]);
        AssertRefused("--single names the task 'classes' twice", [.. evaluate, "--single", "classes=b", "--single", "Classes=c"]);
        AssertRefused("--masks is for one task", [.. evaluate, "--masks", place.Masks]);
        AssertRefused("--csv is for one task", [.. evaluate, "--csv", place["out.csv"]]);
        AssertRefused("--count is for one task", [.. evaluate, "--count", "1"]);
        AssertRefused("--contour is for one task", [.. evaluate, "--contour", "2"]);
        AssertRefused("--min-area is for one task", [.. evaluate, "--min-area", "5"]);
        AssertRefused("--keep-necks is for one task", [.. evaluate, "--keep-necks"]);
        AssertRefused("'--masks' is required (or --tasks", ["evaluate", "--model", place["street.mlbn"], "--images", place.Images]);

        void AssertRefused(string part, string[] command, string tasks = Usual)
        {
            File.WriteAllText(place["tasks.json"], tasks);
            StringAssert.Contains(CommandRun.Of(command).Error, part);
        }
    }

    [TestMethod]
    public void ATeacherWithOtherHeads_IsNamed()
    {
        using Workplace place = new();
        CommandRun.Lines(Train(place, Usual[..Usual.LastIndexOf("{\"name\"", StringComparison.Ordinal)] + "]", "--precision", "float"));
        File.Move(place["street.mlbn"], place["twin.mlbn"]);
        StringAssert.Contains(
            CommandRun.Of(Train(place, Usual, "--feature-teacher", place["twin.mlbn"])).Error,
            "must have the heads of what is trained, 'classes' (segmentation, 3 classes), 'edges' (edges), 'object' (saliency), and this network has 'classes' (segmentation, 3 classes), 'edges' (edges).");
    }

    private static string[] Train(Workplace place, string tasks, params string[] more)
    {
        File.WriteAllText(place["tasks.json"], tasks);
        return ["train", "--tasks", place["tasks.json"], "--images", place.Images, "--preset", "tiny", "--batch", "2", "--steps", "2", "--out", place["street.mlbn"], .. more];
    }
}
