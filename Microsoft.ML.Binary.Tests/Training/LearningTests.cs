using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Networks that learn to tell colours apart, measured on scenes they have not seen, frozen, as inference runs them.</summary>
[TestClass]
public sealed class LearningTests
{
    private const int Side = 32, TestScenes = 4;

    private static readonly TrainingOptions s_options = TinyTask.LearningOptions(100) with { Threads = 2 };

    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Binary, 2)]
    [DataRow(Precision.Float)]
    public void ANetworkLearnsToSegment(Precision precision, int activationBits = 1)
    {
        Reports reports = new();
        TrainingResult result = TinyTask.Train(s_options with { ReportInterval = 10 }, reports, TinyTask.Graph(precision, activationBits: activationBits), scenes: 24);
        Assert.IsLessThan(reports.All[0].Loss / 2, reports.All[^1].Loss);

        // No constant answer does well.
        Assert.IsLessThan(0.6, Enumerable.Range(0, TinyTask.Classes).Max(label => Accuracy(result.Graph, TinyTask.Scene, (_, _) => (byte)label)));
        Assert.IsGreaterThan(0.85, Accuracy(result.Graph, TinyTask.Scene, HighestClass));
    }

    [TestMethod]
    public void ANetworkLearnsSaliency()
    {
        TrainingResult result = TinyTask.Train(s_options, task: new SaliencyTask(), scenes: 24);
        Assert.IsLessThan(0.8, Accuracy(result.Graph, TinyTask.Object, (_, _) => 0));
        Assert.IsGreaterThan(0.9, Accuracy(result.Graph, TinyTask.Object, Salient));
    }

    private static double Accuracy(DenseGraph graph, Func<long, TrainingSample> sample, Func<FeatureMap, int, byte> classify)
    {
        DenseGraph frozen = Freezing.Freeze(graph);
        int right = 0;
        for (int scene = 0; scene < TestScenes; scene++)
        {
            TrainingSample unseen = sample(1000 + scene);
            FeatureMap image = new(3, Side, Side);
            for (int i = 0; i < image.Values.Length; i++)
            {
                image.Values[i] = unseen.Image.Pixels[(i / Side % Side * TinyTask.Width + i % Side) * 3 + i / image.Pixels];
            }

            FeatureMap logits = ReferenceInterpreter.Run(frozen, image)[frozen.Logits];
            right += Enumerable.Range(0, Side * Side).Count(i => classify(logits, i) == unseen.Mask[i / Side * TinyTask.Width + i % Side]);
        }

        return right / (double)(TestScenes * Side * Side);
    }

    private static byte HighestClass(FeatureMap logits, int pixel) =>
        (byte)Enumerable.Range(0, logits.Channels).MaxBy(c => logits.Plane(c)[pixel]);

    private static byte Salient(FeatureMap logits, int pixel) => (byte)(logits.Values[pixel] > 0 ? 255 : 0);
}
