using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class DeterminismTests
{
    [TestMethod]
    public void TheSameSeedGivesTheSameWeights()
    {
        int[] first = Train(TinyTask.Options());
        CollectionAssert.AreEqual(first, Train(TinyTask.Options()));
        CollectionAssert.AreNotEqual(first, Train(TinyTask.Options() with { Seed = 2 }));
    }

    [TestMethod]
    [DataRow(Precision.Binary, DenseTask.Segmentation)]
    [DataRow(Precision.Float, DenseTask.Segmentation)]
    [DataRow(Precision.Binary, DenseTask.Saliency)]
    public void TheNumberOfThreadsDoesNotMatter(Precision precision, DenseTask task)
    {
        int[] one = Train(TinyTask.Options(3) with { Threads = 1 }, precision, task);
        CollectionAssert.AreEqual(one, Train(TinyTask.Options(3) with { Threads = 2 }, precision, task));
        CollectionAssert.AreEqual(one, Train(TinyTask.Options(3) with { Threads = 3 }, precision, task));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ValidationDoesNotChangeTheResult(bool streamed)
    {
        TrainingOptions options = TinyTask.Options() with { CacheBytes = TinyTask.BytesOf(streamed ? 2 : 100) };
        int calls = 0;
        TrainingOptions validating = options with { ValidationInterval = 1, Validate = _ => ++calls };
        CollectionAssert.AreEqual(Train(options), Train(validating));
        Assert.AreEqual(6, calls);
    }

    [TestMethod]
    public void TheInitialGraphStaysAsItIs()
    {
        DenseGraph graph = TinyTask.Graph();
        int[] before = TinyTask.Bits(graph);
        TinyTask.Train(TinyTask.Options(2), graph: graph);
        CollectionAssert.AreEqual(before, TinyTask.Bits(graph));
    }

    private static int[] Train(TrainingOptions options, Precision precision = Precision.Binary, DenseTask task = DenseTask.Segmentation) =>
        TinyTask.Bits(TinyTask.Train(options, graph: TinyTask.Graph(precision, task == DenseTask.Saliency ? 1 : TinyTask.Classes), task: TrainingTask.For(task)).Graph);
}
