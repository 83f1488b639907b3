using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

[TestClass]
public sealed class MixedPrecisionSearchTests
{
    private const int Steps = 10;

    [TestMethod]
    public void AStrongerCostGivesASmallerNetwork()
    {
        MixedPrecisionOptions options = Options() with { Strengths = [0.01, 3_000] };
        ImmutableArray<SearchPoint> points = Run(options);
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
    [DataRow(1, 1)]
    [DataRow(3, 2)]
    [DataRow(4, 1)]
    [DataRow(7, 1)]
    [DataRow(8, 3)]
    [DataRow(9, 1)]
    public void ACancelledSearchGoesOnAsIfNothingHadHappened(int cancelAt, int threads)
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = Options() with { Sampling = GateSampling.Gumbel };
        options = options with { Training = options.Training with { Threads = threads } };
        SearchPoint whole = Run(options).Single();
        MixedPrecisionOptions saving = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        using CancellationTokenSource source = new();
        SearchPoint part = Run(saving, new Cancelling(cancelAt, source), source.Token).Single();
        Assert.IsTrue(part.Result.Cancelled);

        ReportedSteps reported = new();
        SearchPoint rest = Run(saving with { Training = saving.Training with { Resume = true } }, reported).Single();
        Assert.AreEqual((0, cancelAt + 1), reported.All[0]);
        CollectionAssert.AreEqual(TinyTask.Bits(whole.Graph), TinyTask.Bits(rest.Graph));
        CollectionAssert.AreEqual(whole.Layers.Select(layer => layer.ToString()).ToArray(), rest.Layers.Select(layer => layer.ToString()).ToArray());
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(9)]
    public void ASearchOnLevelsGoesOnToo(int cancelAt)
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = Options() with { Cost = WidthCost.BitOperations };
        SearchPoint whole = OfLevels(options).Single();
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        using CancellationTokenSource source = new();
        Assert.IsTrue(OfLevels(options, new Cancelling(cancelAt, source), source.Token).Single().Result.Cancelled);
        ReportedSteps reported = new();
        SearchPoint rest = OfLevels(options with { Training = options.Training with { Resume = true } }, reported).Single();
        Assert.AreEqual((0, cancelAt + 1), reported.All[0]);
        CollectionAssert.AreEqual(TinyTask.Bits(whole.Graph), TinyTask.Bits(rest.Graph));

