using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Interrupted and resumed runs against uninterrupted ones, bit for bit. Five scenes in batches of two: epochs end inside batches.</summary>
[TestClass]
public sealed class ResumeTests
{
    private const int Steps = 7;

    [TestMethod]
    [DataRow(1, false, 0.998f, false)]
    [DataRow(3, true, 0.998f, true, 3)]
    [DataRow(5, true, 0.998f, true, 2)]
    [DataRow(2, false, 0.998f, true, 2)]
    [DataRow(4, false, 0.998f, true)]
    [DataRow(5, false, 0f, false)]
    [DataRow(2, true, 0.998f, false)]
    [DataRow(3, true, 0.998f, true)]
    [DataRow(5, true, 0f, true)]
    [DataRow(6, true, 0.998f, false)]
    public void ACancelledRunGoesOnAsIfNothingHadHappened(int cancelAt, bool streamed, float averageDecay, bool validates, int threads = 1)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(Steps) with
        {
            CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100),
            AverageDecay = averageDecay,
            Threads = threads,
            Validate = validates ? _ => 1 : null,
            ValidationInterval = 2,
            CheckpointPath = folder.File("run.checkpoint"),
        };
        Interruption.AssertGoesOn((options, reports) => TinyTask.Train(options, reports), options, cancelAt);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EpochsAreABudgetLikeSteps(bool streamed)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options() with
        {
            Budget = TrainingBudget.OfEpochs(3),
            CacheBytes = TinyTask.BytesOf(streamed ? 3 : 100),
            CheckpointPath = folder.File("run.checkpoint"),
        };
        TrainingResult whole = TinyTask.Train(options with { CheckpointPath = null });
        Assert.AreEqual(8, whole.Steps, "3 epochs of 5 scenes are 7.5 batches of 2");
        for (int step = 1; step < 8; step++)
        {
            Assert.AreEqual(step, TinyTask.Train(options with { Resume = step > 1 }, new Reports(step)).Steps);
        }

        Interruption.AssertSame(whole, TinyTask.Train(options with { Resume = true }));
    }

    [TestMethod]
    public void ACrashedRunGoesOnFromItsLastCheckpoint()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(Steps) with { CheckpointPath = folder.File("run.checkpoint"), CheckpointInterval = 2 };
        Assert.ThrowsExactly<TimeoutException>(() => TinyTask.Train(options, new Reports(5, () => throw new TimeoutException("crash"))));

        Reports reports = new();
        TrainingResult rest = TinyTask.Train(options with { Resume = true }, reports);
        Assert.AreEqual(5, reports.All[0].Step, "the last checkpoint is that of step 4");
        Interruption.AssertSame(TinyTask.Train(options with { CheckpointPath = null }), rest);
    }

    /// <summary>The loss is written into models, whose bytes are those of a run that was not interrupted.</summary>
    [TestMethod]
    [DataRow(100, 3)]
    [DataRow(4, 2)]
    [DataRow(4, 6)]
    [DataRow(3, 3)]
    public void TheLossOfAnIntervalIsThatOfAllItsSteps(int interval, int cancelAt)
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource source = new();
        TrainingOptions options = TinyTask.Options(Steps) with { ReportInterval = interval };
        Reports all = new(), rest = new();
        TrainingResult whole = TinyTask.Train(options, all);
        options = options with { CheckpointPath = folder.File("run.checkpoint") };
        TrainingOptions cancelling = options with { ValidationInterval = cancelAt, Validate = Cancel };
        Assert.AreEqual(cancelAt, DenseTrainer.Train(TinyTask.Graph(), DenseTask.Segmentation, () => TinyTask.Scenes(5), cancelling, cancellation: source.Token).Steps);
        Interruption.AssertSame(whole, TinyTask.Train(options with { Resume = true }, rest));
        CollectionAssert.AreEqual(all.All.Where(report => report.Step > cancelAt).Select(report => report.Loss).ToArray(), rest.All.Select(report => report.Loss).ToArray());

        double Cancel(DenseGraph graph)
        {
            source.Cancel();
            return 0;
        }
    }

    [TestMethod]
    public void ACheckpointOfAReportedStepHasItsLoss()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(6) with { CheckpointPath = folder.File("run.checkpoint"), CheckpointInterval = 6, ReportInterval = 3 };
        Assert.ThrowsExactly<TimeoutException>(() => TinyTask.Train(options, new Reports(6, () => throw new TimeoutException("crash"))));
        Interruption.AssertSame(TinyTask.Train(options with { CheckpointPath = null }), TinyTask.Train(options with { Resume = true }));
    }

    // Five steps of two are two whole epochs.
    [TestMethod]
    [DataRow(5, false)]
    [DataRow(5, true)]
    [DataRow(6, false)]
    [DataRow(6, true)]
    public void AFinishedRunGivesItsResultAgain(int steps, bool streamed)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(steps) with
        {
            CheckpointPath = folder.File("run.checkpoint"),
            CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100),
        };
        TrainingResult whole = TinyTask.Train(options);
        TrainingResult again = TinyTask.Train(options with { Resume = true });
        Interruption.AssertSame(whole, again);
        Assert.IsFalse(again.Cancelled);
    }

    [TestMethod]
    public void ALargerBudgetGoesOnWhereItsScheduleIs()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(5) with { CheckpointPath = folder.File("run.checkpoint") };
        TinyTask.Train(options);
        Reports reports = new();
        TrainingResult result = TinyTask.Train(options with { Resume = true, Budget = TrainingBudget.OfSteps(10) }, reports);
        Assert.AreEqual(10, result.Steps);
        Assert.AreEqual(6, reports.All[0].Step);
        Assert.AreEqual(LearningRateSchedule.At(0.5, options.WarmUp, options.LearningRate), reports.All[0].LearningRate);
    }

    [TestMethod]
    public void ABudgetBelowWhatIsDoneIsRefusedAndTheCheckpointKept()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(6) with { CheckpointPath = folder.File("run.checkpoint") };
        TrainingResult whole = TinyTask.Train(options);
        byte[] checkpoint = File.ReadAllBytes(folder.File("run.checkpoint"));
        foreach (TrainingBudget budget in new[] { TrainingBudget.OfSteps(3), TrainingBudget.OfEpochs(1), TrainingBudget.OfDuration(TimeSpan.FromTicks(1)) })
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => TinyTask.Train(options with { Resume = true, Budget = budget })).Message;
            StringAssert.Contains(message, folder.File("run.checkpoint"));
            StringAssert.Contains(message, "6 steps");
        }

        CollectionAssert.AreEqual(checkpoint, File.ReadAllBytes(folder.File("run.checkpoint")));
        TrainingResult again = TinyTask.Train(options with { Resume = true });
        Interruption.AssertSame(whole, again);
        Assert.AreEqual(whole.Loss, again.Loss);
    }

    [TestMethod]
    public void ARunByTheClockThatIsOverGivesItsResultAgain()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options() with { Budget = TrainingBudget.OfDuration(TimeSpan.FromMilliseconds(1)), CheckpointPath = folder.File("run.checkpoint") };
        Interruption.AssertSame(TinyTask.Train(options), TinyTask.Train(options with { Resume = true }));
    }

    [TestMethod]
    public void WhatGoesWrongInAValidationEndsTrainingButDoesNotLoseIt()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(Steps) with { CheckpointPath = folder.File("run.checkpoint") };
        foreach (int interval in new[] { 5, 100 })
        {
            Assert.ThrowsExactly<InvalidDataException>(
                () => TinyTask.Train(options with { ValidationInterval = interval, Validate = _ => throw new InvalidDataException("a mask is gone") }));
            Interruption.AssertSame(TinyTask.Train(options with { CheckpointPath = null }), TinyTask.Train(options with { Resume = true }));
        }
    }

    /// <summary>Averages are in the place of weights then, and statistics are half replaced.</summary>
    [TestMethod]
    public void WhatGoesWrongBeforeAValidationDoesNotSpoilTheCheckpoint()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(Steps) with { CacheBytes = TinyTask.BytesOf(2), CheckpointPath = folder.File("run.checkpoint") };
        int passes = 0;
        IEnumerable<TrainingSample> Failing() => ++passes < 3 ? TinyTask.Scenes(6) : throw new IOException("the disk is gone");

        // The first epoch, which is the second pass, ends with the third batch.
        Assert.ThrowsExactly<IOException>(() => DenseTrainer.Train(
            TinyTask.Graph(), DenseTask.Segmentation, Failing, options with { ValidationInterval = 3, Validate = _ => throw new AssertFailedException("statistics were estimated") }));
        Interruption.AssertSame(Of(options with { CheckpointPath = null }), Of(options with { Resume = true }));

        static TrainingResult Of(TrainingOptions options) => TinyTask.Train(options, scenes: 6);
    }

    [TestMethod]
    public void ACheckpointThatCannotBeWrittenIsAWarning()
    {
        using TemporaryFolder folder = new();
        string place = Directory.CreateDirectory(folder.File("place")).FullName;
        TrainingOptions options = TinyTask.Options(Steps) with { CheckpointPath = Path.Combine(place, "run.checkpoint"), CheckpointInterval = 2 };
        List<string> warnings = [];
        options = options with { OnWarning = warnings.Add };
        Reports reports = new(1, () => Directory.Delete(place));
        TrainingResult result = TinyTask.Train(options, reports);
        Interruption.AssertSame(TinyTask.Train(options with { CheckpointPath = null }), result);
        Assert.IsTrue(warnings.Count > 1 && warnings.All(warning => warning.Contains("does not exist", StringComparison.Ordinal)), string.Join('\n', warnings));
    }

    [TestMethod]
    public void TheResultIsThereBeforeTheLastCheckpoint()
    {
        using TemporaryFolder folder = new();
        int[] completed = [];
        bool checkpoint = true;
        TrainingOptions options = TinyTask.Options(Steps) with
        {
            CheckpointPath = folder.File("run.checkpoint"),
            Completed = result => (completed, checkpoint) = (TinyTask.Bits(result.Graph), File.Exists(folder.File("run.checkpoint"))),
        };
        TrainingResult result = TinyTask.Train(options);
        Assert.IsFalse(checkpoint);
        CollectionAssert.AreEqual(completed, TinyTask.Bits(result.Graph));
        Interruption.AssertSame(result, TinyTask.Train(options with { Resume = true }));
        Assert.ThrowsExactly<IOException>(() => TinyTask.Train(options with { CheckpointPath = folder.File("other"), Completed = _ => throw new IOException("full") }));
        Assert.IsTrue(File.Exists(folder.File("other")), "what could not be saved can be had again");
    }

    [TestMethod]
    public void WhatFailsInTheLastValidationCostsNeitherResultNorCheckpoint()
    {
        using TemporaryFolder folder = new();
        int[] completed = [];
        TrainingOptions options = TinyTask.Options(Steps) with
        {
            CheckpointPath = folder.File("run.checkpoint"),
            Completed = result => completed = TinyTask.Bits(result.Graph),
            Validate = _ => throw new IOException("gone"),
        };
        Assert.ThrowsExactly<IOException>(() => TinyTask.Train(options));
        Assert.IsTrue(File.Exists(folder.File("run.checkpoint")));
        TrainingResult result = TinyTask.Train(options with { Resume = true, Validate = _ => 0.5, Completed = null });
        Assert.AreEqual(0.5, result.ValidationMetric);
        CollectionAssert.AreEqual(completed, TinyTask.Bits(result.Graph));
    }

    /// <summary>Clips and shifts of levels are parameters like others, and a network of signs is another network.</summary>
    [TestMethod]
    public void ANetworkOfLevelsGoesOnToo()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(Steps) with { CheckpointPath = folder.File("run.checkpoint") };
        TrainingResult whole = Interruption.AssertGoesOn((options, reports) => TinyTask.Train(options, reports, TinyTask.Graph(activationBits: 2)), options, cancelAt: 3, threads: 2);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TinyTask.Train(options with { Resume = true })).Message, "it belongs to another run");
        DenseGraph initial = TinyTask.Graph(activationBits: 2);
        foreach ((Parameter before, Parameter after) in initial.Parameters.Zip(whole.Graph.Parameters).Where(pair => pair.First.Name.Contains(".levels.", StringComparison.Ordinal)))
        {
            Assert.IsTrue(before.Values.Zip(after.Values).Any(pair => pair.First != pair.Second), $"{before.Name} has learned");
        }
    }
}
