using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Imaging;
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
        StringAssert.Contains(message, "checkpoint: key");
        StringAssert.Contains(message, "this run:   other key");
        CollectionAssert.AreEqual(new float[] { 7, 7, 7 }, untouched);
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
        Train(options);
        AssertRefused(options with { Seed = 2 }, "seed 2");
        AssertRefused(options with { BatchSize = 3 }, "batch 3");
        AssertRefused(options with { CropWidth = 33 }, "crop 48x32");
        AssertRefused(options with { LearningRate = 0.5f }, "learning rate 0.5");
        AssertRefused(options with { WarmUp = 0.25f }, "warm-up 0.25");
        AssertRefused(options with { WeightDecay = 0.125f }, "weight decay 0.125");
        AssertRefused(options with { AverageDecay = 0.75f }, "average 0.75");
        AssertRefused(options, "class weights 1 2 0.5", new SegmentationTask { ClassWeights = [1, 2, 0.5f] });
        AssertRefused(options, "ignored label 0", new SegmentationTask { IgnoreLabel = 0 });
        AssertRefused(options with { Augmentation = AugmentationOptions.None }, "scale 1-1");
        AssertRefused(options with { Augmentation = options.Augmentation with { Noise = 3 } }, "noise 3");
        AssertRefused(options with { Augmentation = options.Augmentation with { RandomPlacement = false } }, "random placement False");
        AssertRefused(options, "soft IoU 0.25", new SegmentationTask { SoftIoUWeight = 0.25f });
        AssertRefused(options with { Teacher = TinyTask.Graph(), DistillationWeight = 0.25f }, "of share 0.25");

        static void AssertRefused(TrainingOptions options, string named, SegmentationTask? task = null)
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => Train(options with { Resume = true }, task: task)).Message;
            StringAssert.Contains(message, options.CheckpointPath);
            StringAssert.Contains(message, named);
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
        Train(options);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Train(options with { Resume = true }, scenes: 4)).Message, "4 samples");
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

    private static void Train(TrainingOptions options, int scenes = 5, SegmentationTask? task = null) =>
        DenseTrainer.Train(TinyTask.Graph(), task ?? new(), () => TinyTask.Scenes(scenes), options);
}
