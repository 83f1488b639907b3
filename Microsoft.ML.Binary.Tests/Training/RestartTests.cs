using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Runs that start from the checkpoint of another one (<see cref="TrainingOptions.RestartPath"/>).</summary>
[TestClass]
public sealed class RestartTests
{
    private const float NoChange = 1e-30f;

    [TestMethod]
    [DataRow(0f, 0f)]
    [DataRow(0.998f, 0f)]
    [DataRow(0.998f, 0.25f)]
    public void WeightsAreThoseOfTheOtherRun_AndNotItsSignsAlone(float average, float holdOut)
    {
        using TemporaryFolder folder = new();
        TrainingOptions first = TinyTask.Options(6) with
        {
            AverageDecay = average,
            EarlyStopping = holdOut > 0 ? new() { HoldOut = holdOut } : null,
            CheckpointPath = folder.File("first"),
        };
        TinyTask.Train(first);

        // Without a learning rate the weights stay what they were when the first run ended, whatever of the second differs.
        DenseGraph initial = TinyTask.Graph(), same = TinyTask.Train(
            TinyTask.Options(1) with { RestartPath = folder.File("first"), AverageDecay = 0, LearningRate = NoChange, Seed = 7, CropWidth = 48, MeasuresInitialStatistics = true }, graph: initial).Graph;
        DenseGraph last = TinyTask.Train(TinyTask.Options(6) with { AverageDecay = 0, EarlyStopping = first.EarlyStopping is null ? null : first.EarlyStopping with { Interval = 100 } }).Graph;
        CollectionAssert.AreEqual(Latent(last), Latent(same));
        CollectionAssert.AreNotEqual(Latent(initial), Latent(same));
        Assert.IsTrue(Latent(same).Any(weight => Math.Abs(weight) is > 0 and < 1), "more than signs");
    }

    [TestMethod]
    public void MomentsOfTheOptimizerAreThoseOfTheOtherRun()
    {
        using TemporaryFolder folder = new();
        TrainingOptions still = TinyTask.Options(4) with { LearningRate = NoChange, AverageDecay = 0, CheckpointPath = folder.File("first") }, next = TinyTask.Options(2) with { AverageDecay = 0, WarmUp = 0 };
        TinyTask.Train(still);
        CollectionAssert.AreNotEqual(Latent(TinyTask.Train(next).Graph), Latent(TinyTask.Train(next with { RestartPath = folder.File("first") }).Graph), "from the same weights");
    }

    [TestMethod]
    public void TheAverageStartsFromTheWeights()
    {
        using TemporaryFolder folder = new();
        TinyTask.Train(TinyTask.Options(6) with { CheckpointPath = folder.File("first") });
        TrainingOptions one = TinyTask.Options(1) with { RestartPath = folder.File("first"), LearningRate = NoChange };
        CollectionAssert.AreEqual(Latent(TinyTask.Train(one with { AverageDecay = 0 }).Graph), Latent(TinyTask.Train(one with { AverageDecay = 0.9f }).Graph));
    }

