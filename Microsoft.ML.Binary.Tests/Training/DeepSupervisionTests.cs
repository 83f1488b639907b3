using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class DeepSupervisionTests
{
    [TestMethod]
    [DataRow(DenseTask.Segmentation)]
    [DataRow(DenseTask.Saliency)]
    public void TheHeadTeachesAndIsDropped(DenseTask task)
    {
        DenseGraph initial = TinyTask.Graph(outputs: task == DenseTask.Saliency ? 1 : TinyTask.Classes);
        DenseGraph alone = Train(initial, task, TinyTask.Options()), supervised = Train(initial, task, TinyTask.Options() with { DeepSupervision = 0.4f });
        CollectionAssert.AreEqual(initial.Nodes.Select(n => n.Name).ToArray(), supervised.Nodes.Select(n => n.Name).ToArray());
        CollectionAssert.AreEqual(initial.Outputs, supervised.Outputs);
        Assert.AreEqual(alone.Parameters.Count(), supervised.Parameters.Count());
        CollectionAssert.AreNotEqual(TinyTask.Bits(alone), TinyTask.Bits(supervised), "it took part in training");
    }

    /// <summary>After the map that the head reads nothing learns from it: gradients of the head reach the encoder alone.</summary>
    [TestMethod]
    public void ItsGradientReachesTheEncoder()
    {
        DenseGraph graph = AuxiliaryHead.Attach(TinyTask.Graph(Precision.Float), seed: 3);
        Node head = graph.Nodes.Single(node => node.Name == "auxiliary/classifier");
        FeatureType read = graph.Types[head.Inputs[0]];
        Assert.AreEqual((graph.Alignment, false), (read.Stride, read.IsSign));
        Assert.AreEqual("attention/activation", graph.Nodes[head.Inputs[0]].Name, "the last map of the encoder");
        int logits = graph.Output(AuxiliaryHead.Output);
        Assert.AreEqual((1, TinyTask.Classes), (graph.Types[logits].Stride, graph.Types[logits].Channels));

        TrainingNetwork network = new(graph, images: 1, height: 32, width: 32, threads: 1);
        network.Forward(usesBatchStatistics: true);
        network.Pass.BeginGradient(network.Value(logits));
        Array.Fill(network.Value(logits).Gradient!, 1);
        network.Backward();
        float[] stem = network.Gradients[graph.Parameters.Single(p => p.Name == "stem/first.weight")];
        float[] classifier = network.Gradients[graph.Parameters.Single(p => p.Name == "classifier.weight")];
        Assert.IsTrue(stem.Any(g => g != 0));
        Assert.IsTrue(classifier.All(g => g == 0));
    }

    [TestMethod]
    public void LossAndGradientOfTheHeadAreWeighted()
    {
        TrainingValue logits = new(images: 1, channels: 2, height: 1, width: 2, needsGradient: true) { Gradient = [1, -2, 3, 0] };
        logits.ScaleGradient(0.5f);
        CollectionAssert.AreEqual(new float[] { 0.5f, -1, 1.5f, 0 }, logits.Gradient);

        double without = FirstLoss(0), once = FirstLoss(1), twice = FirstLoss(2);
        Assert.IsGreaterThan(without + 0.1, once);
        Assert.AreEqual(2 * (once - without), twice - without, 1e-6);

        static double FirstLoss(float weight)
        {
            Reports reports = new();
            TinyTask.Train(TinyTask.Options(1) with { DeepSupervision = weight }, reports);
            return reports.All[0].Loss;
        }
    }

    [TestMethod]
    public void ACancelledRunGoesOnAsIfNothingHadHappened()
    {
        using TemporaryFolder folder = new();
        TrainingOptions options = TinyTask.Options() with { DeepSupervision = 0.4f, CheckpointPath = folder.File("run.checkpoint") };
        Interruption.AssertGoesOn((options, reports) => TinyTask.Train(options, reports), options, cancelAt: 3);
    }

    [TestMethod]
    public void ATeacherOfFeaturesHasNoSuchHead()
    {
        TrainingOptions options = TinyTask.Options(2) with { DeepSupervision = 0.4f };
        DenseGraph taught = Train(TinyTask.Graph(), DenseTask.Segmentation, options with { FeatureTeacher = TinyTask.Graph(Precision.Float) });
        CollectionAssert.AreNotEqual(TinyTask.Bits(Train(TinyTask.Graph(), DenseTask.Segmentation, options)), TinyTask.Bits(taught));
    }

    [TestMethod]
    public void ANetworkWithoutADeepMapIsRefused()
    {
        GraphBuilder builder = new(Precision.Float, seed: 1);
        int logits = builder.Convolution(builder.NormalizedImage([0, 0, 0], [1, 1, 1]), "classifier", 3, new(Kernel: 1), bias: true);
        DenseGraph flat = builder.Build(new GraphOutput(DenseGraph.LogitsOutput, logits));
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
            () => Train(flat, DenseTask.Segmentation, TinyTask.Options() with { DeepSupervision = 0.4f }));
        Assert.Contains("deep supervision", error.Message);
        TrainingOptions options = new() { DeepSupervision = 0.4f };
        Assert.Contains("deep supervision", Assert.ThrowsExactly<ArgumentException>(() => options.CheckFor(flat, new SegmentationTask())).Message);
    }

    private static DenseGraph Train(DenseGraph initial, DenseTask task, TrainingOptions options) => TinyTask.Train(options, graph: initial, task: TrainingTask.For(task)).Graph;
}
