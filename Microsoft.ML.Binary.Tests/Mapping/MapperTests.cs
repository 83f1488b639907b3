using System.Collections.Immutable;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

/// <summary>Our best mappings beside Timeloop's: a part of the rows, all of which benchmarks/mapping compares.</summary>
[TestClass]
public sealed class MapperTests
{
    // Published figures have six digits.
    private const double Print = 1e-5;

    [TestMethod]
    [DataRow("eyeriss-16bit", 2)]
    [DataRow("eyeriss-8bit-same", 4)]
    [DataRow("eyeriss-8bit-changed", 8)]
    public void Eyeriss_IsNeverWorseThanTimeloop(string preset, int weightBits)
    {
        TimeloopRow[] rows = Rows(preset, weightBits);
        NetworkMapping mapping = new Mapper(Accelerator.Preset(preset)).Map([.. rows.Select(row => row.Workload)]);
        foreach ((TimeloopRow row, LayerMapping layer) in rows.Zip(mapping.Layers))
        {
            Assert.AreEqual(MappingOrigin.Optimum, layer.Origin);
            Assert.IsLessThanOrEqualTo(row.Edp * (1 + Print), layer.Edp, $"layer {row.Layer}");
        }
    }

    [TestMethod]
    [DataRow("simba-16bit", 4)]
    [DataRow("simba-8bit-changed", 8)]
    public void Simba_IsAsGoodAsTimeloop(string preset, int weightBits)
    {
        TimeloopRow[] rows = Rows(preset, weightBits);
        NetworkMapping mapping = new Mapper(Accelerator.Preset(preset)).Map([.. rows.Select(row => row.Workload)]);
        foreach ((TimeloopRow row, LayerMapping layer) in rows.Zip(mapping.Layers))
        {
            Assert.IsLessThanOrEqualTo(1.05 * row.Edp, layer.Edp, $"layer {row.Layer}");
        }

        Assert.IsLessThanOrEqualTo(1.01 * rows.Sum(row => row.Edp), mapping.Edp);
    }

