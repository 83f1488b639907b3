using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Interrupted and resumed runs against uninterrupted ones, bit for bit. Five scenes in batches of two: epochs end inside batches.</summary>
[TestClass]
public sealed class ResumeTests
{
    private const int Scenes = 5, Steps = 7;

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
        };
        TrainingResult whole = Train(options);
        TrainingOptions saving = options with { CheckpointPath = folder.File("run.checkpoint") };
        Reports reports = new(cancelAt);
        TrainingResult part = Train(saving, reports);
        Assert.IsTrue(part.Cancelled);
        Assert.AreEqual(cancelAt, part.Steps);

        TrainingResult rest = Train(saving with { Resume = true });
        AssertSame(whole, rest);
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
        TrainingResult whole = Train(options with { CheckpointPath = null });
        Assert.AreEqual(8, whole.Steps, "3 epochs of 5 scenes are 7.5 batches of 2");
        for (int step = 1; step < 8; step++)
        {
            Assert.AreEqual(step, Train(options with { Resume = step > 1 }, new Reports(step)).Steps);
        }

        AssertSame(whole, Train(options with { Resume = true }));
    }

    [TestMethod]
    public void ACrashedRunGoesOnFromItsLastCheckpoint()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(Steps) with { CheckpointPath = folder.File("run.checkpoint"), CheckpointInterval = 2 };
        TrainingOptions crashing = options with { ValidationInterval = 5, Validate = _ => throw new TimeoutException("crash") };
        Assert.ThrowsExactly<TimeoutException>(() => Train(crashing));

        Reports reports = new();
        TrainingResult rest = Train(options with { Resume = true }, reports);
        Assert.AreEqual(5, reports.All[0].Step, "the last checkpoint is that of step 4");
        AssertSame(Train(options with { CheckpointPath = null }), rest);
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
        TrainingResult whole = Train(options);
        TrainingResult again = Train(options with { Resume = true });
        AssertSame(whole, again);
        Assert.IsFalse(again.Cancelled);
    }

    [TestMethod]
    public void ALargerBudgetGoesOnWhereItsScheduleIs()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(5) with { CheckpointPath = folder.File("run.checkpoint") };
        Train(options);
        Reports reports = new();
        TrainingResult result = Train(options with { Resume = true, Budget = TrainingBudget.OfSteps(10) }, reports);
        Assert.AreEqual(10, result.Steps);
        Assert.AreEqual(6, reports.All[0].Step);
        Assert.AreEqual(LearningRateSchedule.At(0.5, options.WarmUp, options.LearningRate), reports.All[0].LearningRate);
    }

    [TestMethod]
    public void ABudgetThatIsUsedUpGivesTheNetworkOfTheCheckpoint()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(6) with { CheckpointPath = folder.File("run.checkpoint") };
        TrainingResult whole = Train(options);
        AssertSame(whole, Train(options with { Resume = true, Budget = TrainingBudget.OfSteps(3) }));
    }

    private static TrainingResult Train(TrainingOptions options, Reports? reports = null) => DenseTrainer.Train(
        TinyTask.Graph(), DenseTask.Segmentation, () => TinyTask.Scenes(Scenes), options, reports, reports?.Token ?? default);

    private static void AssertSame(TrainingResult expected, TrainingResult actual)
    {
        Assert.AreEqual(expected.Steps, actual.Steps);
        CollectionAssert.AreEqual(TinyTask.Bits(expected.Graph), TinyTask.Bits(actual.Graph));
    }
}
