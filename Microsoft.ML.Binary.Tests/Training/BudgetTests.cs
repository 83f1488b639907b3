using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class BudgetTests
{
    [TestMethod]
    [DataRow(1, 600)]
    [DataRow(20, 1000)]
    [DataRow(50, 2500)]
    [DataRow(int.MaxValue, 3000)]
    public void FineTuningTakesStepsByTheNumberOfImages(int images, int steps)
    {
        TrainingOptions options = TrainingOptions.ForFineTuning(images);
        Assert.AreEqual(steps, options.Budget.Steps);
        Assert.IsTrue(options.MeasuresInitialStatistics);
    }

    [TestMethod]
    public void EpochsAreRoundedUpToWholeSteps()
    {
        BudgetClock clock = new(TrainingBudget.OfEpochs(3), samples: 5, batchSize: 2, step: 0, TimeSpan.Zero);
        Assert.AreEqual(8, clock.TotalSteps(0));
        Assert.AreEqual(0.5, clock.Fraction(4));
        Assert.AreEqual(1, clock.Fraction(9), "never more than 1");
        Assert.AreEqual(TimeSpan.Zero, clock.Remaining(0), "nothing is known yet");
        Assert.AreEqual(TimeSpan.Zero, clock.Remaining(8));
    }

    [TestMethod]
    public void MoreEpochsThanStepsCanBeCountedAreNoOverflow()
    {
        BudgetClock clock = new(TrainingBudget.OfEpochs(int.MaxValue), samples: 1000, batchSize: 1, step: 0, TimeSpan.Zero);
        Assert.AreEqual(int.MaxValue, clock.TotalSteps(0));
        Assert.IsGreaterThan(0, clock.Fraction(1));
    }

    [TestMethod]
    public void AResumedDurationCountsTheTimeBefore()
    {
        TimeSpan before = TimeSpan.FromHours(3);
        BudgetClock clock = new(TrainingBudget.OfDuration(TimeSpan.FromHours(4)), 5, 2, step: 30, before);
        Assert.IsGreaterThanOrEqualTo(before, clock.Elapsed);
        Assert.AreEqual(0.75, clock.Fraction(30), 0.01);
        Assert.AreEqual(40, clock.TotalSteps(30));
        Assert.IsGreaterThan(TimeSpan.Zero, clock.Remaining(30));
        Assert.AreEqual(TimeSpan.Zero, new BudgetClock(TrainingBudget.OfDuration(TimeSpan.FromHours(2)), 5, 2, 30, before).Remaining(30));
    }

    [TestMethod]
    public void ADurationEndsTraining()
    {
        TimeSpan duration = TimeSpan.FromSeconds(1);
        Reports reports = new();
        TrainingResult result = TinyTask.Train(TinyTask.Options() with { Budget = TrainingBudget.OfDuration(duration), ReportInterval = int.MaxValue }, reports);
        Assert.IsFalse(result.Cancelled);
        Assert.IsGreaterThanOrEqualTo(duration, result.Elapsed);
        Assert.HasCount(1, reports.All);
        Assert.AreEqual(result.Steps, reports.All[0].Step);
        Assert.AreEqual(result.Loss, reports.All[0].Loss);
        Assert.AreEqual(1, reports.All[0].Fraction);
    }

    [TestMethod]
    public void ReportsComeAtTheirIntervalAndAtTheEnd()
    {
        Reports reports = new();
        TrainingResult result = TinyTask.Train(TinyTask.Options(7) with { ReportInterval = 3 }, reports);
        CollectionAssert.AreEqual(new[] { 3, 6, 7 }, reports.All.Select(r => r.Step).ToArray());
        foreach (TrainingProgress report in reports.All)
        {
            Assert.AreEqual(7, report.TotalSteps);
            Assert.AreEqual(report.Step / 7.0, report.Fraction);
            Assert.AreEqual(report.Step * 2 / 5.0, report.Epoch);
            Assert.AreEqual(LearningRateSchedule.At((report.Step - 1) / 7.0, 0.03f, 8e-3f), report.LearningRate, "of the step that was done");
        }

        Assert.AreEqual(reports.All[^1].Loss, result.Loss);
    }

    [TestMethod]
    public void ReportedLossesAreMeansOfTheirInterval()
    {
        Reports each = new(), pairs = new();
        TinyTask.Train(TinyTask.Options(5), each);
        TinyTask.Train(TinyTask.Options(5) with { ReportInterval = 2 }, pairs);
        double[] losses = [.. each.All.Select(r => r.Loss)];
        double[] expected = [(losses[0] + losses[1]) / 2, (losses[2] + losses[3]) / 2, losses[4]];
        CollectionAssert.AreEqual(expected, pairs.All.Select(r => r.Loss).ToArray());
    }

    [TestMethod]
    public void ValidationComesAtItsIntervalAndAtTheEnd()
    {
        int calls = 0;
        Reports reports = new();
        TrainingResult result = TinyTask.Train(TinyTask.Options(6) with { ValidationInterval = 2, Validate = _ => ++calls }, reports);
        CollectionAssert.AreEqual(new double?[] { null, 1, 1, 2, 2, 2 }, reports.All.Select(r => r.ValidationMetric).ToArray());
        Assert.AreEqual(3, result.ValidationMetric);
    }

    [TestMethod]
    public void CancellationLeavesAUsableNetwork()
    {
        Reports reports = new(cancelAt: 3);
        TrainingResult result = TinyTask.Train(TinyTask.Options(100) with { ReportInterval = 1 }, reports);
        Assert.IsTrue(result.Cancelled);
        Assert.AreEqual(3, result.Steps);
        Assert.AreEqual(reports.All[^1].Loss, result.Loss);
        FeatureMap logits = ReferenceInterpreter.Run(Freezing.Freeze(result.Graph), TestNetworks.Image(32, 48, seed: 1))[^1];
        Assert.IsTrue(logits.Values.All(float.IsFinite));
        Assert.IsGreaterThan(1, logits.Values.Distinct().Count());
    }

    [TestMethod]
    public void CancellationBeforeTheFirstStepGivesTheInitialWeights()
    {
        DenseGraph graph = TinyTask.Graph();
        TrainingResult result = DenseTrainer.Train(
            graph, DenseTask.Segmentation, () => TinyTask.Scenes(5), TinyTask.Options(), cancellation: new CancellationToken(canceled: true));
        Assert.IsTrue(result.Cancelled);
        Assert.AreEqual(0, result.Steps);
        CollectionAssert.AreEqual(TinyTask.Bits(graph), TinyTask.Bits(result.Graph));
    }

    [TestMethod]
    public void ARunThatGoesOn_GivesItsNetworkWhenItIsCancelledWhileDataAreRead()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(3) with { CheckpointPath = folder.File("a") };
        TrainingResult first = TinyTask.Train(options), resumed = DenseTrainer.Train(
            TinyTask.Graph(), DenseTask.Segmentation, () => TinyTask.Scenes(5), options with { Budget = TrainingBudget.OfSteps(9), Resume = true },
            cancellation: new CancellationToken(canceled: true));
        Assert.AreEqual((true, 3), (resumed.Cancelled, resumed.Steps));
        CollectionAssert.AreEqual(TinyTask.Bits(first.Graph), TinyTask.Bits(resumed.Graph));
    }

    [TestMethod]
    public void CancellationWhileDataAreReadEndsThat()
    {
        using CancellationTokenSource source = new();
        int read = 0;
        DenseGraph graph = TinyTask.Graph();
        TrainingResult? completed = null;
        TrainingResult result = DenseTrainer.Train(
            graph, DenseTask.Segmentation, Read, TinyTask.Options() with { Completed = found => completed = found, Validate = _ => throw new AssertFailedException() },
            cancellation: source.Token);
        Assert.AreEqual(2, read);
        Assert.AreEqual((true, 0, (double?)null), (result.Cancelled, result.Steps, result.ValidationMetric));
        Assert.AreNotSame(graph, result.Graph);
        CollectionAssert.AreEqual(TinyTask.Bits(graph), TinyTask.Bits(result.Graph));
        Assert.AreSame(result, completed);

        IEnumerable<TrainingSample> Read() => TinyTask.Scenes(5).Select(sample =>
        {
            if (++read == 2)
            {
                source.Cancel();
            }

            return sample;
        });
    }

    [TestMethod]
    public void BudgetsMustBePositive()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainingBudget.OfSteps(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainingBudget.OfEpochs(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TrainingBudget.OfDuration(TimeSpan.Zero));
    }
}
