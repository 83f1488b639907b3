using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>What a task says of itself, so that nothing else has to know the kinds of task.</summary>
[TestClass]
public sealed class TrainingTaskTests
{
    [TestMethod]
    public void EveryTaskHasItsDefaults()
    {
        foreach (DenseTask task in Enum.GetValues<DenseTask>())
        {
            Assert.AreEqual(task, TrainingTask.For(task).Task);
        }

        Assert.AreEqual(EdgeSource.Edges, ((EdgesTask)TrainingTask.For(DenseTask.Edges)).Source, "masks show what is learned");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainingTask.For((DenseTask)77));
    }

    [TestMethod]
    [DataRow(DenseTask.Segmentation, "softIoU", 0.25f, -1f)]
    [DataRow(DenseTask.Segmentation, "priorCorrection", 0.5f, 1.5f)]
    [DataRow(DenseTask.Saliency, "sharpness", 2f, 0f)]
    [DataRow(DenseTask.Saliency, "softF", 0.3f, 0f)]
    [DataRow(DenseTask.Edges, "width", 3f, 9f)]
    [DataRow(DenseTask.Edges, "width", 8f, 1.5f)]
    [DataRow(DenseTask.Edges, "edgeWeight", 0.75f, 1f)]
    public void AnOptionIsSetByItsName_InTheRangeThatTrainingAllows(DenseTask kind, string name, float good, float bad)
    {
        TrainingTask task = kind == DenseTask.Edges ? new EdgesTask() : TrainingTask.For(kind), changed = task.WithOption(name, good);
        Assert.AreEqual(Expected(name, good), changed);
        Assert.AreEqual(changed, task.WithOption(name.ToUpperInvariant(), good));
        changed.CheckFor(kind.HasClasses ? 3 : 1);

        foreach (float wrong in new[] { bad, float.NaN, float.PositiveInfinity })
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => task.WithOption(name, wrong)).Message;
            StringAssert.Contains(message, FormattableString.Invariant($"'{name}' is {wrong}; it must be "));
        }

        if (bad != 1.5f || kind != DenseTask.Edges)
        {
            string range = Assert.ThrowsExactly<ArgumentException>(() => task.WithOption(name, bad)).Message.Split("it must be ")[1];
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Expected(name, bad).CheckFor(kind.HasClasses ? 3 : 1)).Message, range);
        }
    }

    [TestMethod]
    public void EdgesThatMasksShowThemselvesAreNotWidened()
    {
        TrainingTask wide = TrainingTask.For(DenseTask.Edges).WithOption("width", 1);
        AssertRefused(wide);
        AssertRefused(On(new EdgesTask { Source = EdgeSource.Edges }));
        On(new SegmentationTask()).CheckFor(1);
        On(new SaliencyTask()).CheckFor(1);

        TrainingTask On(TrainingTask owner) => new LearnedTask("edges", wide) { From = "owner" }.Resolve([new("owner", owner)]);

        static void AssertRefused(TrainingTask task) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => task.CheckFor(1)).Message, "Widening is 1; it must be 0 where masks show the edges themselves");
    }

    [TestMethod]
    public void AnOptionOfAnotherTask_IsNamedWithThoseThatThereAre()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new SegmentationTask().WithOption("width", 1)).Message, "segmentation has no option 'width'; it has 'softIoU', 'priorCorrection'.");
    }

    [TestMethod]
    public void AnAccumulatorTakesWhatItsHeadPredicts()
    {
        TaskMetricsAccumulator classes = new SegmentationTask().NewAccumulator(MultiTaskNetworkTests.Classes), edges = new EdgesTask().NewAccumulator(MultiTaskNetworkTests.Edges);
        AssertRefused<InvalidOperationException>("'classes' is a head for segmentation: add its labels, not probabilities", () => classes.Add("a", new float[4], new byte[4], 2, 2));
        AssertRefused<InvalidOperationException>("'edges' is a head for edges: add its probabilities, not labels", () => edges.Add("a", new byte[4], new byte[4], 2, 2));
        AssertRefused<ArgumentException>("another task than 'edges'", () => edges.Merge(classes));
        AssertRefused<ArgumentException>("The task of 'edges' is saliency; it must be edges", () => new SaliencyTask().NewAccumulator(MultiTaskNetworkTests.Edges));

        classes.Add("a", new byte[] { 0, 1, 2, 1 }, new byte[] { 0, 1, 2, 2 }, 2, 2);
        edges.Add("a", new float[] { 0, 1, 1, 0 }, new byte[] { 0, 0, 1, 1 }, 4, 1);
        MultiTaskMetrics metrics = new([classes.ToMetrics(), edges.ToMetrics()]);
        Assert.AreEqual(0.75, metrics.Get<SegmentationMetrics>("classes").PixelAccuracy);
        Assert.HasCount(1, metrics.Get<EdgeMetrics>("Edges").Images);
        Assert.AreEqual("ODS F", metrics["edges"].FigureName);
        Assert.AreEqual("mean IoU", metrics["classes"].FigureName);
        AssertRefused<ArgumentException>("The metrics of task 'edges' are EdgeMetrics, not SaliencyMetrics.", () => metrics.Get<SaliencyMetrics>("edges"));
        AssertRefused<ArgumentException>("'classes', 'edges'", () => metrics.Get<SaliencyMetrics>("person"));

        static void AssertRefused<T>(string part, Action action)
            where T : Exception => StringAssert.Contains(Assert.ThrowsExactly<T>(action).Message, part);
    }

    [TestMethod]
    public void MasksThatEdgesHaveOfTheirOwn_AreLookedAtAsAWhole()
    {
        List<string> warnings = [];
        TrainingOptions options = TinyTask.Options(1) with { OnWarning = warnings.Add };
        EdgesTask drawn = new() { Source = EdgeSource.Edges };
        AssertRefused("class indices or colours of classes (0, 1, 2)", drawn with { Source = EdgeSource.Objects }, TinyTask.Samples(DenseTask.Segmentation));
        AssertRefused("They look like masks of 0 and 1", drawn, TinyTask.Samples(DenseTask.Saliency).Select(sample => sample with { Mask = [.. sample.Mask.Select(value => (byte)(value & 1))] }));
        AssertRefused("say that they show objects, or the edges themselves (EdgeSource)", new(), TinyTask.Samples(DenseTask.Saliency));
        Assert.IsGreaterThan(0, Train(new(), TinyTask.Samples(DenseTask.Segmentation)).Loss);
        Assert.IsGreaterThan(0, Train(drawn, TinyTask.Samples(DenseTask.Saliency)).Loss);
        Assert.IsEmpty(warnings, "of labels that nobody has listed none is missed");

        TrainingResult Train(EdgesTask task, IEnumerable<TrainingSample> samples) => DenseTrainer.Train(TinyTask.Graph(outputs: 1), task, () => samples, options);

        void AssertRefused(string part, EdgesTask task, IEnumerable<TrainingSample> samples) =>
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Train(task, samples)).Message, part);
    }

    [TestMethod]
    public void MasksThatEdgesAreMeasuredOn_AreLookedAtWhereTheyAreTheirOwn()
    {
        LearnedTask owner = new("object", new SaliencyTask()), derived = new("edges", new EdgesTask()) { From = "object" };
        TaskMetricsAccumulator own = New(new EdgesTask { Source = EdgeSource.Edges }), other = New(new EdgesTask { Source = EdgeSource.Edges }), theirs = New(derived.Resolve([owner, derived]));
        foreach (TaskMetricsAccumulator accumulator in new[] { own, other, theirs })
        {
            accumulator.Add("a", new float[4], new byte[] { 0, 1, 0, 1 }, 2, 2);
        }

        own.Merge(other);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(own.ToMetrics).Message, "No pixel of the 2 masks is object");
        Assert.IsEmpty(theirs.ToMetrics().Warnings, "the task that they belong to looks at them");

        other = New(new EdgesTask { Source = EdgeSource.Edges });
        other.Add("a", new float[4], new byte[] { 255, 255, 255, 255 }, 2, 2);
        TaskMetrics metrics = other.ToMetrics();
        StringAssert.Contains(metrics.Warnings.Single(), "wrong way round");
        StringAssert.Contains(metrics.ToString(), "wrong way round");
        StringAssert.Contains(new MultiTaskMetrics([metrics]).ToJson(), "wrong way round");

        static TaskMetricsAccumulator New(TrainingTask task) => task.NewAccumulator(MultiTaskNetworkTests.Edges);
    }

    private static TrainingTask Expected(string name, float value) => name switch
    {
        "softIoU" => new SegmentationTask { SoftIoUWeight = value },
        "priorCorrection" => new SegmentationTask { PriorCorrection = value },
        "sharpness" => new SaliencyTask { Sharpness = value },
        "softF" => new SaliencyTask { SoftFBetaSquared = value },
        "width" => new EdgesTask { Widening = (int)value },
        _ => new EdgesTask { EdgeWeight = value },
    };
}