        // Bits of weights times bits of activations.
        Assert.AreEqual(
            whole.Layers.Sum(layer => layer.Shape.ActivationBits * layer.Bits.Sum(bits => (double)bits) * layer.Shape.Products * layer.Shape.Pixels), whole.Cost, 1e-6 * whole.Cost);
        Assert.IsTrue(whole.Layers.Any(layer => layer.Shape.ActivationBits == 2) && whole.Layers.Any(layer => layer.Shape.ActivationBits == 1));
    }

    private static ImmutableArray<SearchPoint> OfLevels(MixedPrecisionOptions options, IProgress<SearchProgress>? progress = null, CancellationToken cancellation = default) =>
        MixedPrecisionSearch.Run(TinyTask.Graph(activationBits: 2), TrainingTask.For(DenseTask.Segmentation), () => TinyTask.Scenes(5), options, progress, cancellation);

    [TestMethod]
    public void AFrontIsResumedAtThePointThatWasTrained()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = Options() with { Strengths = [1, 300] };
        ImmutableArray<SearchPoint> whole = Run(options);
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        using CancellationTokenSource source = new();
        Assert.HasCount(2, Run(options, new Cancelling(4, source, point: 1), source.Token));
        ReportedSteps reported = new();
        ImmutableArray<SearchPoint> rest = Run(options with { Training = options.Training with { Resume = true } }, reported);
        CollectionAssert.AreEqual(Enumerable.Range(5, Steps - 4).Select(step => (1, step)).ToArray(), reported.All, "the first point is not trained again, the second goes on");
        CollectionAssert.AreEqual(whole.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray(), rest.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray());
    }

    [TestMethod]
    public void OtherPrecisionsAreAnotherSearch()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = Options();
        options = options with { Training = options.Training with { CheckpointPath = folder.File("run.checkpoint") } };
        Run(options);
        options = options with { Training = options.Training with { Resume = true } };
        foreach (MixedPrecisionOptions other in (MixedPrecisionOptions[])
            [options with { Precisions = [0, 1, 2, 4] }, options with { Cost = WidthCost.Ne16 }, options with { LastTemperature = 0.1 }, options with { Strengths = [2] }])
        {
            InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => Run(other));
            StringAssert.Contains(e.Message, "it belongs to another run");
            StringAssert.Contains(e.Message, "search precisions 0 1 2 4 8, cost size");
        }
    }

    [TestMethod]
    public void ALimitIsKept()
    {
        MixedPrecisionOptions options = Options() with { Cost = WidthCost.Weights, Sampling = GateSampling.Hard };
        double unit = MixedPrecisionSearch.CostOf(TinyTask.Graph(), WidthCost.Weights, options.ImageHeight, options.ImageWidth);
        foreach (double share in (double[])[0.3, 1, 2.5])
        {
            SearchPoint point = Run(options with { Limit = share * unit }).Single();
            Assert.IsLessThanOrEqualTo(share * unit, point.Cost);
            Assert.IsGreaterThan(share * unit - 4 * point.Layers.Max(layer => layer.Shape.Products), point.Cost, "no channel could be any wider");
            Assert.IsNull(point.Strength);
        }
    }

    [TestMethod]
    public void WhatKeepsTheGradientAtZeroCountsWhereChannelsMayBePruned()
    {
        Assert.IsFalse(Same([0, 1, 8]));
        Assert.IsTrue(Same([1, 8]));

        static bool Same(ImmutableArray<byte> precisions)
        {
            MixedPrecisionOptions options = Options() with { Precisions = precisions };
            return TinyTask.Bits(Run(options).Single().Graph).SequenceEqual(TinyTask.Bits(Run(options with { StopsAtZero = true }).Single().Graph));
        }
    }

    /// <summary>By a cost of whole groups, wider is free within one.</summary>
    [TestMethod]
    public void ChannelsMoveUpBeforeWidthsAreSettled()
    {
        MixedPrecisionOptions options = Options() with { Precisions = [0, 2, 8], Cost = new GroupsOfFour(), Strengths = [300] };
        foreach (ConvolutionWidths layer in Run(options).Single().Layers.Where(layer => layer.Bits.Length % 4 == 0))
        {
            Assert.IsTrue(options.Precisions.Skip(1).All(width => layer.Bits.Count(bits => bits == width) % 4 == 0), $"{layer.Shape.Name}: whole groups");
        }
    }

    [TestMethod]
    public void TheStrengthOfALimitPullsAtTheGates()
    {
        MixedPrecisionOptions options = Options() with { Cost = WidthCost.Weights };
        options = options with { Limit = 0.5 * MixedPrecisionSearch.CostOf(TinyTask.Graph(), WidthCost.Weights, options.ImageHeight, options.ImageWidth) };
        CollectionAssert.AreNotEqual(TinyTask.Bits(Run(options).Single().Graph), TinyTask.Bits(Run(options with { LimitStrength = 300 }).Single().Graph));
    }

    [TestMethod]
    public void ALimitBelowTheSmallestNetworkIsRefusedBeforeAnyDataIsRead()
    {
        MixedPrecisionOptions options = Options() with { Limit = 10 };
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
            () => MixedPrecisionSearch.Run(several, new SegmentationTask(), () => throw new AssertFailedException("data was read"), Options()),
            () => MixedPrecisionSearch.LowestCost(several, Options()),
        ];
        foreach (Action search in searches)
        {
            StringAssert.Contains(Assert.ThrowsExactly<GraphException>(search).Message, "it has the outputs 'logits', 'logits:edges', and a search learns one task");
        }
    }

    [TestMethod]
    public void CostsOfOtherActivationsAreOtherSearches()
    {
        WidthCost[] costs = [WidthCost.Mpic(2), WidthCost.Mpic(4), WidthCost.Mpic(8)];
        Assert.HasCount(3, costs.Select(cost => Options() with { Cost = cost }).Select(options => options.KeyOf(1)).Distinct());
        Assert.AreEqual("mpic", WidthCost.Mpic().Key, "as in checkpoints from before");
        Assert.IsTrue(costs.All(cost => cost.Name == "mpic"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => WidthCost.Mpic(3));
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
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Run(options)).Message, name);
        }
    }

    [TestMethod]
    public void WhatIsReportedAsLossIsWithoutTheCost()
    {
        List<double> losses = [];
        Run(Options() with { Strengths = [3_000] }, new Losses(losses));
        Assert.IsNotEmpty(losses);
        Assert.IsTrue(losses.All(loss => loss is > 0 and < 30), string.Join(' ', losses)); // the cost, from 3,000 / 100 on, times more than one bit
    }

    [TestMethod]
    public void EveryHeadOfAttentionKeepsAChannel()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2]);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            node.GateLogits.Values.AsSpan(0, node.Weight.Shape[0]).Fill(5);
        }

        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        WidthAssignment assignment = new(groups, WidthCost.Size);
        Assert.IsTrue(groups.Any(group => group.Heads > 0 && group.Nodes.Length == 2));
        for (int g = 0; g < groups.Length; g++)
        {
            Assert.AreEqual(groups[g].Heads, assignment.Of(g).Count(p => p > 0), groups[g].Nodes[0].Name);
        }

        Assert.AreEqual(WidthAssignment.Lowest(groups, WidthCost.Size), assignment.Cost);
        assignment.Fit(0);
        Assert.AreEqual(WidthAssignment.Lowest(groups, WidthCost.Size), assignment.Cost, "nothing more can be taken");
    }

    [TestMethod]
    public void ChannelsMoveUpWhereThatIsFree()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 2, 8]);
        RandomStream random = new(2);
        foreach (Parameter gates in search.Parameters.Where(p => p.Role == ParameterRole.Architecture))
        {
            for (int i = 0; i < gates.Values.Length; i++)
            {
                gates.Values[i] = random.NextSingle(0, 1);
            }
        }

        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        GroupsOfFour cost = new();
        WidthAssignment assignment = new(groups, cost);
        double before = assignment.Cost;
        int bits = Bits(groups, assignment);
        assignment.Promote();
        Assert.IsLessThanOrEqualTo(before, assignment.Cost);
        Assert.IsGreaterThan(bits, Bits(groups, assignment));
        for (int g = 0; g < groups.Length; g++)
        {
            if (groups[g].Channels % 4 == 0)
            {
                Assert.IsTrue(Enumerable.Range(1, 2).All(p => assignment.Of(g).Count(chosen => chosen == p) % 4 == 0), $"{groups[g].Nodes[0].Name}: whole groups");
            }
        }
    }

    [TestMethod]
    public void GroupsThatKernelsMakeAreFilled()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1]);
        RandomStream random = new(3);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            for (int i = 0; i < node.GateLogits.Values.Length; i++)
            {
                node.GateLogits.Values[i] = random.NextSingle(0, 1);
            }
        }

        WidthCost cost = Table().Cost();
        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        WidthAssignment assignment = new(groups, cost);
        Assert.IsGreaterThan(0, assignment.Gaps);
        double limit = 0.8 * assignment.Cost;
        assignment.Fit(limit);
        assignment.Fill(limit);
        Assert.IsLessThanOrEqualTo(limit, assignment.Cost);
        Assert.AreEqual(0, assignment.Gaps, 1e-6 * limit);
    }

    [TestMethod]
    public void AKernelTakesAsLongForAGroupAsForAnyPartOfIt()
    {
        WidthCost cost = Table().Cost();
        ConvolutionShape shape = new("layer", 16, 48, new(3), 8, 8);
        double group = cost.Of(shape, [1, 1, 1, 1]);
        Assert.AreEqual(4 * 64 * (2 * 16 * 9 + 3), group, 1e-6);
        Assert.AreEqual(group, cost.Of(shape, [0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]), 1e-6);
        Assert.AreEqual(2 * group, cost.Of(shape, [1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]), 1e-6);
        Assert.AreEqual(2 * group, cost.Of(shape, [1, .. Enumerable.Repeat((byte)0, 46), 1]), 1e-6, "of two blocks");
        Assert.AreEqual(0, cost.Of(shape, Enumerable.Repeat((byte)0, 48)), 1e-6);
    }

    [TestMethod]
    public void WhatPruningTakesAwayIsWeighedBehindTheBatchNorm()
    {
        // Behind the last convolution no sign is taken, so that finite differences say what the gradient is.
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2, 8]);
        SearchConvolution last = search.Nodes.OfType<SearchConvolution>().Last();
        TrainingNetwork network = new(search, images: 2, height: 32, width: 32, threads: 1);
        RandomStream random = new(7);
        foreach (float[] values in (float[][])[network.Image.Data, last.GateLogits.Values])
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.NextSingle(0, values == last.GateLogits.Values ? 1 : 255);
            }
        }

        float[] weights = [.. Enumerable.Range(0, network.Logits.Length).Select(_ => random.NextSingle(-1, 1))];
        Loss();
        network.Pass.BeginGradient(network.Logits);
        weights.CopyTo(network.Logits.Gradient!, 0);
        network.Backward();
        float[] gradient = network.Gradients[last.GateLogits];
        const float Step = 0.02f;
        double[] differences = [.. Enumerable.Range(0, last.Weight.Shape[0]).Select(c =>
        {
            float before = last.GateLogits.Values[c];
            last.GateLogits.Values[c] = before + Step;
            double above = Loss();
            last.GateLogits.Values[c] = before - Step;
            double difference = (above - Loss()) / (2 * Step);
            last.GateLogits.Values[c] = before;
            return difference;
        })];
        double largest = differences.Max(Math.Abs);
        Assert.IsGreaterThan(0.1, largest);
        for (int c = 0; c < differences.Length; c++)
        {
            Assert.AreEqual(differences[c], gradient[c], 0.02 * largest, $"channel {c}");
        }

        double Loss()
        {
            network.Pass.Widths = new(SearchPhase.Search, 1, GateSampling.Soft, false, 1, 1);
            network.Forward(usesBatchStatistics: true);
            return weights.Zip(network.Logits.Data, (weight, logit) => (double)weight * logit).Sum();
        }
    }

    [TestMethod]
    public void WhatWasPrunedBeforeStaysSoAndNothingElseIsPruned()
    {
        MixedPrecisionOptions options = Options() with { Cost = WidthCost.Weights };
        double unit = MixedPrecisionSearch.CostOf(TinyTask.Graph(), WidthCost.Weights, options.ImageHeight, options.ImageWidth);
        SearchPoint pruned = Run(options with { Precisions = [0, 8], Limit = 5 * unit }).Single();
        SearchPoint found = MixedPrecisionSearch.Run(
            pruned.Graph, TrainingTask.For(DenseTask.Segmentation), () => TinyTask.Scenes(5), options with { Limit = 1.5 * unit, KeepsPruning = true, WarmUp = 0 }).Single();
        Assert.IsTrue(pruned.Layers.Any(layer => layer.Bits.Contains((byte)0)));
        Assert.IsLessThanOrEqualTo(1.5 * unit, found.Cost);
        foreach ((ConvolutionWidths before, ConvolutionWidths after) in pruned.Layers.Zip(found.Layers))
        {
            CollectionAssert.AreEqual(before.Bits.Select(bits => bits == 0).ToArray(), after.Bits.Select(bits => bits == 0).ToArray(), before.Shape.Name);
        }
    }

    [TestMethod]
    public void WhatWasPrunedBeforeDoesNotComeBackToFillGroups()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2], GateStart.Present, keepsPruning: true);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            // As of a network of which every fourth channel is pruned: of eight, the second group of four has two.
            int channels = node.Weight.Shape[0];
            for (int i = 0; i < node.GateLogits.Values.Length; i++)
            {
                (int precision, int channel) = (i / channels, i % channels);
                node.GateLogits.Values[i] = (precision == 0) != (channel % 4 == 3) ? -WidthGraphs.Settled : precision == 2 ? 0 : 1;
            }
        }

        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        WidthAssignment assignment = new(groups, new GroupsOfFour());
        assignment.Promote();
        for (int g = 0; g < groups.Length; g++)
        {
            Assert.IsTrue(Enumerable.Range(0, groups[g].Channels).All(c => (assignment.Of(g)[c] == 0) == (c % 4 == 3)), groups[g].Nodes[0].Name);
        }
    }

    [TestMethod]
    public void OfAFrontTheFirstPointAloneGoesOnFromACheckpointOfElsewhere()
    {
        using TemporaryFolder folder = new();
        MixedPrecisionOptions options = Options() with { Strengths = [1, 300] };
        ImmutableArray<SearchPoint> whole = Run(options);
        string path = folder.File("run.checkpoint");
        Run(options with { Strengths = [1], Training = options.Training with { CheckpointPath = path } });
        ImmutableArray<SearchPoint> rest = Run(options with { Training = options.Training with { Resume = true, ResumePath = path } });
        CollectionAssert.AreEqual(whole.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray(), rest.SelectMany(point => TinyTask.Bits(point.Graph)).ToArray());
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
            Search = new(Options() with { Precisions = [0, 1, 2], WarmUp = 0, Strengths = [3_000] }, 3_000),
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

    private static LatencyTable Table() => new(
        LatencyTable.ThisCpu, LatencyTable.ThisPath, "2026-01-01", [.. from kind in LatencyTable.Kinds from bits in new[] { 1, 2, 4, 8 } select new LatencyEntry(kind, bits, 2 * bits, 3)], 0);

    private static int Bits(ImmutableArray<GateGroup> groups, WidthAssignment assignment) =>
        Enumerable.Range(0, groups.Length).Sum(g => assignment.Of(g).Sum(p => groups[g].Precisions[p]));

    private static ImmutableArray<SearchPoint> Run(MixedPrecisionOptions options, IProgress<SearchProgress>? progress = null, CancellationToken cancellation = default) =>
        MixedPrecisionSearch.Run(TinyTask.Graph(), TrainingTask.For(DenseTask.Segmentation), () => TinyTask.Scenes(5), options, progress, cancellation);

    private static MixedPrecisionOptions Options() => new() { Training = TinyTask.Options(Steps), ImageHeight = 64, ImageWidth = 64 };

    private sealed class Cancelling(int step, CancellationTokenSource source, int point = 0) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value)
        {
            if (value.Training.Step == step && value.Point == point)
            {
                source.Cancel();
            }
        }
    }

    private sealed class ReportedSteps : IProgress<SearchProgress>
    {
        public List<(int Point, int Step)> All { get; } = [];

        public void Report(SearchProgress value) => All.Add((value.Point, value.Training.Step));
    }

    private sealed class Losses(List<double> all) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => all.Add(value.Training.Loss);
    }

    private sealed class GroupsOfFour : WidthCost
    {
        public override string Name => "groups";

        public override string Unit => "groups";

        public override double Of(ConvolutionShape shape, ReadOnlySpan<byte> widths, ReadOnlySpan<double> channels, Span<double> gradient)
        {
            double sum = 0;
            for (int p = 0; p < widths.Length; p++)
            {
                sum += widths[p] == 0 ? 0 : Math.Ceiling(channels[p] / 4) * (1 + 0.1 * widths[p]);
                if (!gradient.IsEmpty)
                {
                    gradient[p] = widths[p] == 0 ? 0 : (1 + 0.1 * widths[p]) / 4;
                }
            }

            return sum;
        }
    }
}
