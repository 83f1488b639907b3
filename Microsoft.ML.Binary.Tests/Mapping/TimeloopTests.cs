using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

/// <summary>Real outputs of the extended Timeloop of arXiv 2404.05368: its mappings counted by our rules.</summary>
[TestClass]
public sealed class TimeloopTests
{
    [TestMethod]
    public void EveryMobileNetMapping_IsCountedAsTimeloopDoes() => CheckAll(TimeloopRow.MobileNet(), 1232);

    [TestMethod]
    public void EveryAlexNetMapping_IsCountedAsTimeloopDoes() => CheckAll(TimeloopRow.AlexNet(), 105);

    private static void CheckAll(IReadOnlyList<TimeloopRow> rows, int count)
    {
        Assert.HasCount(count, rows);
        Dictionary<string, Accelerator> accelerators = rows.Select(row => row.Accelerator).Distinct().ToDictionary(name => name, Accelerator.Preset);
        foreach (TimeloopRow row in rows)
        {
            Accelerator accelerator = accelerators[row.Accelerator];
            LoopNest nest = LoopNest.Parse(row.Mapping, accelerator);
            MappingCost cost = MappingEvaluator.Evaluate(row.Workload, accelerator, nest);
            string where = $"{row.Accelerator} {row.Objective} layer {row.Workload.Name}, {row.Workload.Bits}: {row.Mapping}";
            Assert.AreEqual(row.Mapping, nest.ToString(accelerator), where);
            Assert.AreEqual(row.Accesses, TimeloopRow.Describe(cost, accelerator), where);
            Assert.AreEqual(row.Cycles, cost.Cycles, where);
            Assert.AreEqual(row.LastLevelAccesses, cost.LastLevelAccesses, where);
            Assert.AreEqual(row.Energy, cost.Energy * 1e-6, 1e-5 * row.Energy, where);
            Assert.AreEqual(row.Edp, cost.Edp, 1e-5 * row.Edp, where);
        }
    }
}
