using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class CheckpointErrorTests
{
    private static readonly ImmutableArray<float[]> Tensors = [[1, 2, 3], [], [-0f, float.MaxValue]];

    [TestMethod]
    public void WhatIsWrittenIsRead()
    {
        using TemporaryFolder folder = new();
        CheckpointState state = Write(folder.File("a"));
        ImmutableArray<float[]> read = [new float[3], [], new float[2]];
        Assert.AreEqual(state, TrainingCheckpoint.Read(folder.File("a"), "key", read));
        for (int i = 0; i < read.Length; i++)
        {
            CollectionAssert.AreEqual(Tensors[i], read[i]);
        }
    }

    [TestMethod]
    public void AMissingFileIsNamed()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("none");
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => Read(path)).Message, path);
    }

    [TestMethod]
    public void RelativePathsAreThoseOfTheStart()
    {
        string whole = Path.GetFullPath("none.checkpoint");
        TrainingOptions options = TinyTask.Options(1) with { Resume = true, ResumePath = "none.checkpoint" };
        Assert.AreEqual(whole, Assert.ThrowsExactly<FileNotFoundException>(() => TinyTask.Train(options)).FileName);
        options = (options with { CheckpointPath = "none.checkpoint", RestartPath = "none.checkpoint" }).WithFullPaths();
        Assert.AreEqual((whole, whole, whole), (options.CheckpointPath, options.ResumePath, options.RestartPath));
        Assert.AreEqual(new(), new TrainingOptions().WithFullPaths());
    }

    [TestMethod]
    public void EveryTruncationIsFound()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a");
        Write(path);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertRefused(path, length < 44 ? "not a training checkpoint" : "truncated or damaged");
        }
    }

    [TestMethod]
    public void EveryFlippedBitIsFound()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a");
        Write(path);
        byte[] whole = File.ReadAllBytes(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            damaged[i] ^= (byte)(1 << i % 8);
            File.WriteAllBytes(path, damaged);
            AssertRefused(path, i < 8 ? "not a training checkpoint" : "truncated or damaged");
        }
    }

    [TestMethod]
    [DataRow(12, 1e300)]
    [DataRow(12, 1e10)]
    [DataRow(12, -1.0)]
    [DataRow(-1, 3.5)]
    [DataRow(int.MaxValue, 3.5)]
    public void TimesAndStepsThatCannotBeAreRefused(int step, double seconds)
    {
        using TemporaryFolder folder = new();
        TrainingCheckpoint.Write(folder.File("a"), new("key", step, seconds, 0.25), Tensors);
        AssertRefused(folder.File("a"), "its header is damaged");
    }

    [TestMethod]
    public void TheTimeLeftOfAHugeBudgetIsTheLongestThereIs()
    {
        BudgetClock clock = new(TrainingBudget.OfEpochs(int.MaxValue), 1_000_000_000, 1, 0, TimeSpan.Zero);
        Thread.Sleep(20);
        Assert.AreEqual(TimeSpan.MaxValue, clock.Remaining(1));
    }

    [TestMethod]
    public void AnotherRunIsRefusedAndShown()
    {
        using TemporaryFolder folder = new();
        Write(folder.File("a"));
        float[] untouched = [7, 7, 7];
        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => TrainingCheckpoint.Read(folder.File("a"), "other key", [untouched, [], new float[2]])).Message;
        StringAssert.Contains(message, "it belongs to another run, which has key where this one has other key.");
        CollectionAssert.AreEqual(new float[] { 7, 7, 7 }, untouched);
    }

    [TestMethod]
    [DataRow("batch 2, seed 1", "batch 2, seed 2", "which has seed 1 where this one has seed 2.")]
    [DataRow("batch 2, seed 1", "batch 2, seed 1, exposure 90", "which has nothing more where this one has exposure 90.")]
    [DataRow("batch 2, seed 1, exposure 90", "batch 4, seed 1", "which has batch 2, exposure 90 where this one has batch 4.")]
    [DataRow("weight 1, mask 0, weight 1", "weight 1, mask 0, weight 3", "which has weight 1 where this one has weight 3.")]
    [DataRow("weight 3, mask 0, weight 1", "weight 1, mask 0, weight 3", "which has weight 3, weight 1 where this one has weight 1, weight 3.")]
    public void OfAnotherRunOnlyTheDifferenceIsShown(string other, string own, string difference)
    {
        using TemporaryFolder folder = new();
        TrainingCheckpoint.Write(folder.File("a"), new(other, 12, 3.5, 0.25), Tensors);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => TrainingCheckpoint.Read(folder.File("a"), own, Tensors)).Message, difference);
    }

    [TestMethod]
    public void TensorsOfAnotherSizeAreRefused()
    {
        using TemporaryFolder folder = new();
        Write(folder.File("a"));
        string message = Assert.ThrowsExactly<InvalidDataException>(() => TrainingCheckpoint.Read(folder.File("a"), "key", [new float[4]])).Message;
        StringAssert.Contains(message, "do not fit the network");
    }

    [TestMethod]
    public void ResumingWithOtherOptionsIsRefused()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(1) with { CheckpointPath = folder.File("a"), AverageDecay = 0 };
        AugmentationOptions changes = options.Augmentation;
        TinyTask.Train(options);
        AssertEachRefused(options, (resumed, task) => TinyTask.Train(resumed, task: (SegmentationTask?)task),
        [
            ("seed 2", options with { Seed = 2 }, null),
            ("batch 3", options with { BatchSize = 3 }, null),
            ("crop 48x32", options with { CropWidth = 33 }, null),
            ("crop 32x48", options with { CropHeight = 33 }, null),
            ("working size 40", options with { WorkingSize = WorkingSize.Of(40) }, null),
            ("exposure 90", options with { Exposure = ImageExposure.Of(90) }, null),
            ("exposure 90 of images at their own size", options with { Exposure = ImageExposure.Of(90), WorkingSize = WorkingSize.Of(40) }, null),
            ($"order of {TinyTask.BytesOf(3)} bytes at a time", options with { CacheBytes = TinyTask.BytesOf(3) }, null),
            ("learning rate 0.5", options with { LearningRate = 0.5f }, null),
            ("gate rate 2", options with { GateRate = 2 }, null),
            ("scaling rate 0.5", options with { ScalingRate = 0.5f }, null),
            ("batches a step 2", options with { GradientAccumulation = 2 }, null),
            ("warm-up 0.25", options with { WarmUp = 0.25f }, null),
            ("weight decay 0.125", options with { WeightDecay = 0.125f }, null),
            ("average 0.75", options with { AverageDecay = 0.75f }, null),
            ("deep supervision 0.5", options with { DeepSupervision = 0.5f }, null),
            ("initial statistics measured True", options with { MeasuresInitialStatistics = true }, null),
            ("of share 0.25", options with { Teacher = TinyTask.Graph(), DistillationWeight = 0.25f }, null),
            ("of weight 0.25 at ", options with { FeatureTeacher = TinyTask.Graph(), FeatureWeight = 0.25f }, null),
            ("held out 0.4", options with { EarlyStopping = new() { HoldOut = 0.4f } }, null),
            ("measured every 70", options with { EarlyStopping = new() { HoldOut = 0.4f, Interval = 70 } }, null),
            ("class weights 1 2 0.5", options, new SegmentationTask { ClassWeights = [1, 2, 0.5f] }),
            ("soft IoU 0.25", options, new SegmentationTask { SoftIoUWeight = 0.25f }),
            ("ignored label 0", options, new SegmentationTask { IgnoreLabel = 0 }),
            ("scale 1-1", options with { Augmentation = AugmentationOptions.None }, null),
            ("scale 0.5-1.6", options with { Augmentation = changes with { MinScale = 0.5f } }, null),
            ("scale 0.6-2", options with { Augmentation = changes with { MaxScale = 2 } }, null),
            ("random placement False", options with { Augmentation = changes with { RandomPlacement = false } }, null),
            ("flip False", options with { Augmentation = changes with { Flip = false } }, null),
            ("contrast 0.75", options with { Augmentation = changes with { Contrast = 0.75f } }, null),
            ("color 0.75", options with { Augmentation = changes with { Color = 0.75f } }, null),
            ("gamma 0.75", options with { Augmentation = changes with { Gamma = 0.75f } }, null),
            ("blur 0.75", options with { Augmentation = changes with { Blur = 0.75f } }, null),
            ("noise 3", options with { Augmentation = changes with { Noise = 3 } }, null),
        ]);
    }

    [TestMethod]
    public void ResumingWithOtherOptionsOfSeveralTasksIsRefused()
    {
        using TemporaryFolder folder = new();
        DenseNetwork network = Network(Precision.Binary), teacher = Network(Precision.Float);
        LearnedTask classes = new("classes", new SegmentationTask()), edges = new("edges", new EdgesTask()) { From = "classes" };
        TrainingOptions options = TinyTask.Options(1) with { CheckpointPath = folder.File("a"), FeatureTeacher = teacher.Graph };
        Train(options, null);
        string tap = teacher.Graph.Nodes[^3].Name;
        AssertEachRefused(options, Train,
        [
            ("of weight 0.25 at ", options with { FeatureWeight = 0.25f }, null),
            ($"at {tap}", options with { FeatureTaps = [tap] }, null),
            ("bottleneck 0.5 after 0.3", options with { BottleneckWeight = 0.5f }, null),
            ("bottleneck 0.001 after 0.5", options with { BottleneckRamp = 0.5f }, null),
            ("weight 3", options, edges with { Weight = 3 }),
            ("mask 1", options, edges with { From = null }),
            ("widened by 2", options, edges with { Task = new EdgesTask { Widening = 2 } }),
            ("weight 0.75", options, edges with { Task = new EdgesTask { EdgeWeight = 0.75f } }),
        ]);

        // What is weighed by uncertainty is named, what is fixed is not.
        File.Delete(folder.File("a"));
        Train(options with { TaskWeighting = TaskWeighting.Fixed }, null);
        AssertEachRefused(options, Train, [("weighed by Uncertainty", options with { TaskWeighting = TaskWeighting.Uncertainty }, null)]);

        void Train(TrainingOptions options, object? changed) => DenseTrainer.TrainTasks(
            network, [classes, changed as LearnedTask ?? edges],
            () => TinyTask.Scenes(5).Select(scene => changed is LearnedTask { From: null } ? scene with { MoreMasks = [scene.Mask] } : scene), options);

        static DenseNetwork Network(Precision precision) => MultiTaskNetwork.Build(
            MultiTaskNetworkTests.Configuration with { Precision = precision }, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges], bottleneck: TaskBottleneck.Diagonal);
    }

    /// <summary>The run that is refused shows the option that differs, which the checkpoint's does not.</summary>
    private static void AssertEachRefused(
        TrainingOptions original, Action<TrainingOptions, object?> train, (string Named, TrainingOptions Options, object? Task)[] changes)
    {
        foreach ((string named, TrainingOptions options, object? task) in changes)
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => train(options with { Resume = true }, task), named).Message;
            StringAssert.Contains(message, original.CheckpointPath);
            string[] differences = message.Split(" where this one has ");
            Assert.HasCount(2, differences, message);
            Assert.DoesNotContain(named, differences[0]);
            Assert.Contains(named, differences[1]);
        }
    }

    /// <summary>Both networks have the same parameters; they differ in what is done with them.</summary>
    [TestMethod]
    public void ResumingWithAnotherNetworkOfTheSameSizeIsRefused()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(1) with { CheckpointPath = folder.File("a") };
        NetworkConfiguration network = new() { Outputs = 3, Width = 8, Stride4Depth = 0, Stride8Depth = 1, Stride16Depth = 2, AttentionHeads = 0 };
        Train(network with { Stride16Dilations = [1] });
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Train(network with { Stride16Dilations = [2] }, resume: true)).Message, "initial network");

        void Train(NetworkConfiguration network, bool resume = false) => DenseTrainer.Train(
            DenseNetworkBuilder.Build(network), DenseTask.Segmentation, () => TinyTask.Scenes(5), options with { Resume = resume });
    }

    [TestMethod]
    public void ResumingWithOtherDataIsRefused()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(1) with { CheckpointPath = folder.File("a") };
        TinyTask.Train(options);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => TinyTask.Train(options with { Resume = true }, scenes: 4)).Message, "4 samples");
    }

    [TestMethod]
    public void APlaceThatCannotBeWrittenIsFoundBeforeTraining()
    {
        using TemporaryFolder folder = new();
        string readOnly = folder.File("read-only");
        File.WriteAllText(readOnly, "precious");
        File.SetAttributes(readOnly, FileAttributes.ReadOnly);
        AssertUnwritable<DirectoryNotFoundException>(Path.Combine(folder.Path, "missing", "a"));
        AssertUnwritable<IOException>(folder.Path);
        AssertUnwritable<IOException>(readOnly);
        Assert.AreEqual("precious", File.ReadAllText(readOnly));
        File.SetAttributes(readOnly, FileAttributes.Normal);
    }

    private static void AssertUnwritable<T>(string path) where T : IOException
    {
        T error = Assert.ThrowsExactly<T>(() => DenseTrainer.Train(
            TinyTask.Graph(), DenseTask.Segmentation, () => throw new InvalidOperationException("The data was read first."),
            TinyTask.Options() with { CheckpointPath = path }));
        StringAssert.Contains(error.Message, path);
    }

    private static CheckpointState Write(string path)
    {
        CheckpointState state = new("key", 12, 3.5, 0.25);
        TrainingCheckpoint.Write(path, state, Tensors);
        return state;
    }

    private static void Read(string path) => TrainingCheckpoint.Read(path, "key", [new float[3], [], new float[2]]);

    private static void AssertRefused(string path, string why)
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Read(path)).Message;
        StringAssert.Contains(message, path);
        StringAssert.Contains(message, why);
    }
}
