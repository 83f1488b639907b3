using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class DistillationTests
{
    private const int Scenes = 12;

    /// <summary>The masks say nothing (share 0), so whatever the student knows it has from its teacher.</summary>
    [TestMethod]
    public void AStudentLearnsFromItsTeacherAlone()
    {
        DenseGraph teacher = Train(TinyTask.Graph(Precision.Float), TinyTask.LearningOptions(80));
        TrainingSample[] blind = [.. TinyTask.Scenes(Scenes).Select(s => s with { Mask = new byte[s.Mask.Length] })];
        TrainingOptions options = TinyTask.LearningOptions(80) with { Teacher = teacher, DistillationWeight = 1 };
        DenseGraph student = DenseTrainer.Train(TinyTask.Graph(), new SegmentationTask { ClassWeights = [1, 1, 1] }, () => blind, options).Graph;
        double taught = Accuracy(student), untaught = Accuracy(TinyTask.Graph());
        Assert.IsGreaterThan(0.8, taught);
        Assert.IsLessThan(0.7, untaught);
    }

    [TestMethod]
    public void AShareOfNothingIsNoTeacher()
    {
        DenseGraph alone = Train(TinyTask.Graph(), TinyTask.Options());
        DenseGraph unmoved = Train(TinyTask.Graph(), TinyTask.Options() with { Teacher = TinyTask.Graph(Precision.Float), DistillationWeight = 0 });
        foreach ((Parameter one, Parameter other) in alone.Parameters.Zip(unmoved.Parameters))
        {
            for (int i = 0; i < one.Values.Length; i++)
            {
                Assert.AreEqual(one.Values[i], other.Values[i], 1e-3, one.Name);
            }
        }
    }

    [TestMethod]
    public void ASaliencyStudentHasATeacher()
    {
        TrainingSample[] blind = [.. TinyTask.Samples(DenseTask.Saliency, Scenes).Select(s => s with { Mask = [255, .. new byte[s.Mask.Length - 1]] })];
        DenseGraph teacher = TinyTask.Graph(Precision.Float, outputs: 1);
        teacher.Parameters.Single(p => p.Name == "classifier.bias").Values[0] = 20;
        float[] alone = Saliency(TinyTask.Options(40)), taught = Saliency(TinyTask.Options(40) with { Teacher = teacher, DistillationWeight = 1 });
        Assert.IsGreaterThan(alone.Average(), taught.Average());

        float[] Saliency(TrainingOptions options)
        {
            using CompiledNetwork network = CompiledNetwork.Compile(
                DenseTrainer.Train(TinyTask.Graph(outputs: 1), DenseTask.Saliency, () => blind, options with { LearningRate = 2e-2f }).Graph);
            float[] map = new float[TinyTask.Width * TinyTask.Height];
            network.PredictSaliency(blind[0].Image, map);
            return map;
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void AnInterruptedStudentGoesOnAsIfNothingHadHappened(int cancelAt)
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options(5) with { Teacher = TinyTask.Graph(Precision.Float), CacheBytes = TinyTask.BytesOf(3), CheckpointPath = folder.File("run.checkpoint") };
        Interruption.AssertGoesOn((options, reports) => TinyTask.Train(options, reports, scenes: Scenes), options, cancelAt, threads: 2);

        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(
            () => Train(TinyTask.Graph(), options with { Resume = true, Teacher = null }));
        StringAssert.Contains(error.Message, "teacher");
    }

    [TestMethod]
    public void ATeacherOfOtherClassesIsRefused()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
            () => Train(TinyTask.Graph(), TinyTask.Options() with { Teacher = TinyTask.Graph(outputs: 5) }));
        StringAssert.Contains(error.Message, "5 outputs");
        StringAssert.Contains(error.Message, "3");
        Assert.ThrowsExactly<ArgumentException>(() => Train(TinyTask.Graph(), TinyTask.Options() with { DistillationWeight = 1.5f }));
    }

    [TestMethod]
    public void ATaskThatLearnsFromNoTeacherRefusesOne()
    {
        TrainingOptions options = TinyTask.Options() with { Teacher = TinyTask.Graph(Precision.Float, outputs: 1) };
        options.CheckFor(TinyTask.Graph(outputs: 1), new SaliencyTask());
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => options.CheckFor(TinyTask.Graph(outputs: 1), new EdgesTask())).Message,
            "Teacher is a network; it must be null for edges");
    }

    private static DenseGraph Train(DenseGraph graph, TrainingOptions options) => TinyTask.Train(options, graph: graph, scenes: Scenes).Graph;

    private static double Accuracy(DenseGraph graph)
    {
        TrainingSample scene = TinyTask.Scene(1001);
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        byte[] labels = new byte[scene.Mask.Length];
        network.PredictLabels(scene.Image, labels);
        return labels.Zip(scene.Mask).Count(pair => pair.First == pair.Second) / (double)labels.Length;
    }
}
