using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class MappingExportTests
{
    private static readonly Workload Layer = new() { Name = "=1+1", C = 4, M = 4, P = 4, Q = 4, Bits = new BitWidths(8, 8, 8) };

    private static readonly NetworkMapping Mapping = new Mapper(Accelerator.Preset("eyeriss"), new() { Restarts = 1 }).Map([Layer, Layer with { Name = "a, \"b\"" }]);

    /// <summary>Names of layers come from files.</summary>
    [TestMethod]
    public void NamesOfLayers_AreNoFormulas()
    {
        string[] lines = Mapping.ToCsv().Split("\r\n");
        Assert.HasCount(4, lines);
        StringAssert.StartsWith(lines[0], "layer,C,M,R,S,N,P,Q,");
        StringAssert.StartsWith(lines[1], "\"'=1+1\",4,4,1,1,1,4,4,");
        StringAssert.StartsWith(lines[2], "\"a, \"\"b\"\"\",4,4,");
        Assert.AreEqual("", lines[3]);
    }

    [TestMethod]
    public void NamesInATableOfWidths_AreNoFormulas()
    {
        MeasuredPoint point = new("@8", [new(8, 8)], Predicted: null, Measured: 0.5, Mapping);
        string[] lines = new WidthSearchResult("net", ["-conv"], "sensitivity", "mIoU", MappingMetric.Edp, 1, Front: [point], Others: []).ToCsv().Split("\r\n");
        StringAssert.EndsWith(lines[0], ",last_level_accesses,\"'-conv\"");
        StringAssert.StartsWith(lines[1], "\"'@8\",,0.5,");
        StringAssert.EndsWith(lines[1], "," + new LayerWidths(8, 8));
    }
}
