using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

/// <summary>The parts have tests of their own; here it is how they are put together.</summary>
[TestClass]
public sealed class SegmentationLossTests
{
    private const int Classes = 3;

    private static readonly float[] s_weights = [0.5f, 2, 1];

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.7f)]
    public void CrossEntropyAndAShareOfSoftIoU(float weight)
    {
        SegmentationTask task = new() { ClassWeights = s_weights, SoftIoUWeight = weight };
        (double loss, float[] gradient) = Run((pass, logits, labels) => Learner(task).Loss(pass, logits, labels, null));
        (double entropy, float[] entropyGradient) = Run((pass, logits, labels) => new CrossEntropy(s_weights, task.IgnoreLabel).Run(pass, logits, labels));
        (double overlap, float[] overlapGradient) = Run((pass, logits, labels) => new SoftIoU(s_weights, task.IgnoreLabel).Run(pass, logits, labels, 1));
        Assert.AreEqual(entropy + weight * overlap, loss, 1e-6);
        for (int i = 0; i < gradient.Length; i++)
        {
            Assert.AreEqual(entropyGradient[i] + weight * overlapGradient[i], gradient[i], weight == 0 ? 0 : 1e-6, $"logit {i}");
        }
    }

    [TestMethod]
    public void APixelOfAClassWithoutWeightIsNotLearnedFrom()
    {
        (_, float[] gradient) = Run((pass, logits, labels) => Learner(new() { ClassWeights = [1, 0, 1] }).Loss(pass, logits, labels, null));
        byte[] labels = Labels();
        int pixels = labels.Length / 2;
        for (int i = 0; i < gradient.Length; i++)
        {
            int image = i / (Classes * pixels), pixel = image * pixels + i % pixels;
            Assert.AreEqual(labels[pixel] is 1 or 255, gradient[i] == 0, $"logit {i}, label {labels[pixel]}");
        }
    }

    private static (double Loss, float[] Gradient) Run(Func<TrainingPass, TrainingValue, byte[], double> loss)
    {
        TrainingValue logits = LogitGradient.Logits(2, Classes, 3, 5);
        TrainingPass pass = LogitGradient.Pass();
        pass.BeginGradient(logits);
        return (loss(pass, logits, Labels()), logits.Gradient!);
    }

    private static TaskLearner Learner(SegmentationTask task)
    {
        DataSurvey survey = new(task, Classes);
        survey.Inspect(new("a", new(6, 5), Labels()));
        return task.Learner(survey, distillationWeight: 0);
    }

    private static byte[] Labels()
    {
        RandomStream random = new(5);
        return [.. Enumerable.Range(0, 30).Select(_ => random.NextInt(6) == 0 ? (byte)255 : (byte)random.NextInt(Classes))];
    }
}
