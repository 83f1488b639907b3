using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Tests.Graph;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class Nsga2Tests
{
    // Accuracy and EDP of nine configurations, worked out by hand and with other code.
    private static readonly Nsga2.Objectives[] Points =
        [new(0.7, 10), new(0.68, 8), new(0.65, 7), new(0.6, 5), new(0.66, 9), new(0.5, 4), new(0.5, 4.5), new(0.69, 9.5), new(0.4, 6)];

    private static readonly Nsga2.Objectives Scale = new(0.7, 10);

    [TestMethod]
    public void Fronts_AreSortedByDominance()
    {
        List<List<int>> fronts = Nsga2.Fronts(Points);
        Assert.HasCount(3, fronts);
        CollectionAssert.AreEqual((int[])[0, 1, 2, 3, 5, 7], fronts[0]);
        CollectionAssert.AreEqual((int[])[4, 6], fronts[1]);
        CollectionAssert.AreEqual((int[])[8], fronts[2]);
    }

    [TestMethod]
    public void Crowding_IsTheRoomBetweenNeighbours()
    {
        double[] room = Nsga2.Crowding([.. Nsga2.Fronts(Points)[0].Select(i => Points[i])], Scale);
        double[] expected = [double.PositiveInfinity, 0.30714285714285705, 0.41428571428571437, 0.5142857142857143, double.PositiveInfinity, 0.22857142857142845];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], room[i], 1e-12);
        }
    }

    [TestMethod]
    [DataRow(6, "0 1 2 3 5 7")]
    [DataRow(5, "0 1 2 3 5")]
    [DataRow(4, "0 2 3 5")]
    [DataRow(3, "0 2 5")]
    [DataRow(2, "0 5")]
    public void Survivors_KeepTheirDistance(int count, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', Nsga2.Survivors(Points, count, Scale).Order()));

    [TestMethod]
    public void Survivors_TakeFrontsInTurn() => CollectionAssert.AreEquivalent((int[])[0, 1, 2, 3, 5, 7, 4, 6], Nsga2.Survivors(Points, 8, Scale));

    [TestMethod]
    [DataRow("eyeriss-16bit", "1 2 3 4 5 8")]
    [DataRow("simba-16bit", "1 2 3 4 5 8")]
    [DataRow("eyeriss-8bit-same", "1 2 4 8")]
    public void WidthsOfWhichEquallyManyFit_AreSearchedOnce(string preset, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', WidthSearch.DistinctWidths(Accelerator.Preset(preset), 1, 8)));

    [TestMethod]
    public void WhereMultiplyAccumulatesCostByTheirWidths_EveryWidthIsSearched() => CollectionAssert.AreEqual(
        (int[])[1, 2, 3, 4, 5, 6, 7, 8], WidthSearch.DistinctWidths(Accelerator.Preset("eyeriss-16bit"), 1, 8, new() { ScalesMacEnergy = true }).ToArray());

    [TestMethod]
    public void Front_IsBetterThanRandomSearchOfAsManyEvaluations()
    {
        (WidthSearch search, string[] layers, int[] widths) = Search(new() { Seed = 1 });
        WidthFront front = search.Run();
        RandomStream random = new(99);
        List<WidthPoint> drawn = [.. front.Uniform];
        while (drawn.Count < front.Evaluations)
        {
            drawn.Add(search.Evaluate([.. layers.Select(_ => new LayerWidths(widths[random.NextInt(widths.Length)], widths[random.NextInt(widths.Length)]))]));
        }

        // The reference has the cost of the largest widths and no accuracy; random search is given the uniform configurations, too.
        Nsga2.Objectives reference = new(0, front.Uniform[^1].Cost);
        double found = Volume(front.Front), byChance = Volume(drawn);
        Assert.IsGreaterThanOrEqualTo(1.05, found / byChance);

        double Volume(IEnumerable<WidthPoint> points) => Hypervolume(points.Select(point => new Nsga2.Objectives(point.Accuracy, point.Cost)), reference);
    }

    [TestMethod]
    public void Search_IsTheSameForASeed()
    {
        string first = Describe(1), again = Describe(1), other = Describe(2);
        Assert.AreEqual(first, again);
        Assert.AreNotEqual(first, other);

        static string Describe(long seed) => string.Join('\n', Search(new() { Seed = seed }).Search.Run().Front.Select(point => string.Join(' ', point.Widths)));
    }

    [TestMethod]
    public void Front_HasNothingThatIsWorseInBoth()
    {
        WidthFront front = Search(new() { Seed = 3 }).Search.Run();
        for (int i = 1; i < front.Front.Length; i++)
        {
            Assert.IsGreaterThanOrEqualTo(front.Front[i - 1].Cost, front.Front[i].Cost);
            Assert.IsGreaterThanOrEqualTo(front.Front[i - 1].Accuracy, front.Front[i].Accuracy);
        }

        ImmutableArray<WidthPoint> spread = front.Spread(5);
        Assert.HasCount(5, spread);
        Assert.AreEqual(front.Front[0], spread[0]);
        Assert.AreEqual(front.Front[^1], spread[^1]);
        Assert.HasCount(front.Front.Length, front.Spread(1000));
        Assert.HasCount(6, front.Uniform);
        Assert.IsLessThanOrEqualTo(6 + 25 * 10, front.Evaluations);
    }

    [TestMethod]
    public void Generations_HaveAsManyChildrenAsTold()
    {
        int children = 0;
        Search(new() { Generations = 5, Offspring = 3, Parents = 4 }).Search.Run(_ => children++);
        Assert.AreEqual(15, children);
        Assert.AreEqual(6, Search(new() { Generations = 0 }).Search.Run().Evaluations, "those of one width everywhere");
        Assert.AreNotEqual(Describe(Search(new() { Parents = 2, Generations = 6 }).Search.Run()), Describe(Search(new() { Parents = 20, Generations = 6 }).Search.Run()));

        static string Describe(WidthFront front) => string.Join(' ', front.Front.Select(point => point.Objectives));
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(1)]
    public void WidthsOfFewerOrMoreLayers_AreRefused(int more)
    {
        (WidthSearch search, string[] layers, _) = Search(new());
        LayerWidths[] widths = [.. Enumerable.Repeat(new LayerWidths(8, 8), layers.Length + more)];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => search.Apply(widths)).Message, $"for {widths.Length} layers, and {layers.Length} layers");
        Assert.ThrowsExactly<ArgumentException>(() => search.Evaluate(widths));
    }

    [TestMethod]
    public void Rates_SayWhatChildrenAreMadeOf()
    {
        WidthFront none = Search(new() { InheritanceRate = 0, MutationRate = 0, Generations = 5 }).Search.Run();
        Assert.AreEqual(6, none.Evaluations, "every child has the largest widths");

        List<LayerWidths[]> asked = [];
        Search(new() { InheritanceRate = 1, MutationRate = 0, Generations = 5 }, asked.Add).Search.Run();
        Assert.IsGreaterThan(6, asked.Count);
        Assert.IsTrue(asked.All(widths => widths.All(layer => layer.Maps == layer.Weights)), "what parents have, and these have one width for both");

        asked.Clear();
        Search(new() { InheritanceRate = 0, MutationRate = 1, Generations = 5 }, asked.Add).Search.Run();
        LayerWidths[][] children = [.. asked.Skip(6)];
        Assert.IsGreaterThan(10, children.Length);
        Assert.IsTrue(children.All(widths => widths.Count(layer => layer != new LayerWidths(8, 8)) == 1), "the largest widths but for one layer");
    }

    [TestMethod]
    public void CancelledSearch_EndsAtOnce_AndGoesOnWhereItWas()
    {
        using CancellationTokenSource source = new();
        int asked = 0;
        WidthSearch search = Search(new() { Generations = 1 }, _ =>
        {
            if (++asked == 2)
            {
                source.Cancel();
            }
        }).Search;
        Assert.Throws<OperationCanceledException>(() => search.Run(cancellation: source.Token));
        Assert.AreEqual(2, asked);
        int evaluations = search.Run().Evaluations;
        Assert.AreEqual(evaluations, asked);
    }

    [TestMethod]
    public void UnknownLayer_IsRefused()
    {
        Mapper mapper = new(Accelerator.Preset("eyeriss"));
        Workload layer = new() { Name = "layer", C = 4, M = 4, P = 4 };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new WidthSearch(mapper, [layer], ["other"], [8], _ => 1)).Message, "'other'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new WidthSearch(mapper, [layer], ["layer"], [], _ => 1)).Message, "no width");
    }

    [TestMethod]
    [DataRow(-0.1)]
    [DataRow(1.1)]
    [DataRow(double.NaN)]
    public void ChancesAreFromZeroToOne(double chance)
    {
        Mapper mapper = new(Accelerator.Preset("eyeriss"));
        Workload layer = new() { Name = "layer", C = 4, M = 4, P = 4 };
        Refused("InheritanceRate", new() { InheritanceRate = chance });
        Refused("MutationRate", new() { MutationRate = chance });

        void Refused(string name, WidthSearchOptions options) =>
            Assert.AreEqual(name, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WidthSearch(mapper, [layer], ["layer"], [8], _ => 1, options)).ParamName);
    }

    /// <summary>The area between points and a reference that is worse than all of them; points that are worse than it count nothing.</summary>
    private static double Hypervolume(IEnumerable<Nsga2.Objectives> points, Nsga2.Objectives reference)
    {
        double area = 0, highest = reference.Accuracy;
        foreach (Nsga2.Objectives point in points.Where(point => point.Cost < reference.Cost).OrderBy(point => point.Cost))
        {
            if (point.Accuracy > highest)
            {
                area += (reference.Cost - point.Cost) * (point.Accuracy - highest);
                highest = point.Accuracy;
            }
        }

        return area;
    }

    /// <summary>A search on a small network, with sensitivities that fall with the width, faster for some layers than for others.</summary>
    private static (WidthSearch Search, string[] Layers, int[] Widths) Search(WidthSearchOptions options, Action<LayerWidths[]>? asked = null)
    {
        DenseGraph graph = TestNetworks.Miniature(Precision.Float, 3).Graph;
        Workload[] workloads = [.. NetworkWorkloads.Of(graph, 64, 64)];
        string[] layers = [.. Freezing.Freeze(graph).Nodes.OfType<Convolution>().Select(node => node.Name)];
        int[] widths = [1, 2, 3, 4, 5, 8];
        RandomStream random = new(5);
        ImmutableArray<ImmutableArray<double>> maps = [.. layers.Select(_ => Growth(ref random))], weights = [.. layers.Select(_ => Growth(ref random))];
        SensitivityTable table = new(0.4, [.. layers], [.. widths], maps, weights);
        return (new WidthSearch(new Mapper(Accelerator.Preset("eyeriss")), workloads, layers, widths, Accuracy, options), layers, widths);

        double Accuracy(IReadOnlyList<LayerWidths> chosen)
        {
            asked?.Invoke([.. chosen]);
            return table.Accuracy(chosen);
        }

        ImmutableArray<double> Growth(ref RandomStream random)
        {
            double scale = Math.Exp(random.NextSingle(-6, 0));
            return [.. widths.Select(width => scale * Math.Pow(4, 1 - width))];
        }
    }
}
