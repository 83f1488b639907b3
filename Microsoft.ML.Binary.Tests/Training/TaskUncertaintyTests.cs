using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Tests.Training.Losses;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Losses weighed by homoscedastic uncertainty.</summary>
[TestClass]
public sealed class TaskUncertaintyTests
{
    private static readonly LearnedTask[] Tasks =
    [
        new("classes", new SegmentationTask()),
        new("edges", new EdgesTask()) { From = "classes", Weight = 2 },
    ];

    [TestMethod]
    public void TasksStartEqual_WhateverTheirLosses()
    {
        TaskUncertainty uncertainty = new([1, 1, 3]);
        Assert.AreEqual(1 + Math.Log(4), uncertainty.Weigh(0, 4), 1e-6);
        Assert.AreEqual(1 + Math.Log(0.05), uncertainty.Weigh(1, 0.05), 1e-6);
        Assert.AreEqual(3 * (1 + Math.Log(0.5)), uncertainty.Weigh(2, 0.5), 1e-6);
        Assert.AreEqual(1 / 4.0, uncertainty.Factor(0), 1e-6);
        Assert.AreEqual(1 / 0.05, uncertainty.Factor(1), 1e-5);
        Assert.AreEqual(3 / 0.5, uncertainty.Factor(2), 1e-5);
    }

    [TestMethod]
    [DataRow(1f, 0.7f, 0.3)]
    [DataRow(2.5f, -1.2f, 0.9)]
    [DataRow(0.1f, 3f, 4.0)]
    public void Gradient_IsTheDifferenceOfTheLoss(float weight, float logVariance, double loss)
    {
        const float Step = 1f / 256;
        TaskUncertainty uncertainty = new([weight]);
        float[] s = uncertainty.State[0];
        s[0] = logVariance;
        uncertainty.Weigh(0, loss);
        float gradient = uncertainty.Gradient[0];
        s[0] = logVariance + Step;
        double above = uncertainty.Weigh(0, loss);
        s[0] = logVariance - Step;
        double below = uncertainty.Weigh(0, loss);
        double difference = (above - below) / (2 * Step);
        Assert.AreEqual(difference, gradient, 1e-4 * Math.Abs(difference));
    }

    [TestMethod]
    public void FactorsFollowTheLosses()
    {
        TaskUncertainty uncertainty = new([1, 1]);
        for (int step = 1; step <= 400; step++)
        {
            uncertainty.Weigh(0, step == 1 ? 2 : 0.5);
            uncertainty.Weigh(1, 0.1);
            uncertainty.Step(LogitGradient.Pass(), step, 0.02, batches: 1);
        }

        Assert.AreEqual(1 / 0.5, uncertainty.Factor(0), 0.02);
        Assert.AreEqual(1 / 0.1, uncertainty.Factor(1), 0.1);
    }

    [TestMethod]
    public void BatchesOfAStep_AreAveraged()
    {
        TaskUncertainty uncertainty = new([1]);
        uncertainty.Weigh(0, 1);
        uncertainty.Weigh(0, 3);
        uncertainty.Step(LogitGradient.Pass(), 1, 0.1, batches: 2);
        Assert.AreEqual(-0.1f, uncertainty.State[1][0], 1e-6f, "the first moment: a tenth of the mean of the gradients 0 and -2");
        Assert.AreEqual(0, uncertainty.Gradient[0], "the next step starts anew");
    }

    [TestMethod]
    public void LossesOfNothing_DoNotCarryATaskAway()
    {
        TaskUncertainty uncertainty = new([1, 1]);
        Assert.IsTrue(double.IsFinite(uncertainty.Weigh(0, 0)));
        Assert.IsTrue(uncertainty.Factor(0) < 1e4);
        Assert.IsFalse(double.IsFinite(uncertainty.Weigh(1, double.NaN)), "a run that diverges is to say so");
        Assert.IsFalse(double.IsFinite(new TaskUncertainty([1]).Weigh(0, double.PositiveInfinity)));
    }

    [TestMethod]
    public void ATaskStartsWithTheFirstLossThatItHas()
    {
        TaskUncertainty uncertainty = new([1, 3]);
        for (int step = 1; step <= 3; step++)
        {
            Assert.AreEqual(0, uncertainty.Weigh(1, 0));
            Assert.AreEqual(3, uncertainty.Factor(1), "as it was given");
            Assert.AreEqual(0, uncertainty.Gradient[1]);
            uncertainty.Step(LogitGradient.Pass(), step, 0.02, batches: 1);
        }

        Assert.AreEqual(3 * (1 + Math.Log(0.5)), uncertainty.Weigh(1, 0.5), 1e-6);
        Assert.AreEqual(3 / 0.5, uncertainty.Factor(1), 1e-5);
        uncertainty.Step(LogitGradient.Pass(), 4, 0.02, batches: 1);
        Assert.IsTrue(uncertainty.State.Skip(1).All(moments => float.IsFinite(moments[1])));
    }

    [TestMethod]
    public void ThreadsAndInterruptionsDoNotMatter()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(7) with
        {
            TaskWeighting = TaskWeighting.Uncertainty,
            GradientAccumulation = 2,
            CheckpointPath = folder.File("run.checkpoint"),
        };
        TrainingResult whole = Interruption.AssertGoesOn((options, reports) => DenseTrainer.TrainTasks(Network(), Tasks, Samples, options, reports, reports.Token), options, cancelAt: 3);
        Interruption.AssertSame(whole, Train(options with { CheckpointPath = null, Threads = 3 }));
        CollectionAssert.AreNotEqual(TinyTask.Bits(whole.Graph), TinyTask.Bits(Train(options with { CheckpointPath = null, TaskWeighting = TaskWeighting.Fixed }).Graph));
    }

    [TestMethod]
    public void TheResultSaysHowTasksWereWeighed()
    {
        TrainingOptions options = TinyTask.Options(5) with { TaskWeighting = TaskWeighting.Fixed };
        CollectionAssert.AreEqual(new[] { 1.0, 2.0 }, Train(options).TaskWeights.ToArray());
        double[] learned = [.. Train(options with { TaskWeighting = TaskWeighting.Uncertainty }).TaskWeights];
        Assert.IsTrue(learned[1] > 3 * learned[0], $"the balanced loss of edges is the smaller one: {learned[0]}, {learned[1]}");

        TrainingOptions alone = options with { TaskWeighting = TaskWeighting.Uncertainty };
        TrainingResult one = TinyTask.Train(alone);
        Assert.IsTrue(one.TaskWeights.IsEmpty);
        CollectionAssert.AreEqual(
            TinyTask.Bits(one.Graph), TinyTask.Bits(TinyTask.Train(options).Graph), "one task has nothing to weigh");
    }

    private static TrainingResult Train(TrainingOptions options) => DenseTrainer.TrainTasks(Network(), Tasks, Samples, options);

    private static DenseNetwork Network() => MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges]);

    private static IEnumerable<TrainingSample> Samples() => TinyTask.Scenes(5);
}
