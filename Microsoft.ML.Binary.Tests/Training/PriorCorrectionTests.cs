using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class PriorCorrectionTests
{
    [TestMethod]
    [DataRow(1f)]
    [DataRow(0.25f)]
    public void TheBiasLosesTheLogarithmOfTheWeightAndNothingElseChanges(float share)
    {
        SegmentationTask task = new() { ClassWeights = [0.5f, 0, 4] };
        DenseGraph weighted = Train(task with { PriorCorrection = 0 }), corrected = Train(task with { PriorCorrection = share });
        float[] logarithms = [(float)(share * Math.Log(0.5)), 0, (float)(share * Math.Log(4))];
        foreach ((Parameter one, Parameter other) in weighted.Parameters.Zip(corrected.Parameters))
        {
            float[] expected = one.Name == "classifier.bias" ? [.. one.Values.Zip(logarithms, (value, logarithm) => value - logarithm)] : one.Values;
            CollectionAssert.AreEqual(expected, other.Values, one.Name);
        }
    }

    /// <summary>
    /// A pixel that is class 2 in a fifth of the cases, whatever the image: with weight 4 the logits of classes 0 and 2 come out equal, though
    /// the first is four times as probable; corrected, they say so.
    /// </summary>
    [TestMethod]
    public void ProbabilitiesAreThoseOfTheTrainingImages()
    {
        double[] weighted = [0.8, 0, 0.2 * 4];
        Parameter bias = Parameter.PerChannel("bias", 3, 0);
        for (int c = 0; c < 3; c++)
        {
            bias.Values[c] = (float)Math.Log(Math.Max(1e-9, weighted[c] / weighted.Sum()));
        }

        Assert.AreEqual(bias.Values[0], bias.Values[2], 1e-6);
        PriorCorrection.Apply(bias, [1, 1, 4], 1);
        double zero = Math.Exp(bias.Values[0]), two = Math.Exp(bias.Values[2]);
        Assert.AreEqual(0.2, two / (zero + two), 1e-6);
    }

    /// <summary>Validation sees what would be the result, and training goes on with what it had.</summary>
    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.9f)]
    public void ValidationSeesTheCorrectedNetwork(float averageDecay)
    {
        List<float[]> seen = [];
        TrainingOptions options = TinyTask.Options() with { AverageDecay = averageDecay };
        SegmentationTask task = new() { ClassWeights = [1, 1, 4], PriorCorrection = 1 };
        DenseGraph watched = Train(task, options with { ValidationInterval = 2, Validate = Look });
        CollectionAssert.AreEqual(TinyTask.Bits(Train(task, options)), TinyTask.Bits(watched));
        Assert.HasCount(3, seen);
        CollectionAssert.AreEqual(Bias(watched), seen[^1]);
        Assert.IsLessThan(-1, seen[0][2], "corrected: log 4 is 1.39");
        Assert.IsGreaterThan(-2, seen[^1][2], "corrected once, not at every validation");

        double Look(DenseGraph graph)
        {
            seen.Add(Bias(graph));
            return 0;
        }
    }

    private static float[] Bias(DenseGraph graph) => [.. graph.Parameters.Single(p => p.Name == "classifier.bias").Values];

    private static DenseGraph Train(SegmentationTask task, TrainingOptions? options = null) =>
        TinyTask.Train(options ?? TinyTask.Options(), task: task).Graph;
}
