using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>Searches that are interrupted and go on from their checkpoints.</summary>
[TestClass]
public sealed class SearchCheckpointTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 2)]
    [DataRow(4, 1)]
    [DataRow(7, 1)]
    [DataRow(8, 3)]
    [DataRow(9, 1)]
    public void ACancelledSearchGoesOnAsIfNothingHadHappened(int cancelAt, int threads)
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Sampling = GateSampling.Gumbel };
        AssertGoesOn(options with { Training = options.Training with { Threads = threads } }, cancelAt);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(9)]
    public void ASearchOnLevelsGoesOnToo(int cancelAt)
    {
        SearchPoint whole = AssertGoesOn(TinySearch.Options() with { Cost = WidthCost.BitOperations }, cancelAt, TinyTask.Graph(activationBits: 2));

        // Bits of weights times bits of activations.
        Assert.AreEqual(
            whole.Layers.Sum(layer => layer.Shape.ActivationBits * layer.Bits.Sum(bits => (double)bits) * layer.Shape.Products * layer.Shape.Pixels), whole.Cost, 1e-6 * whole.Cost);
        Assert.IsTrue(whole.Layers.Any(layer => layer.Shape.ActivationBits == 2) && whole.Layers.Any(layer => layer.Shape.ActivationBits == 1));
    }

    [TestMethod]
    public void AFrontIsResumedAtThePointThatWasTrained()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = TinySearch.Options() with { Strengths = [1, 300] };
        ImmutableArray<SearchPoint> whole = TinySearch.Run(options);
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        Assert.HasCount(2, TinySearch.Run(options, new SearchReports(4, point: 1)));
        SearchReports reported = new();
        ImmutableArray<SearchPoint> rest = TinySearch.Run(options with { Training = options.Training with { Resume = true } }, reported);
        CollectionAssert.AreEqual(Enumerable.Range(5, TinySearch.Steps - 4).Select(step => (1, step)).ToArray(), reported.Steps.ToArray(), "the first point is not trained again, the second goes on");
        CollectionAssert.AreEqual(whole.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray(), rest.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray());
    }

    [TestMethod]
    public void ASearchThatStartsAnewDoesNotGoOnFromPointsOfAnEarlierOne()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = TinySearch.Options() with { Strengths = [1, 300] };
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        TinySearch.Run(options);
        File.Copy(folder.File("run.checkpoint.2"), folder.File("run.checkpoint.3"));       // of a longer one
        File.WriteAllText(folder.File("run.checkpoint.4"), "something else");
        Assert.HasCount(1, TinySearch.Run(options, new SearchReports(4)));
        Assert.IsFalse(File.Exists(folder.File("run.checkpoint.3")));
        Assert.IsTrue(File.Exists(folder.File("run.checkpoint.4")));
        SearchReports reported = new();
        TinySearch.Run(options with { Training = options.Training with { Resume = true } }, reported);
        Assert.AreEqual((0, 5), reported.Steps.First());
        CollectionAssert.Contains(reported.Steps.ToArray(), (1, 1));
    }

    [TestMethod]
    public void OfAFrontTheFirstPointAloneGoesOnFromACheckpointOfElsewhere()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = TinySearch.Options() with { Strengths = [1, 300] };
        ImmutableArray<SearchPoint> whole = TinySearch.Run(options);
        string path = folder.File("run.checkpoint");
        TinySearch.Run(options with { Strengths = [1], Training = options.Training with { CheckpointPath = path } });
        ImmutableArray<SearchPoint> rest = TinySearch.Run(options with { Training = options.Training with { Resume = true, ResumePath = path } });
        CollectionAssert.AreEqual(whole.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray(), rest.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray());
    }

    [TestMethod]
    public void OtherPrecisionsAreAnotherSearch()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = TinySearch.Options();
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        TinySearch.Run(options);
        options = options with { Training = options.Training with { Resume = true } };
        foreach ((string named, MixedPrecisionOptions other) in ((string, MixedPrecisionOptions)[])
            [
                ("search precisions 0 1 2 4 8", options with { Precisions = [0, 1, 2, 4] }), ("cost size", options with { Cost = WidthCost.Ne16 }),
                ("temperature", options with { LastTemperature = 0.1 }), ("strength", options with { Strengths = [2] }),
            ])
        {
            InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => TinySearch.Run(other));
            StringAssert.Contains(e.Message, "it belongs to another run");
            StringAssert.Contains(e.Message.Split(" where this one has ")[0], named);
        }
    }

    [TestMethod]
    public void CostsOfOtherActivationsAreOtherSearches()
    {
        WidthCost[] costs = [WidthCost.Mpic(2), WidthCost.Mpic(4), WidthCost.Mpic(8)];
        Assert.HasCount(3, costs.Select(cost => TinySearch.Options() with { Cost = cost }).Select(options => options.KeyOf(1)).Distinct());
        Assert.AreEqual("mpic", WidthCost.Mpic().Key, "as in checkpoints from before");
        Assert.IsTrue(costs.All(cost => cost.Name == "mpic"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => WidthCost.Mpic(3));
    }

    private static SearchPoint AssertGoesOn(MixedPrecisionOptions options, int cancelAt, DenseGraph? graph = null)
    {
        using TemporaryFolder folder = new();
        SearchPoint whole = TinySearch.Run(options, graph: graph).Single();
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        Assert.IsTrue(TinySearch.Run(options, new SearchReports(cancelAt), graph).Single().Result.Cancelled);
        SearchReports reported = new();
        SearchPoint rest = TinySearch.Run(options with { Training = options.Training with { Resume = true } }, reported, graph).Single();
        Assert.AreEqual((0, cancelAt + 1), reported.Steps.First());
        CollectionAssert.AreEqual(TinyTask.Bits(whole.Graph), TinyTask.Bits(rest.Graph));
        CollectionAssert.AreEqual(whole.Layers.Select(layer => layer.ToString()).ToArray(), rest.Layers.Select(layer => layer.ToString()).ToArray());
        return whole;
    }
}
