using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Classes, edges derived from them, and the salient object, learned at once.</summary>
[TestClass]
public sealed class MultiTaskTrainingTests
{
    private static readonly TaskHead Object = new("object", DenseTask.Saliency);

    private static readonly LearnedTask[] Tasks =
    [
        new("classes", new SegmentationTask()),
        new("edges", new EdgesTask { Widening = 1 }) { From = "classes", Weight = 5 },
        new("object", new SaliencyTask()) { Weight = 0.5f },
    ];

    [TestMethod]
    public void OneTask_IsTrainedAsEver()
    {
        DenseNetwork network = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes]);
        TrainingResult alone = DenseTrainer.Train(network.Graph, new SegmentationTask(), () => TinyTask.Scenes(5), TinyTask.Options());
        TrainingResult listed = DenseTrainer.TrainTasks(network, [new("classes", new SegmentationTask())], () => TinyTask.Scenes(5), TinyTask.Options());
        CollectionAssert.AreEqual(TinyTask.Bits(alone.Graph), TinyTask.Bits(listed.Graph));
    }

    [TestMethod]
    [DataRow(TaskBottleneck.None, false)]
    [DataRow(TaskBottleneck.Diagonal, true)]
    public void TheNumberOfThreadsDoesNotMatter(TaskBottleneck bottleneck, bool taught)
    {
        TrainingOptions options = TinyTask.Options(3) with { FeatureTeacher = taught ? Network(bottleneck, Precision.Float).Graph : null };
        int[] one = Train(options, bottleneck);
        CollectionAssert.AreEqual(one, Train(options with { Threads = 3 }, bottleneck));
        CollectionAssert.AreNotEqual(one, Train(options with { Seed = 2 }, bottleneck));
    }

    [TestMethod]
    public void AnotherExposureThanTheNetworksIsRefused()
    {
        DenseNetwork network = Network(TaskBottleneck.None).WithExposure(ImageExposure.Of(90));
        Action[] checks = [() => TinyTask.Options().CheckFor(network, Tasks), () => DenseTrainer.TrainTasks(network, Tasks, () => throw new AssertFailedException("data was read"), TinyTask.Options())];
        foreach (Action check in checks)
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(check).Message, "at an exposure of 90, and the options train it at as-is");
        }

        (TinyTask.Options() with { Exposure = ImageExposure.Of(90) }).CheckFor(network, Tasks);
    }

    [TestMethod]
    public void ACancelledRunGoesOnAsIfNothingHadHappened()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(7) with
        {
            FeatureTeacher = Network(TaskBottleneck.Diagonal, Precision.Float).Graph,
            Threads = 2,
            CheckpointPath = folder.File("run.checkpoint"),
        };
        Interruption.AssertGoesOn(
            (options, reports) => DenseTrainer.TrainTasks(Network(TaskBottleneck.Diagonal), Tasks, Samples, options, reports, reports.Token), options, cancelAt: 3);
    }

    [TestMethod]
    public void TheWeightsOfTheBottleneckAndTheTeacherChangeWhatIsLearned()
    {
        TrainingOptions options = TinyTask.Options(4) with { BottleneckRamp = 0 };
        CollectionAssert.AreNotEqual(Train(options, TaskBottleneck.Diagonal), Train(options with { BottleneckWeight = 10 }, TaskBottleneck.Diagonal));
        TrainingOptions taught = options with { FeatureTeacher = Network(TaskBottleneck.None, Precision.Float).Graph };
        CollectionAssert.AreNotEqual(Train(options, TaskBottleneck.None), Train(taught, TaskBottleneck.None));
        CollectionAssert.AreNotEqual(Train(taught, TaskBottleneck.None), Train(taught with { FeatureWeight = 3 }, TaskBottleneck.None));
    }

    [TestMethod]
    [DataRow(Precision.Float, 0.75)]
    [DataRow(Precision.Binary, 0.5)]
    public void EveryTaskIsLearned(Precision precision, double ranking)
    {
        TrainingOptions options = TinyTask.Options(300) with { AverageDecay = 0.9f };
        DenseNetwork network = Network(TaskBottleneck.Diagonal, precision);
        DenseNetwork trained = network.WithGraph(DenseTrainer.TrainTasks(network, Tasks, Samples, options).Graph).Freeze();
        foreach ((LearnedTask task, int mask) in new[] { (Tasks[0], 0), (Tasks[2], 1) })
        {
            (double before, double after) = (Measure(network.Freeze(), task, mask), Measure(trained, task, mask));
            Assert.IsTrue(task.Task.LowerIsBetter ? after < before : after > before, $"{task.Name}: {before} before, {after} after");
        }

        // Images of 44 pixels are too small for the benchmark of edges, whose tolerance is half a pixel there; eight binary channels at stride 4 find
        // lines of two pixels better than by chance, and no more is asked of them.
        Assert.IsGreaterThan(ranking, Ranking(trained), $"{Ranking(network.Freeze())} before");
    }

    /// <summary>How often a pixel of an edge is held to be likelier one than another pixel: the area under the ROC curve, 0.5 by chance.</summary>
    private static double Ranking(DenseNetwork network)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
        List<(float P, bool IsEdge)> pixels = [];
        foreach (TrainingSample sample in Samples())
        {
            float[] map = new float[sample.Mask.Length];
            compiled.PredictTasks(sample.Image, [TaskOutput.Probabilities("edges", map)]);
            byte[] truth = new EdgesTask().Annotation(sample.Mask, sample.Image.Width).Edges;
            pixels.AddRange(map.Select((p, i) => (p, truth[i] == 1)));
        }

        double above = 0, others = 0;
        foreach ((_, bool isEdge) in pixels.OrderBy(pixel => pixel.P))
        {
            (above, others) = isEdge ? (above + others, others) : (above, others + 1);
        }

        return above / (others * (pixels.Count - others));
    }

    [TestMethod]
    public void EdgesAreDerivedFromTheCropNotFromTheImage()
    {
        EdgesTask task = new();
        TrainingSample sample = TinyTask.Scene(1);
        AugmentationOptions enlarging = new() { MinScale = 3, MaxScale = 3 };
        byte[] mask = new byte[32 * 32], edges = new byte[32 * 32], again = new byte[32 * 32];
        CropWindow window = new Augmentation(enlarging, 32, 32).Apply(sample, new RandomStream(1, 2), new float[3 * 32 * 32], mask, 255);
        Augmentation.FillMask(window, sample.Mask, sample.Image.Width, again, 255);
        CollectionAssert.AreEqual(mask, again, "further masks are cut as the first");

        task.Target(mask, 32, edges);

        for (int i = 1; i < 31; i++)
        {
            int row = i * 32;
            for (int x = 1; x < 31; x++)
            {
                bool border = mask[row + x] != mask[row + x + 1] || mask[row + x] != mask[row + x - 1] || mask[row + x] != mask[row + x + 32] || mask[row + x] != mask[row + x - 32];
                Assert.IsTrue(border || edges[row + x] != 1, "a line is one pixel to each side of the border, however far the image is enlarged");
            }
        }
    }

    [TestMethod]
    public void WhatDoesNotFit_IsNamed()
    {
        AssertRefused("'object'", Tasks[..2]);
        AssertRefused("'classes', 'edges', 'object'", [.. Tasks, new("depth", new SaliencyTask())]);
        AssertRefused("'edges' twice", [.. Tasks, Tasks[1]]);
        AssertRefused("saliency", [Tasks[0], Tasks[1], new("object", new EdgesTask())]);
        AssertRefused("'from' of task 'edges'", [Tasks[0], Tasks[1] with { From = "street" }, Tasks[2]]);
        AssertRefused("'from' of task 'edges'", [Tasks[0], Tasks[1] with { From = "edges" }, Tasks[2]]);
        AssertRefused("cannot be derived", [Tasks[0], Tasks[1], Tasks[2] with { From = "classes" }]);
        AssertRefused("'edges' is 0", [Tasks[0], Tasks[1] with { Weight = 0 }, Tasks[2]]);
        AssertRefused("'edges' is NaN", [Tasks[0], Tasks[1] with { Weight = float.NaN }, Tasks[2]]);
        AssertRefused("EdgeWeight", [Tasks[0], Tasks[1] with { Task = new EdgesTask { EdgeWeight = 1 } }, Tasks[2]]);
        AssertRefused("FeatureTeacher", Tasks, new() { FeatureTeacher = TinyTask.Graph(Precision.Float) });
        AssertRefused("FeatureTaps is 'nowhere'", Tasks, new() { FeatureTeacher = Network(TaskBottleneck.None, Precision.Float).Graph, FeatureTaps = ["nowhere"] });
        AssertRefused("Teacher", Tasks, new() { Teacher = TinyTask.Graph(Precision.Float) });
        AssertRefused("BottleneckWeight", Tasks, new() { BottleneckWeight = -1 });

        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => DenseTrainer.TrainTasks(Network(TaskBottleneck.None), Tasks, () => TinyTask.Scenes(3), TinyTask.Options())).Message;
        StringAssert.Contains(message, "scene 0: it has 1 masks, and needs 2: 'classes', 'object'");
        message = Assert.ThrowsExactly<InvalidDataException>(() => DenseTrainer.TrainTasks(
            Network(TaskBottleneck.None), Tasks, () => TinyTask.Scenes(3).Select(sample => sample with { MoreMasks = [new byte[7]] }), TinyTask.Options())).Message;
        StringAssert.Contains(message, "scene 0, mask of 'object'");

        static void AssertRefused(string part, LearnedTask[] tasks, TrainingOptions? options = null) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => DenseTrainer.TrainTasks(Network(TaskBottleneck.None), tasks, Samples, options)).Message, part);
    }

    [TestMethod]
    public void MasksOfEveryTaskFollowTheWorkingSize()
    {
        TrainingOptions options = TinyTask.Options(1) with { WorkingSize = WorkingSize.Of(22) };
        Assert.AreEqual(1, DenseTrainer.TrainTasks(Network(TaskBottleneck.None), Tasks, Samples, options).Steps);
        byte[] line = [0, 255, 0, 0, 0, 0];
        CollectionAssert.AreEqual(new byte[] { 255, 0 }, new EdgesTask { Source = EdgeSource.Edges }.Resize(line, 6, 1, 2, 1), "a thin line does not vanish");
    }

    [TestMethod]
    [DataRow("classes")]
    [DataRow("edges")]
    public void WhatIsHeldOut_IsMeasuredOnTheMaskThatTheFirstHeadLearns(string first)
    {
        LearnedTask[] tasks = [Tasks[2], Tasks[1], Tasks[0]];
        TaskHead[] heads = [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges, Object];
        DenseNetwork network = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [.. heads.OrderBy(head => head.Name != first)]);
        TrainingSample[] samples = [.. Enumerable.Range(0, 4).Select(i => TinyTask.Object(i) with { MoreMasks = [TinyTask.Scene(i).Mask] })];
        TrainingOptions options = TinyTask.Options(6) with { EarlyStopping = new() { HoldOut = 0.5f, Interval = 1 } };

        TrainingResult result = DenseTrainer.TrainTasks(network, tasks, () => samples, options);

        TrainingTask task = tasks.Single(task => task.Name == first).Resolve(tasks);
        using CompiledNetwork compiled = CompiledNetwork.Compile(result.Graph, new() { Threads = 1 });
        TrainingSample[] heldOut = [samples[1], samples[3]];
        Assert.AreEqual(task.Measure(compiled, heldOut.Select(sample => sample with { Mask = sample.Masks[1] })), result.ValidationMetric);
        Assert.AreNotEqual(task.Measure(compiled, heldOut), result.ValidationMetric, "masks of which either gives the same would show nothing");
    }

    private static double Measure(DenseNetwork network, LearnedTask task, int mask)
    {
        DenseGraph alone = new(network.Graph.Nodes, [new(DenseGraph.LogitsOutput, network.Graph.Output(network.OutputOf(network.Head(task.Name))))]);
        using CompiledNetwork compiled = CompiledNetwork.Compile(alone, new() { Threads = 1 });
        return task.Task.Measure(compiled, Samples().Select(sample => sample with { Mask = sample.Masks[mask] }));
    }

    private static int[] Train(TrainingOptions options, TaskBottleneck bottleneck) =>
        TinyTask.Bits(DenseTrainer.TrainTasks(Network(bottleneck), Tasks, Samples, options).Graph);

    private static DenseNetwork Network(TaskBottleneck bottleneck, Precision precision = Precision.Binary) => MultiTaskNetwork.Build(
        MultiTaskNetworkTests.Configuration with { Precision = precision },
        [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges, Object], bottleneck: bottleneck);

    private static IEnumerable<TrainingSample> Samples() =>
        Enumerable.Range(0, 5).Select(i => TinyTask.Scene(i) with { MoreMasks = [TinyTask.Object(i).Mask] });
}