    [TestMethod]
    public void AnInterruptedRunGoesOnAsIfNothingHadHappened_FromTheSameStartAlone()
    {
        using TemporaryFolder folder = new();
        TinyTask.Train(TinyTask.Options(3) with { CheckpointPath = folder.File("first") });
        TinyTask.Train(TinyTask.Options(4) with { CheckpointPath = folder.File("other") });
        TrainingOptions options = TinyTask.Options(5) with { RestartPath = folder.File("first"), CheckpointPath = folder.File("second"), LearningRate = 0.02f };
        int[] whole = TinyTask.Bits(TinyTask.Train(options with { CheckpointPath = null }).Graph);
        Assert.IsTrue(TinyTask.Train(options, new Reports(2)).Cancelled);
        foreach (string? start in new[] { null, folder.File("other") })
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => TinyTask.Train(options with { Resume = true, RestartPath = start })).Message, "started from checkpoint ");
        }

        CollectionAssert.AreEqual(whole, TinyTask.Bits(TinyTask.Train(options with { Resume = true }).Graph));
    }

    /// <summary>Without a learning rate, eight steps are four and four: the next one sees moments of the same age.</summary>
    [TestMethod]
    public void MomentsCountTheStepsOfAllRunsBefore()
    {
        using TemporaryFolder folder = new();
        TrainingOptions still = TinyTask.Options(4) with { LearningRate = NoChange, AverageDecay = 0, Augmentation = AugmentationOptions.None, BatchSize = 1 };
        One(still with { Budget = TrainingBudget.OfSteps(8), CheckpointPath = folder.File("eight") });
        One(still with { CheckpointPath = folder.File("four") });
        One(still with { RestartPath = folder.File("four"), CheckpointPath = folder.File("and four") });
        TrainingOptions next = still with { Budget = TrainingBudget.OfSteps(1), LearningRate = 0.01f, WarmUp = 0 };
        float[] expected = One(next with { RestartPath = folder.File("eight") }), actual = One(next with { RestartPath = folder.File("and four") });
        CollectionAssert.AreNotEqual(Latent(TinyTask.Graph()), expected);
        CollectionAssert.AreEqual(expected, actual, "always the same image, so always the same gradient");

        static float[] One(TrainingOptions options) => Latent(DenseTrainer.Train(TinyTask.Graph(), DenseTask.Segmentation, () => TinyTask.Scenes(1), options).Graph);
    }

    [TestMethod]
    public void SeveralTasksMayBeWeighedInAnotherWay_AndNotExchanged()
    {
        using TemporaryFolder folder = new();
        LearnedTask classes = new("classes", new SegmentationTask()), edges = new("edges", new EdgesTask()) { From = "classes" };
        TrainTasks(TinyTask.Options(1) with { CheckpointPath = folder.File("learned") }, MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges);
        TrainTasks(TinyTask.Options(1) with { RestartPath = folder.File("learned"), TaskWeighting = TaskWeighting.Fixed }, MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => TrainTasks(
                TinyTask.Options(1) with { RestartPath = folder.File("learned") }, MultiTaskNetworkTests.Edges, MultiTaskNetworkTests.Classes)).Message,
            "of another structure", "the same tensors, in another order");

        void TrainTasks(TrainingOptions options, params TaskHead[] heads) => DenseTrainer.TrainTasks(
            MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [.. heads]), [.. heads.Select(head => head.Name == "edges" ? edges : classes)], () => TinyTask.Scenes(5), options);
    }

    [TestMethod]
    public void TheCheckpointThatARunWritesOverIsNoStart()
    {
        using TemporaryFolder folder = new();
        TinyTask.Train(TinyTask.Options(1) with { CheckpointPath = folder.File("a") });
        byte[] before = File.ReadAllBytes(folder.File("a"));
        string message = Assert.ThrowsExactly<ArgumentException>(
            () => TinyTask.Train(TinyTask.Options(1) with { CheckpointPath = folder.File("a"), RestartPath = Path.Combine(folder.Path, ".", "a") })).Message;
        StringAssert.Contains(message, "RestartPath is ");
        TrainingOptions options = new() { CheckpointPath = folder.File("a"), RestartPath = folder.File("a") };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => options.CheckFor(TinyTask.Graph(), new SegmentationTask())).Message, "RestartPath is ");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(folder.File("a")));
    }

    [TestMethod]
    public void WhatIsNoStartIsRefusedByName()
    {
        using TemporaryFolder folder = new();
        TinyTask.Train(TinyTask.Options(1) with { CheckpointPath = folder.File("first") });
        File.WriteAllText(folder.File("text"), "no checkpoint");
        byte[] bytes = File.ReadAllBytes(folder.File("first"));
        bytes[^50] ^= 1;
        File.WriteAllBytes(folder.File("damaged"), bytes);
        TrainingCheckpoint.Write(folder.File("earlier"), new("key", 1, 1, 1), []);
        AssertRefused<InvalidDataException>("earlier", "it is of an earlier version");
        AssertRefused<FileNotFoundException>("none", "There is no checkpoint");
        AssertRefused<InvalidDataException>("text", "it is not a training checkpoint");
        AssertRefused<InvalidDataException>("damaged", "truncated or damaged");
        AssertRefused<InvalidDataException>("first", "it is of a network of another structure", TinyTask.Graph(Precision.Binary, TinyTask.Classes, activationBits: 2));
        AssertRefused<InvalidDataException>("first", "it is of a network of another structure", options: new() { DeepSupervision = 0.5f });

        void AssertRefused<T>(string file, string problem, DenseGraph? graph = null, TrainingOptions? options = null)
            where T : Exception
        {
            string message = Assert.ThrowsExactly<T>(
                () => TinyTask.Train(TinyTask.Options(1) with { RestartPath = folder.File(file), DeepSupervision = options?.DeepSupervision ?? 0 }, graph: graph)).Message;
            StringAssert.Contains(message, folder.File(file));
            StringAssert.Contains(message, problem);
            StringAssert.Contains(message, "start from");
        }
    }

    private static float[] Latent(DenseGraph graph) => [.. graph.Parameters.Where(p => p.Role == ParameterRole.LatentSign).SelectMany(p => p.Values)];
}
