using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class GradientAccumulationTests
{
    [TestMethod]
    public void TwoEqualBatchesChangeTheWeightsAsOneDoes()
    {
        TrainingOptions one = TinyTask.Options(4) with { BatchSize = 1, Augmentation = AugmentationOptions.None, AverageDecay = 0 };
        float[] expected = Trained(one), actual = Trained(one with { GradientAccumulation = 2 });
        CollectionAssert.AreEqual(expected, actual, "the mean of two equal gradients is each of them");
    }

    [TestMethod]
    public void BatchesOfAStepAreDifferentOnes()
    {
        TrainingOptions one = TinyTask.Options(4) with { AverageDecay = 0 };
        CollectionAssert.AreNotEqual(Trained(one, scenes: 6), Trained(one with { GradientAccumulation = 2 }, scenes: 6));
    }

    [TestMethod]
    [DataRow(1, false)]
    [DataRow(2, true)]
    public void AResumedRunGoesOnAsIfNothingHadHappened(int threads, bool streamed)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(5) with
        {
            GradientAccumulation = 3,
            Threads = threads,
            CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100),
            CheckpointPath = folder.File("run.checkpoint"),
        };
        Interruption.AssertGoesOn((options, reports) => TinyTask.Train(options, reports), options, cancelAt: 2);
    }

    [TestMethod]
    public void AnEpochIsSoManyStepsFewer() => Assert.AreEqual(
        3, TinyTask.Train(TinyTask.Options() with { Budget = TrainingBudget.OfEpochs(2), GradientAccumulation = 2 }, scenes: 6).Steps, "12 samples in steps of 4");

    [TestMethod]
    public void NoneIsRefused() => Assert.ThrowsExactly<ArgumentException>(() => TinyTask.Train(TinyTask.Options() with { GradientAccumulation = 0 }));

    private static float[] Trained(TrainingOptions options, int scenes = 1) =>
        [.. TinyTask.Train(options, scenes: scenes).Graph.Parameters.Where(p => p.Role != ParameterRole.Statistic).SelectMany(p => p.Values)];
}
