using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

[TestClass]
public sealed class MixedPrecisionSearchTests
{
    [TestMethod]
    public void AStrongerCostGivesASmallerNetwork()
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Strengths = [0.01, 3_000] };
        ImmutableArray<SearchPoint> points = TinySearch.Run(options);
        Assert.HasCount(2, points);
        Assert.IsLessThan(points[0].Cost, points[1].Cost);
        foreach (SearchPoint point in points)
        {
            Assert.IsFalse(point.Graph.Nodes.Any(node => node is SearchConvolution));
            DenseGraph frozen = Freezing.Freeze(point.Graph);
            Assert.AreEqual(point.Cost, MixedPrecisionSearch.CostOf(frozen, WidthCost.Size, options.ImageHeight, options.ImageWidth), 1e-6);
            Assert.AreEqual(point.Layers.Sum(layer => layer.Bits.Sum(b => (long)b) * layer.Shape.Products), CostModel.Measure(frozen, 32, 32).OneBitParameters);
        }
    }

    [TestMethod]
    public void ALimitIsKept()
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Cost = WidthCost.Weights, Sampling = GateSampling.Hard };
        double unit = MixedPrecisionSearch.CostOf(TinyTask.Graph(), WidthCost.Weights, options.ImageHeight, options.ImageWidth);
        foreach (double share in (double[])[0.3, 1, 2.5])
        {
            SearchPoint point = TinySearch.Run(options with { Limit = share * unit }).Single();
            Assert.IsLessThanOrEqualTo(share * unit, point.Cost);
            Assert.IsGreaterThan(share * unit - 4 * point.Layers.Max(layer => layer.Shape.Products), point.Cost, "no channel could be any wider");
            Assert.IsNull(point.Strength);
        }
    }

    /// <summary>By a cost of whole groups, wider is free within one.</summary>
    [TestMethod]
    public void ChannelsMoveUpBeforeWidthsAreSettled()
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Precisions = [0, 2, 8], Cost = new GroupsOfFour(), Strengths = [300] };
        foreach (ConvolutionWidths layer in TinySearch.Run(options).Single().Layers.Where(layer => layer.Bits.Length % 4 == 0))
        {
            Assert.IsTrue(options.Precisions.Skip(1).All(width => layer.Bits.Count(bits => bits == width) % 4 == 0), $"{layer.Shape.Name}: whole groups");
        }
    }

    [TestMethod]
    public void TheStrengthOfALimitPullsAtTheGates()
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Cost = WidthCost.Weights };
        options = options with { Limit = 0.5 * MixedPrecisionSearch.CostOf(TinyTask.Graph(), WidthCost.Weights, options.ImageHeight, options.ImageWidth) };
        CollectionAssert.AreNotEqual(TinyTask.Bits(TinySearch.Run(options).Single().Graph), TinyTask.Bits(TinySearch.Run(options with { LimitStrength = 300 }).Single().Graph));
    }

    [TestMethod]
    public void ALimitBelowTheSmallestNetworkIsRefusedBeforeAnyDataIsRead()
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Limit = 10 };
        double lowest = MixedPrecisionSearch.LowestCost(TinyTask.Graph(), options);
        Assert.IsGreaterThan(10, lowest);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => MixedPrecisionSearch.Run(
            TinyTask.Graph(), TrainingTask.For(DenseTask.Segmentation), () => throw new AssertFailedException("data was read"), options));
        StringAssert.Contains(e.Message, "A limit of 10 bits is below the smallest network that the precisions allow");
    }

    [TestMethod]
    public void ANetworkOfSeveralTasksIsRefused_OfWhichASearchWouldLearnOne()
    {
        DenseGraph several = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges]).Graph;
        Action[] searches =
        [
            () => MixedPrecisionSearch.Run(several, new SegmentationTask(), () => throw new AssertFailedException("data was read"), TinySearch.Options()),
            () => MixedPrecisionSearch.LowestCost(several, TinySearch.Options()),
        ];
        foreach (Action search in searches)
        {
            StringAssert.Contains(Assert.ThrowsExactly<GraphException>(search).Message, "it has the outputs 'logits', 'logits:edges', and a search learns one task");
        }
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        foreach ((MixedPrecisionOptions options, string name) in ((MixedPrecisionOptions, string)[])
            [
                (new() { Strengths = [] }, "Strengths"), (new() { Strengths = [0] }, "Strengths"), (new() { WarmUp = 1 }, "WarmUp"), (new() { WarmUp = 0.6, FineTuning = 0.4 }, "FineTuning"),
                (new() { FirstTemperature = 0 }, "FirstTemperature"), (new() { GateMomentum = 1 }, "GateMomentum"), (new() { Precisions = [3] }, "precisions"),
                (new() { Training = new() { EarlyStopping = new() } }, "EarlyStopping"), (new() { Training = new() { RestartPath = "a" } }, "RestartPath"), (new() { Training = new() { DeepSupervision = 1 } }, "DeepSupervision"),
            ])
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TinySearch.Run(options)).Message, name);
        }
    }

    [TestMethod]
    public void WhatIsReportedAsLossIsWithoutTheCost()
    {
        SearchReports reports = new();
        TinySearch.Run(TinySearch.Options() with { Strengths = [3_000] }, reports);
        double[] losses = [.. reports.All.Select(report => report.Training.Loss)];
        Assert.IsNotEmpty(losses);
        Assert.IsTrue(losses.All(loss => loss is > 0 and < 30), string.Join(' ', losses)); // the cost, from 3,000 / 100 on, times more than one bit
    }

    /// <summary>How many steps a duration is, is not known before the first of them; gates then went by the rate of a run of one step.</summary>
    [TestMethod]
    public void TheFirstStepOfADurationMovesGatesNoFurtherThanOthers()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2]);
        List<double> moved = [];
        Reports reports = new(1);
        TrainingOptions options = TinyTask.Options() with
        {
            Budget = TrainingBudget.OfDuration(TimeSpan.FromDays(10_000)),
            Search = new(TinySearch.Options() with { Precisions = [0, 1, 2], WarmUp = 0, Strengths = [3_000] }, 3_000),
            ValidationInterval = 1,
            Validate = graph =>
            {
                moved.Add(Gates(graph).Zip(Gates(search)).Max(pair => Math.Abs(pair.First - pair.Second)));
                return 0;
            },
        };
        DenseTrainer.Train(search, DenseTask.Segmentation, () => TinyTask.Scenes(5), options, reports, reports.Token);
        Assert.IsLessThan(0.01, moved[0]);

        static IEnumerable<float> Gates(DenseGraph graph) => graph.Parameters.Where(p => p.Role == ParameterRole.Architecture).SelectMany(p => p.Values);
    }
}
