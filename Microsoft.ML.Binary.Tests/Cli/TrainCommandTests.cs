using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class TrainCommandTests
{
    [TestMethod]
    public void Train_WritesAFrozenNetworkAndLeavesNoCheckpoint()
    {
        using Workplace place = new();
        string[] before = place.Everything();
        CommandRun.Lines(place.Train(place["a.network"]));
        DenseNetwork network = DenseNetwork.Load(place["a.network"]);
        Assert.IsTrue(network.Graph.IsFrozen);
        Assert.AreEqual(DenseTask.Segmentation, network.Task);
        CollectionAssert.AreEqual(new[] { "class 0", "class 1", "class 2" }, network.ClassNames.ToArray(), "as many classes as the masks use");
        Assert.AreEqual("2", network.Provenance["steps"]);
        CollectionAssert.AreEqual(before.Append("a.network").Order(StringComparer.Ordinal).ToArray(), place.Everything());
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task Train_SaysWhatASignalDoes_AndWritesTheModel()
    {
        using Workplace place = new();
        using Process process = CommandRun.Start(place.Train(place["a.network"], "--minutes", "2"));
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync();
        }
        while (line?.StartsWith("step ", StringComparison.Ordinal) == false);
        Assert.IsNotNull(line);
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(CommandLineTool.Interrupted, process.ExitCode, await error);
        StringAssert.StartsWith(await error, "mlbinary: ending as soon as the step under way is done; ");
        StringAssert.Contains(await output, "Stopped early. The model is usable as it is");
        Assert.IsTrue(File.Exists(place["a.network"]));
    }

    [TestMethod]
    public void Train_WithAnyNumberOfThreads_WritesTheSameFile()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["one.network"], "--threads", "1"));
        CommandRun.Lines(place.Train(place["three.network"], "--threads", "3"));
        CollectionAssert.AreEqual(File.ReadAllBytes(place["one.network"]), File.ReadAllBytes(place["three.network"]));
    }

    [TestMethod]
    public void Train_Resumed_WritesTheFileOfAnUninterruptedRun()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["whole.network"], "--steps", "4"));

        // The first half of the same run.
        place.TrainTo(place["half.checkpoint"], steps: 4, end: 2);
        CommandRun.Lines(place.Train(place["resumed.network"], "--steps", "4", "--resume", place["half.checkpoint"]));
        CollectionAssert.AreEqual(File.ReadAllBytes(place["whole.network"]), File.ReadAllBytes(place["resumed.network"]));
        Assert.IsTrue(File.Exists(place["half.checkpoint"]), "what the user named stays");
    }

    [TestMethod]
    public void Train_StartsFromTheCheckpointOfAnotherRun()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["first.network"], "--keep-checkpoint"));
        string checkpoint = place["first.network.checkpoint"];
        CommandRun.Lines(place.Train(place["next.network"], "--restart", checkpoint, "--photometric", "0", "--crop", "16x16"));
        DenseNetwork next = DenseNetwork.Load(place["next.network"]);
        Assert.AreEqual(("first.network.checkpoint", "0"), (next.Provenance["restart"], next.Provenance["photometric"]));
        Assert.IsFalse(File.Exists(place["next.network.checkpoint"]));
        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["first.network"], "--restart", checkpoint), "--restart is ", "where this run writes its own checkpoints");
        Assert.IsTrue(File.Exists(checkpoint));
        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["a.network"], "--restart", place["none"]), "there is no such checkpoint. Leave --restart out");
        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["a.network"], "--photometric", "3"), "photometric strength is 3; it must be from 0 to 2");
    }

    [TestMethod]
    public void Train_ForSaliencyByTheFMeasure_LearnsSomethingElseAndSaysSo()
    {
        using Workplace place = new();
        CommandRun.Lines(place.TrainSaliency(place["overlap.network"]));
        CommandRun.Lines(place.TrainSaliency(place["f.network"], "--soft-f", "0.3"));
        DenseNetwork overlap = DenseNetwork.Load(place["overlap.network"]), f = DenseNetwork.Load(place["f.network"]);
        Assert.IsFalse(overlap.Provenance.ContainsKey("softF"));
        Assert.AreEqual("0.3", f.Provenance["softF"]);
        Assert.IsFalse(overlap.Graph.Parameters.Zip(f.Graph.Parameters).All(pair => pair.First.Values.SequenceEqual(pair.Second.Values)));
    }

    [TestMethod]
    public void Train_WithATeacher_LearnsSomethingElseAndSaysSo()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["twin.network"], "--precision", "float"));
        CommandRun.Lines(place.Train(place["alone.network"]));
        CommandRun.Lines(place.Train(place["taught.network"], "--teacher", place["twin.network"], "--distillation-weight", "0.75"));
        Assert.AreEqual("none", DenseNetwork.Load(place["alone.network"]).Provenance["teacher"]);
        Assert.AreEqual("twin.network, share 0.75", DenseNetwork.Load(place["taught.network"]).Provenance["teacher"]);
        CollectionAssert.AreNotEqual(File.ReadAllBytes(place["alone.network"]), File.ReadAllBytes(place["taught.network"]));

        // The option's earlier name.
        CommandRun.Lines(place.Train(place["again.network"], "--teacher", place["twin.network"], "--teacher-share", "0.75"));
        CollectionAssert.AreEqual(File.ReadAllBytes(place["taught.network"]), File.ReadAllBytes(place["again.network"]));
    }

    [TestMethod]
    public void Train_WithAnotherWeightOfSoftIoU_LearnsSomethingElseAndSaysSo()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["usual.network"]));
        CommandRun.Lines(place.Train(place["entropy.network"], "--soft-iou", "0"));
        DenseNetwork usual = DenseNetwork.Load(place["usual.network"]), entropy = DenseNetwork.Load(place["entropy.network"]);
        Assert.IsFalse(usual.Provenance.ContainsKey("softIoU"));
        Assert.AreEqual("0", entropy.Provenance["softIoU"]);
        Assert.IsFalse(usual.Graph.Parameters.Zip(entropy.Graph.Parameters).All(pair => pair.First.Values.SequenceEqual(pair.Second.Values)));
    }

    [TestMethod]
    public void Train_ToAZip_WritesAModelThatMlNetLoads()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["a.network"]));
        CommandRun.Lines(place.Train(place["a.zip"]));
        MLContext ml = new();
        SegmentationTransformer loaded = ml.Segmentation.FromTransformer(ml.Model.Load(place["a.zip"], out _));
        CollectionAssert.AreEqual(File.ReadAllBytes(place["a.network"]), loaded.Network.ToBytes());
    }

    [TestMethod]
    public void Train_TakesNamesAndColorsOfClassesFromAFile()
    {
        using Workplace place = new();
        File.WriteAllText(place["classes.txt"], "sky\t#0000FF\r\nroad\ntree\t#00ff00\n");
        CommandRun.Lines(place.Train(place["a.network"], "--classes", place["classes.txt"]));
        DenseNetwork network = DenseNetwork.Load(place["a.network"]);
        CollectionAssert.AreEqual(new[] { "sky", "road", "tree" }, network.ClassNames.ToArray());
        Assert.AreEqual("#0000FF", network.Palette[0]);
        Assert.AreEqual("#00FF00", network.Palette[2]);
    }

    [TestMethod]
    public void Train_ReportsProgressAndTheFigureThatEvaluateFinds()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.Train(place["a.network"], "--val-images", place.Images, "--val-masks", place.Masks, "--val-every", "1"));
        StringAssert.Matches(lines[^3], new Regex(@"^step 2/2  epoch 1\.33  loss \d+\.\d{4}  lr \d\.\d\de-\d  mIoU \d\.\d{4}  elapsed 0:00:\d\d  left 0:00:00$"));
        string[] evaluated = CommandRun.Lines("evaluate", "--model", place["a.network"], "--images", place.Images, "--masks", place.Masks);
        string figure = Regex.Match(evaluated[0], @"^mean IoU (\d\.\d{4})").Groups[1].Value;
        StringAssert.EndsWith(lines[^2], $", validation mIoU {figure}");
        StringAssert.StartsWith(lines[^1], $"Wrote {place["a.network"]} (");
    }

    [TestMethod]
    public void Train_OfSaliency_ReportsTheErrorThatEvaluateFinds()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.TrainSaliency(place["a.zip"], "--val-images", place.Images, "--val-masks", place.Objects));
        string[] evaluated = CommandRun.Lines("evaluate", "--model", place["a.zip"], "--images", place.Images, "--masks", place.Objects);
        StringAssert.EndsWith(lines[^2], $", validation MAE {evaluated[1][..6]}");
    }

    [TestMethod]
    public void Train_OfSaliency_LetsThresholdsFollowTheImageUnlessToldOtherwise()
    {
        using Workplace place = new();
        CommandRun.Lines(place.TrainSaliency(place["a.network"]));
        CommandRun.Lines(place.TrainSaliency(place["b.network"], "--network", "thresholds=none"));
        CommandRun.Lines(place.Train(place["c.network"]));
        CollectionAssert.AreEqual(
            new[] { true, false, false }, new[] { "a.network", "b.network", "c.network" }.Select(name => DenseNetwork.Load(place[name]).Graph.Nodes.Any(n => n is AdaptiveShift)).ToArray());
    }

    [TestMethod]
    public void Train_ForATime_SaysHowManyStepsThatWas()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.Train(place["a.network"], "--minutes", "0.001"));
        string steps = DenseNetwork.Load(place["a.network"]).Provenance["steps"];
        Assert.IsTrue(int.Parse(steps, CultureInfo.InvariantCulture) >= 1);
        StringAssert.EndsWith(lines[^2], $"--steps {steps}");
    }

    [TestMethod]
    public void Train_BuildsTheTwinWhereAskedTo()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["a.network"], "--precision", "Float", "--steps", "1"));
        Assert.IsFalse(DenseNetwork.Load(place["a.network"]).Graph.IsBinary);
    }

    [TestMethod]
    public void Train_WithTransfer_TakesWeightsByNameIntoANetworkOfNewParts()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["a.network"]));
        string[] lines = CommandRun.Lines(place.Train(
            place["b.network"], "--transfer", place["a.network"], "--network", "scaling=stride16+head,gates=dynamic,stride32=1,thresholds=encoder+head", "--learning-rate", "1e-9"));
        StringAssert.Matches(lines[0], new Regex(@"^\d+ tensors from .*a\.network, \d+ new\.$"));
        DenseNetwork source = DenseNetwork.Load(place["a.network"]), extended = DenseNetwork.Load(place["b.network"]);
        Assert.IsTrue(extended.Graph.Nodes.Any(n => n is SqueezeExcitation) && extended.Graph.Nodes.Any(n => n is PixelGate) && extended.Graph.Nodes.Any(n => n is AdaptiveShift));
        Assert.AreEqual("scaling=stride16+head,gates=dynamic,stride32=1,thresholds=encoder+head", extended.Provenance["network"]);
        Assert.AreEqual("a.network", extended.Provenance["transfer"]);
        SignTensor before = Signs(source), after = Signs(extended);
        Assert.IsTrue(before.Bits.SequenceEqual(after.Bits), "nothing moves at such a learning rate");

        static SignTensor Signs(DenseNetwork network) => network.Graph.Nodes.OfType<PackedBinaryConvolution>().Single(n => n.Name == "stride16.1/convolution").Weight;
    }

    /// <summary>Weights of a binary network go on with activations of two bits.</summary>
    [TestMethod]
    public void Train_WithActivationsOfTwoBits_FromTheWeightsOfOne()
    {
        using Workplace place = new();
        CommandRun.Lines(place.Train(place["a.network"]));
        CommandRun.Lines(place.Train(place["b.network"], "--transfer", place["a.network"], "--network", "activation-bits=2"));
        DenseGraph before = DenseNetwork.Load(place["a.network"]).Graph, after = DenseNetwork.Load(place["b.network"]).Graph;
        LowBitConvolution[] convolutions = [.. after.Nodes.OfType<LowBitConvolution>()];
        CollectionAssert.AreEqual(before.Nodes.OfType<LowBitConvolution>().Select(node => node.Name).ToArray(), convolutions.Select(node => node.Name).ToArray());
        foreach (LowBitConvolution node in convolutions)
        {
            bool isUnit = node.Name.StartsWith("stride", StringComparison.Ordinal) || node.Name.StartsWith("refine", StringComparison.Ordinal);
            Assert.AreEqual(isUnit ? 2 : 1, node.ActivationBits, node.Name);
        }

        CommandRun.Fails(1, place.Train(place["c.network"], "--network", "activation-bits=3"), "ActivationBits is 3; it must be 1 or 2");
    }

    [TestMethod]
    [DataRow("--network", "scaling")]
    [DataRow("--network", "scaling=attic")]
    [DataRow("--network", "thresholds=moving")]
    [DataRow("--network", "width=narrow")]
    [DataRow("--network", "colour=1")]
    public void Train_WithUnknownSettings_SaysWhichThereAre(string option, string value)
    {
        using Workplace place = new();
        CommandRun run = CommandRun.Of(place.Train(place["a.network"], option, value));
        Assert.AreNotEqual(0, run.ExitCode);
        StringAssert.Contains(run.Error, $"--network is '{value}'; it must be settings like");
    }

    [TestMethod]
    public void Train_WithAHeldOutPart_WritesTheBestNetworkAndSaysWhichItIs()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.Train(
            place["a.network"], "--steps", "6", "--hold-out", "0.5", "--hold-out-every", "1", "--patience", "0", "--accumulate", "2"));
        DenseNetwork network = DenseNetwork.Load(place["a.network"]);
        Assert.AreEqual("0.5", network.Provenance["heldOut"]);
        Assert.AreEqual("2", network.Provenance["batchesAStep"]);
        int best = int.Parse(network.Provenance["bestStep"], CultureInfo.InvariantCulture);
        Assert.IsInRange(1, 6, best);
        Assert.AreEqual(best < 6, lines.Any(line => line.StartsWith($"The network of step {best} is the best", StringComparison.Ordinal)));
        StringAssert.Matches(lines[^2], new Regex(@"validation mIoU \d\.\d{4}$"));
        StringAssert.Contains(lines[^2], "(12.0 epochs)", "6 steps of 4 of the two images that are not held out");
        StringAssert.Contains(CommandRun.Of(place.Train(place["b.network"], "--patience", "2")).Error, "--patience belongs to --hold-out");
    }

    /// <summary>Of a run that ended early no number of steps is the same: its learning rate would fall to nothing within them.</summary>
    [TestMethod]
    public void Train_ForATimeThatPatienceEndsEarly_SaysNoNumberOfSteps()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.Train(
            place["a.network"], "--minutes", "600", "--hold-out", "0.5", "--hold-out-every", "1", "--patience", "1", "--learning-rate", "1e-12"));
        StringAssert.Contains(lines[^2], "validation mIoU");
        Assert.IsFalse(lines.Any(line => line.Contains("on any machine", StringComparison.Ordinal)), string.Join('\n', lines));
    }
}