    [TestMethod]
    public void AlexNet_IsNeverWorseInAnyObjective()
    {
        foreach (IGrouping<string, TimeloopRow> objective in TimeloopRow.AlexNet().Where(row => row.Workload.Bits?.Inputs == 4).GroupBy(row => row.Objective))
        {
            MappingMetric[] metrics = [.. objective.Key.Replace("last-level-accesses", "accesses", StringComparison.Ordinal).Split('-').Select(metric => Enum.Parse<MappingMetric>(metric, ignoreCase: true))];
            MappingObjective ours = metrics.Length == 1 ? new(metrics[0]) : new(metrics[0], metrics[1]);
            NetworkMapping mapping = new Mapper(Accelerator.Preset("eyeriss"), new() { Objective = ours }).Map([.. objective.Select(row => row.Workload)]);
            foreach ((TimeloopRow row, LayerMapping layer) in objective.Zip(mapping.Layers))
            {
                double first = Value(ours.First, layer), published = Value(ours.First, row);
                Assert.IsLessThanOrEqualTo(published * (1 + Print), first, $"{objective.Key}, layer {row.Layer}");
                if (metrics.Length > 1 && Math.Abs(first - published) <= published * Print)
                {
                    Assert.IsLessThanOrEqualTo(Value(ours.Second, row) * (1 + Print), Value(ours.Second, layer), $"{objective.Key}, layer {row.Layer}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow("eyeriss")]
    [DataRow("simba")]
    public void Threads_DoNotChangeTheResult(string preset)
    {
        Workload[] layers = Layers();
        string[] expected = Nests(1, seed: 1), again = Nests(3, seed: 1);
        CollectionAssert.AreEqual(expected, again);
        Assert.AreEqual(preset == "simba", Enumerable.Range(2, 4).Any(seed => !Nests(2, seed).SequenceEqual(expected)), "A seed matters where there is a search, and only there.");

        string[] Nests(int threads, long seed)
        {
            Accelerator accelerator = Accelerator.Preset(preset);
            NetworkMapping mapping = new Mapper(accelerator, new() { Threads = threads, Seed = seed, Restarts = 1 }).Map(layers);
            return [.. mapping.Layers.Select(layer => layer.Nest.ToString(accelerator))];
        }
    }

    [TestMethod]
    public void Search_FindsTheOptimumOfASmallSpace()
    {
        Accelerator accelerator = Accelerator.Preset("simba");
        Workload workload = new() { Name = "layer", C = 32, M = 16, R = 3, S = 3, P = 6, Q = 4, Bits = new BitWidths(8, 4, 8) };
        MappingSearch all = new(workload, accelerator, new(MappingMetric.Edp), new()), drawn = new(workload, accelerator, new(MappingMetric.Edp), new());
        Assert.IsTrue(all.CanEnumerate);
        double optimum = MappingEvaluator.Evaluate(workload, accelerator, all.Enumerate()).Edp;
        double found = MappingEvaluator.Evaluate(workload, accelerator, drawn.Draw(seed: 1, restarts: 4)).Edp;
        Assert.IsGreaterThanOrEqualTo(optimum, found);
        Assert.IsLessThanOrEqualTo(1.01 * optimum, found);
    }

    /// <summary>Of 13 million ways to split the loops one fits, which no draw finds.</summary>
    [TestMethod]
    public void LayerThatHardlyFits_HasAMapping()
    {
        ImmutableArray<ImmutableArray<Dimension>> loops = [.. Enum.GetValues<Dimension>().Select(dimension => (ImmutableArray<Dimension>)[dimension])];
        Accelerator accelerator = new()
        {
            Name = "tight",
            MacEnergy = 1,
            Levels =
            [
                new() { Name = "buffer", Keeps = [Operand.Weights, Operand.Inputs, Operand.Outputs], Words = 3, ReadEnergy = 1, WriteEnergy = 1, Temporal = loops },
                new() { Name = "DRAM", Keeps = [Operand.Weights, Operand.Inputs, Operand.Outputs], ReadEnergy = 100, WriteEnergy = 100, Temporal = loops },
            ],
        };
        const int Side = 5040;
        LayerMapping mapping = new Mapper(accelerator, new() { Restarts = 1 }).Best(new Workload { Name = "layer", C = Side, M = Side, P = Side, Q = Side });
        Assert.AreEqual(MappingOrigin.Search, mapping.Origin);
        Assert.AreEqual(LoopNest.Parse("DRAM.t:C5040 M5040 P5040 Q5040", accelerator), mapping.Nest);
    }

    [TestMethod]
    public void Repetitions_CountAsOften()
    {
        Mapper mapper = new(Accelerator.Preset("eyeriss"));
        Workload one = new() { Name = "one", C = 1, M = 1, R = 3, S = 3, P = 12, Q = 12, Bits = new BitWidths(8, 8, 8) };
        LayerMapping once = mapper.Best(one), often = mapper.Best(one with { Name = "many", Groups = 24 });
        Assert.AreEqual(once.Nest, often.Nest);
        Assert.AreEqual("many", often.Workload.Name);
        Assert.AreEqual(24 * once.Energy, often.Energy, 1e-6 * often.Energy);
        Assert.AreEqual(24 * once.Cycles, often.Cycles);
        Assert.AreEqual(24 * 24 * once.Edp, often.Edp, 1e-6 * often.Edp);
        Assert.AreEqual(24 * 9 * 144, often.Workload.Macs);
    }

    [TestMethod]
    public void GivenMappings_AreTakenAsTheyAre()
    {
        Accelerator accelerator = Accelerator.Preset("eyeriss");
        Workload layer = new() { Name = "layer", C = 4, M = 4, P = 4, Q = 4, Bits = new BitWidths(8, 8, 8) };
        LoopNest nest = LoopNest.Parse("shared_glb.t:P4; DRAM.t:C4 M4 Q4", accelerator);
        NetworkMapping mapping = new Mapper(accelerator).Map([layer, layer], [nest, null]);
        Assert.AreEqual(MappingOrigin.Given, mapping.Layers[0].Origin);
        Assert.AreEqual(nest, mapping.Layers[0].Nest);
        Assert.AreEqual(MappingOrigin.Optimum, mapping.Layers[1].Origin);
        Assert.IsLessThan(mapping.Layers[0].Edp, mapping.Layers[1].Edp);
    }

    private static Workload[] Layers() =>
    [
        .. Enumerable.Range(0, 6).Select(i => new Workload
        {
            Name = $"layer {i}",
            C = 64 << (i % 3),
            M = 64 << (i / 3),
            R = 3,
            S = 3,
            P = 48 >> i % 2,
            Q = 36 >> i % 2,
            Bits = new BitWidths(8, 4, 8),
        }),
    ];

    private static TimeloopRow[] Rows(string preset, int weightBits)
    {
        TimeloopRow[] rows = [.. TimeloopRow.MobileNet().Where(row => row.Accelerator == preset && row.Workload.Bits?.Weights == weightBits)];
        Assert.HasCount(28, rows);
        return rows;
    }

    private static double Value(MappingMetric metric, LayerMapping layer) => metric switch
    {
        MappingMetric.Edp => layer.Edp,
        MappingMetric.Energy => layer.Energy * 1e-6,
        MappingMetric.Delay => layer.Cycles,
        _ => layer.LastLevelAccesses,
    };

    private static double Value(MappingMetric metric, TimeloopRow row) => metric switch
    {
        MappingMetric.Edp => row.Edp,
        MappingMetric.Energy => row.Energy,
        MappingMetric.Delay => row.Cycles,
        _ => row.LastLevelAccesses,
    };
}
