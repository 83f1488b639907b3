using System.Globalization;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class MapSpaceTests
{
    [TestMethod]
    public void Eyeriss_HasAsManyMappingsOfEachLayerAsCountedBefore()
    {
        Accelerator accelerator = Accelerator.Preset("eyeriss"), anyOrder = accelerator.WithAnyOuterOrder();
        Dictionary<string, string>[] rows = [.. TimeloopTable.Read(SharedData.PathOf("oracles", "s5", "eyeriss_mapspace_act8_weights4.csv"))];
        Workload[] layers = [.. TimeloopRow.MobileNet().Where(row => row.Accelerator == "eyeriss-16bit" && row.Workload.Bits!.Value.Weights == 4).Select(row => row.Workload)];
        Assert.HasCount(layers.Length, rows);
        foreach ((Dictionary<string, string> row, Workload layer) in rows.Zip(layers))
        {
            long Number(string column) => long.Parse(row[column], CultureInfo.InvariantCulture);
            Assert.AreEqual(Number("mappings_before_buffer_check"), Count(layer, accelerator, unlimited: 4), $"layer {layer.Name}");
            if (row["valid"].Length > 0)
            {
                Assert.AreEqual(Number("valid"), Count(layer, accelerator), $"layer {layer.Name}");
                Assert.AreEqual(Number("any_dram_order"), Count(layer, anyOrder, unlimited: 4), $"layer {layer.Name}");
                MappingCost best = new Mapper(accelerator).Best(layer).Cost;
                double edp = row.Real("optimum_edp"), energy = row.Real("optimum_energy_uJ");
                Assert.AreEqual(edp, best.Edp, 1e-5 * edp, $"layer {layer.Name}");
                Assert.AreEqual(energy, best.Energy * 1e-6, 1e-5 * energy, $"layer {layer.Name}");
                Assert.AreEqual(Number("optimum_cycles"), best.Cycles, $"layer {layer.Name}");
            }
        }
    }

    [TestMethod]
    public void EveryMappingVisited_IsOneOfTheLayerAndVisitedOnce()
    {
        foreach (string preset in (string[])["eyeriss", "simba"])
        {
            Accelerator accelerator = Accelerator.Preset(preset);
            Workload workload = new() { Name = "layer", C = 8, M = 4, R = 3, S = 3, P = 4, Q = 2 };
            HashSet<string> seen = [];
            new MapSpace(workload, accelerator).ForEach(nest =>
            {
                LoopNest loops = nest.ToNest();
                Assert.IsTrue(seen.Add(loops.ToString(accelerator)), loops.ToString(accelerator));
                foreach (Dimension dimension in Enum.GetValues<Dimension>())
                {
                    int product = loops.Levels.SelectMany(level => level.Spatial.Concat(level.Temporal))
                        .Where(loop => loop.Dimension == dimension).Aggregate(1, (product, loop) => product * loop.Bound);
                    Assert.AreEqual(workload[dimension], product, loops.ToString(accelerator));
                }
            });
            Assert.IsGreaterThan(100, seen.Count);
        }
    }

    [TestMethod]
    [DataRow(3, 3)]
    [DataRow(4, 4)]
    [DataRow(11, 1)]
    [DataRow(6, 3)]
    [DataRow(1000, 4)]
    public void Wiring_IsInUseAsFarAsItDivides(int channels, int lanes)
    {
        Accelerator accelerator = Accelerator.Preset("simba");
        Workload workload = new() { Name = "layer", C = channels, M = 1, P = 1 };
        bool all = true;
        new MapSpace(workload, accelerator).ForEach(nest => all &= nest.ToNest().Levels[1].Spatial.Sum(loop => loop.Bound) == (lanes == 1 ? 0 : lanes));
        Assert.IsTrue(all);
    }

    [TestMethod]
    public void Splits_AreAllAndInOrder()
    {
        CollectionAssert.AreEqual(
            (string[])["1 1 4", "1 2 2", "1 4 1", "2 1 2", "2 2 1", "4 1 1"],
            Factors.Splits(4, 3).Select(split => string.Join(' ', split)).ToArray());
        Assert.HasCount(84 * 4, Factors.Splits(192, 4));
        CollectionAssert.AreEqual((int[])[2, 3, 7, 1], (int[])[Factors.NextPrime(252, 1), Factors.NextPrime(252, 2), Factors.NextPrime(252, 3), Factors.NextPrime(252, 7)]);
    }

    private static long Count(Workload layer, Accelerator accelerator, int unlimited = -1)
    {
        NestCounter counter = new(layer, accelerator, new());
        long count = 0;
        new MapSpace(layer, accelerator).ForEach(nest => count += counter.Fits(nest, unlimited) ? 1 : 0);
        return count;
    }
}
