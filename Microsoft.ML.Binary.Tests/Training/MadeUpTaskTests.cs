using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Nothing but a task's own classes has to know it: one that is written in the tests is trained, validated, measured, compared and reported.</summary>
[TestClass]
public sealed class MadeUpTaskTests
{
    private static readonly LearnedTask[] Tasks = [new("classes", new SegmentationTask()), new("far", new MadeUpTask().WithOption("reach", 6)) { From = "classes", Weight = 5 }];

    private static readonly TaskHead Far = new("far", DenseTask.Edges);

    [TestMethod]
    public void ItIsTrained_BetterThanAMapThatSaysTheSameEverywhere()
    {
        DenseNetwork network = Network(Precision.Float);
        DenseNetwork trained = network.WithGraph(DenseTrainer.TrainTasks(network, Tasks, Samples, TinyTask.Options(200) with { AverageDecay = 0.9f }).Graph);

        // The best map that says the same everywhere is the median.
        MadeUpTask task = (MadeUpTask)Tasks[1].Task;
        double[] truth = [.. Samples().SelectMany(sample => task.Shown(sample.Mask, TinyTask.Width)).Select(value => value / 255.0).Order()];
        double constant = truth.Average(value => Math.Abs(value - truth[truth.Length / 2]));
        Assert.IsLessThan(constant, Measure(trained.Freeze())["far"].Metrics.ValidationFigure, $"{Measure(network.Freeze())["far"].Metrics.ValidationFigure} before");
    }

    [TestMethod]
    public void ItsLoss_IsThatOfTheVectors()
    {
        JsonElement vectors = OracleVectors.Losses("depth_l1");
        float[] map = vectors.Floats("pred"), truth = vectors.Floats("label"), gradient = new float[map.Length];
        float ignored = vectors.GetProperty("ignore").GetSingle();
        double loss = AbsoluteErrorLoss.Run(map, truth, ignored, gradient);
        Assert.AreEqual(vectors.GetProperty("loss").GetDouble(), loss, 1e-6);
        OracleVectors.AssertClose(vectors.Floats("grad"), gradient, "gradient");
        Assert.AreEqual(loss + gradient[0] / 8, AbsoluteErrorLoss.Run([map[0] + 0.125f, .. map[1..]], truth, ignored, new float[map.Length]), 1e-4);
    }

    [TestMethod]
    public void ItIsValidatedByItsOwnFigure()
    {
        DenseNetwork network = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [Far]);
        Reports reports = new();
        TrainingResult result = DenseTrainer.TrainTasks(
            network, [new("far", new MadeUpTask())], () => Enumerable.Range(0, 5).Select(i => TinyTask.Object(i)), TinyTask.Options(4) with { EarlyStopping = new() { HoldOut = 0.4f, Interval = 2 } }, reports);
        Assert.IsTrue(result.ValidationMetric is > 0 and < 1, $"{result.ValidationMetric}");
    }

    [TestMethod]
    public void ItIsWrittenAndReportedByItsMeasures()
    {
        MultiTaskMetrics metrics = Measure(Network().Freeze());
        MadeUpMetrics far = metrics.Get<MadeUpMetrics>("far");
        JsonElement json = JsonDocument.Parse(metrics.ToJson()).RootElement.GetProperty("far");
        Assert.AreEqual(far.MeanAbsoluteError, json.GetProperty("meanAbsoluteError").GetDouble());
        Assert.AreEqual(5 * TinyTask.Width * TinyTask.Height, json.GetProperty("pixelCount").GetInt32());
        Assert.AreEqual(1 - far.MeanAbsoluteError, metrics["far"].Figure);
        Assert.AreEqual("closeness", metrics["far"].FigureName);
        Assert.AreEqual(0, metrics.GainOver(metrics.Tasks), 1e-9);
        string html = metrics.ToHtml(new() { Alone = [.. metrics.Tasks] });
        StringAssert.Contains(html, "Mean absolute error");
        StringAssert.Contains(html, "lower is better");
        StringAssert.Contains(html, "closeness \u00B7 alone");
    }

    private static DenseNetwork Network(Precision precision = Precision.Binary) =>
        MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration with { Precision = precision }, [MultiTaskNetworkTests.Classes, Far]);

    private static IEnumerable<TrainingSample> Samples() => Enumerable.Range(0, 5).Select(i => TinyTask.Scene(i));

    private static MultiTaskMetrics Measure(DenseNetwork network)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
        TaskMetricsAccumulator classes = Tasks[0].Task.NewAccumulator(MultiTaskNetworkTests.Classes), far = Tasks[1].Resolve(Tasks).NewAccumulator(Far);
        foreach (TrainingSample sample in Samples())
        {
            (int width, int height) = (sample.Image.Width, sample.Image.Height);
            byte[] labels = new byte[width * height];
            float[] map = new float[width * height];
            compiled.PredictTasks(sample.Image, [TaskOutput.Labels("classes", labels), TaskOutput.Probabilities("far", map)]);
            classes.Add(sample.Name, labels, sample.Mask, width, height);
            far.Add(sample.Name, map, sample.Mask, width, height);
        }

        return new([classes.ToMetrics(), far.ToMetrics()]);
    }
}
