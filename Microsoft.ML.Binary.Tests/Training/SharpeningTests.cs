using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class SharpeningTests
{
    [TestMethod]
    public void TheLogitsOfSaliencyAreMultipliedAndNothingElse()
    {
        DenseGraph blunt = Train(1), sharp = Train(4);
        foreach ((Parameter one, Parameter other) in blunt.Parameters.Zip(sharp.Parameters))
        {
            float factor = one.Name.StartsWith("classifier", StringComparison.Ordinal) ? 4 : 1;
            CollectionAssert.AreEqual(one.Values.Select(v => factor * v).ToArray(), other.Values, one.Name);
        }
    }

    /// <summary>Validation sees what would be the result, and training goes on with what it had.</summary>
    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.9f)]
    public void ValidationSeesTheSharpenedNetwork(float averageDecay)
    {
        List<float[]> seen = [];
        TrainingOptions options = TinyTask.Options(6) with { AverageDecay = averageDecay };
        DenseGraph watched = Train(4, options with { ValidationInterval = 2, Validate = Look });
        CollectionAssert.AreEqual(TinyTask.Bits(Train(4, options)), TinyTask.Bits(watched));
        Assert.HasCount(3, seen);
        CollectionAssert.AreEqual(Classifier(watched), seen[^1]);
        Assert.IsTrue(seen[0].Zip(seen[^1]).Average(pair => Math.Abs(pair.First / pair.Second)) < 2, "sharpened twice");

        double Look(DenseGraph graph)
        {
            seen.Add(Classifier(graph));
            return 0;
        }
    }

    private static float[] Classifier(DenseGraph graph) => [.. graph.Parameters.Single(p => p.Name == "classifier.weight").Values];

    private static DenseGraph Train(float sharpness, TrainingOptions? options = null) =>
        TinyTask.Train(options ?? TinyTask.Options(), task: new SaliencyTask { Sharpness = sharpness }).Graph;
}
