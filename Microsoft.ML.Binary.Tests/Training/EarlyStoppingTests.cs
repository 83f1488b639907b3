using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class EarlyStoppingTests
{
    private const int Scenes = 8;

    [TestMethod]
    [DataRow(0.2f, 10, new[] { 4, 9 })]
    [DataRow(0.5f, 5, new[] { 1, 3 })]
    [DataRow(0.3f, 10, new[] { 3, 6, 9 })]
    public void EverySoManiethSampleIsHeldOut(float share, int count, int[] expected)
    {
        HeldOutSamples heldOut = new(() => TinyTask.Scenes(count), share);
        string[] first = [.. heldOut.ReadOthers().Select(s => s.Name)], second = [.. heldOut.ReadOthers().Select(s => s.Name)];
        Assert.AreEqual(expected.Length, heldOut.Count);
        CollectionAssert.AreEqual(Enumerable.Range(0, count).Except(expected).Select(i => $"scene {i}").ToArray(), first);
        CollectionAssert.AreEqual(first, second);
    }

    [TestMethod]
    [DataRow(DenseTask.Segmentation)]
    [DataRow(DenseTask.Saliency)]
    public void TheResultIsTheBestNetworkThatWasMeasured(DenseTask task)
    {
        Reports reports = new();
        TrainingResult result = Train(Options(12) with { LearningRate = 0.1f }, task, reports: reports);
        double[] figures = [.. reports.All.Where(r => r.ValidationMetric is not null).Select(r => r.ValidationMetric!.Value)];
        Assert.IsGreaterThan(3, figures.Distinct().Count(), "a figure that never moves would show nothing");
        HeldOutSamples heldOut = new(() => TinyTask.Samples(task, Scenes), 0.25f);
        _ = heldOut.ReadOthers().Count();
        Assert.AreEqual(heldOut.Measure(result.Graph, TrainingTask.For(task), mask: 0, threads: 1), result.ValidationMetric!.Value, "the figure is of the network that came out");
        Assert.AreEqual(task == DenseTask.Saliency ? figures.Append(result.ValidationMetric.Value).Min() : figures.Append(result.ValidationMetric.Value).Max(), result.ValidationMetric.Value);
        Assert.IsInRange(1, 12, result.BestStep!.Value);
    }

    [TestMethod]
    public void TrainingEndsWhereNothingBetterComes()
    {
        TrainingResult result = Train(Options(400) with { EarlyStopping = new() { HoldOut = 0.25f, Interval = 2, Patience = 3 } });
        Assert.IsFalse(result.Cancelled);
        Assert.IsLessThan(400, result.Steps);
        Assert.AreEqual(result.BestStep!.Value + 3 * 2, result.Steps);
    }

    [TestMethod]
    [DataRow(3, false)]
    [DataRow(6, true)]
    [DataRow(7, false)]
    public void AResumedRunChoosesWhatAWholeOneDoes(int cancelAt, bool streamed)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = Options(9) with { LearningRate = 0.1f, CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100), CheckpointPath = folder.File("run.checkpoint") };
        Interruption.AssertGoesOn((options, reports) => Train(options, reports: reports), options, cancelAt);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TheNumberOfThreadsDoesNotMatter(bool streamed)
    {
        TrainingOptions options = Options(9) with { LearningRate = 0.1f, CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100) };
        Reports figures = new();
        TrainingResult one = Train(options, DenseTask.Saliency, figures);
        foreach (int threads in (int[])[2, 3])
        {
            Reports others = new();
            TrainingResult other = Train(options with { Threads = threads }, DenseTask.Saliency, others);
            Assert.AreEqual((one.BestStep, one.ValidationMetric), (other.BestStep, other.ValidationMetric));
            CollectionAssert.AreEqual(figures.All.Select(report => report.ValidationMetric).ToArray(), others.All.Select(report => report.ValidationMetric).ToArray());
            CollectionAssert.AreEqual(TinyTask.Bits(one.Graph), TinyTask.Bits(other.Graph));
        }
    }

    /// <summary>Statistics are estimated on what is in memory once the next batch is drawn, by a run that goes on from there too.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void StatisticsAreEstimatedOnTheSameSamples(bool streamed)
    {
        DenseGraph graph = TinyTask.Graph();
        for (int batches = 1; batches < 8; batches++)
        {
            float[] expected = Estimated(batches, threads: 1, seeks: false);
            foreach (int threads in (int[])[1, 2, 3])
            {
                CollectionAssert.AreEqual(expected, Estimated(batches, threads, seeks: false), $"{batches} batches on {threads} threads");
                CollectionAssert.AreEqual(expected, Estimated(batches, threads, seeks: true), $"{batches} batches passed over, on {threads} threads");
            }
        }

        float[] Estimated(int batches, int threads, bool seeks)
        {
            TrainingOptions options = TinyTask.Options() with { CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100) };
            using BatchLoader loader = new(new SampleStream(() => TinyTask.Scenes(6), options.CacheBytes, 1), TrainedHead.Single(graph, new SegmentationTask()), options, 32, 32, threads);
            TrainingNetwork network = new(graph, options.BatchSize, 32, 32, threads);
            if (seeks)
            {
                loader.Seek(batches);
            }

            for (int i = 0; i < batches && !seeks; i++)
            {
                loader.Fill(network, i);
            }

            loader.FillForEstimation(network, 0);
            return [.. network.Image.Data];
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void AnExhaustedRunGivesItsResultAgain(int threads)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(400) with
        {
            EarlyStopping = new() { HoldOut = 0.25f, Interval = 1, Patience = 3 },
            CacheBytes = TinyTask.BytesOf(2),
            CheckpointPath = folder.File("run.checkpoint"),
        };
        TrainingResult whole = Train(options);
        Assert.IsLessThan(400, whole.Steps);
        Interruption.AssertSame(whole, Train(options with { Resume = true, Threads = threads }));
    }

    /// <summary>The best weights so far are part of a checkpoint, and what becomes of logits of them.</summary>
    [TestMethod]
    public void WhatBecomesOfTheLogits_IsPartOfARunThatChooses()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = Options(3) with { CheckpointPath = folder.File("run.checkpoint") };
        AssertAnother(DenseTask.Saliency, new SaliencyTask { Sharpness = 2 }, "where this one has sharpness 2.");
        AssertAnother(DenseTask.Segmentation, new SegmentationTask { PriorCorrection = 0.5f }, "where this one has prior correction 0.5.");

        void AssertAnother(DenseTask task, TrainingTask other, string key)
        {
            DenseGraph graph = TinyTask.Graph(outputs: task == DenseTask.Saliency ? 1 : TinyTask.Classes);
            Run(TrainingTask.For(task), options);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Run(other, options with { Resume = true })).Message, key);
            Run(TrainingTask.For(task), options with { Resume = true });

            TrainingOptions plain = options with { EarlyStopping = null };
            Run(TrainingTask.For(task), plain);
            Run(other, plain with { Resume = true });

            void Run(TrainingTask task, TrainingOptions options) => TinyTask.Train(options, graph: graph, task: task, scenes: Scenes);
        }
    }

    [TestMethod]
    public void BestWeightsCountHowLongNothingWasBetter()
    {
        Parameter parameter = new("p", ParameterRole.Weight, [1], [1]);
        BestWeights best = new([parameter], lowerIsBetter: false);
        Offer(double.NaN, 0);
        Assert.IsNull(best.State);
        Offer(0.5, 1);
        Offer(0.5, 2);
        Offer(double.NaN, 3);
        Assert.AreEqual(new BestState(1, 0.5, 2), best.State);
        Offer(0.6, 4);
        Offer(0.1, 5);
        Assert.AreEqual(new BestState(4, 0.6, 1), best.State);
        best.Restore();
        Assert.AreEqual(4f, parameter.Values[0]);

        void Offer(double figure, int step)
        {
            parameter.Values[0] = step;
            best.Offer(figure, step);
        }
    }

    [TestMethod]
    public void NothingHeldOutIsRefused()
    {
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(
            () => Train(Options(2) with { EarlyStopping = new() { HoldOut = 0.1f } }));
        StringAssert.Contains(e.Message, "A share of 0.1 of 8 images holds none out");
        Assert.ThrowsExactly<ArgumentException>(() => Train(Options(2) with { EarlyStopping = new() { HoldOut = 0.6f } }));
        Assert.ThrowsExactly<ArgumentException>(() => Train(Options(2) with { EarlyStopping = new() { Interval = 0 } }));
        Assert.ThrowsExactly<ArgumentException>(() => Train(Options(2) with { EarlyStopping = new() { Patience = -1 } }));
    }

    private static TrainingOptions Options(int steps) =>
        TinyTask.Options(steps) with { EarlyStopping = new() { HoldOut = 0.25f, Interval = 1, Patience = 0 } };

    private static TrainingResult Train(TrainingOptions options, DenseTask task = DenseTask.Segmentation, Reports? reports = null) =>
        TinyTask.Train(options, reports, task: TrainingTask.For(task), scenes: Scenes);
}
