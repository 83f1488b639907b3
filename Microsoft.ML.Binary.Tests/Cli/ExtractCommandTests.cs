using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class ExtractCommandTests
{
    [TestMethod]
    public void Extract_GivesBackTheNetworkFile()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        ModelWriter.Save(DenseNetwork.Load(model), place["a.zip"]);
        CommandRun.Lines("extract", "--model", place["a.zip"], "--out", place["a.network"]);
        CollectionAssert.AreEqual(File.ReadAllBytes(model), File.ReadAllBytes(place["a.network"]));
    }

    [TestMethod]
    public void OutputThatCannotBeWritten_IsNamed()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure, ["extract", "--model", place.SegmentationModel(), "--out", place["missing/a.network"]], place["missing"], "does not exist");
    }
}
