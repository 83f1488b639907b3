using System.Text.Json;

namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class MetricsExportTests
{
    [TestMethod]
    public void SegmentationJson_HoldsFiguresMatrixAndRows()
    {
        SegmentationMetrics metrics = Segmentation();
        using JsonDocument json = JsonDocument.Parse(metrics.ToJson());
        JsonElement root = json.RootElement;

        Assert.AreEqual(metrics.MeanIoU, root.GetProperty("meanIoU").GetDouble());
        Assert.AreEqual(metrics.PixelAccuracy, root.GetProperty("pixelAccuracy").GetDouble());
        Assert.AreEqual(metrics.PerClassIoU[1], root.GetProperty("perClassIoU")[1].GetDouble());
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("perClassIoU")[2].ValueKind);
        Assert.AreEqual(JsonValueKind.Null, root.GetProperty("meanBoundaryIoU").ValueKind);
        Assert.AreEqual("sky", root.GetProperty("classNames")[1].GetString());
        Assert.AreEqual(1, root.GetProperty("confusionMatrix")[0][1].GetInt64());
        Assert.AreEqual("a \"b\", c", root.GetProperty("images")[0].GetProperty("name").GetString());
        Assert.AreEqual(1, root.GetProperty("images")[0].GetProperty("ignoredPixelCount").GetInt64());
    }

    [TestMethod]
    public void SaliencyJson_HoldsFiguresCurvesAndRows()
    {
        SaliencyMetrics metrics = Saliency();
        using JsonDocument json = JsonDocument.Parse(metrics.ToJson());
        JsonElement root = json.RootElement;

        Assert.AreEqual(metrics.MeanAbsoluteError, root.GetProperty("mae").GetDouble());
        Assert.AreEqual(metrics.MaxF, root.GetProperty("maxF").GetDouble());
        Assert.AreEqual(metrics.MaxFOfMeanCurve, root.GetProperty("maxFOfMeanCurve").GetDouble());
        Assert.AreEqual(metrics.SMeasure, root.GetProperty("sMeasure").GetDouble());
        Assert.AreEqual(256, root.GetProperty("precisionCurve").GetArrayLength());
        Assert.AreEqual(metrics.Images[0].WeightedF, root.GetProperty("images")[0].GetProperty("weightedF").GetDouble());
    }

    [TestMethod]
    public void RoadJson_HoldsFigures()
    {
        var accumulator = new RoadMetricsAccumulator();
        accumulator.Add("image", [0.25f, 0.75f], [255, 0], 2, 1);
        using JsonDocument json = JsonDocument.Parse(accumulator.ToMetrics().ToJson());

        Assert.AreEqual(JsonValueKind.Null, json.RootElement.GetProperty("maxF").ValueKind);
        Assert.AreEqual(1, json.RootElement.GetProperty("ignoredPixelCount").GetInt64());
    }

    [TestMethod]
    public void Csv_QuotesNamesAndLeavesUndefinedFiguresEmpty()
    {
        string[] lines = Segmentation().ImagesToCsv().Split("\r\n");

        Assert.AreEqual("name,width,height,meanIoU,pixelAccuracy,meanAccuracy,meanDice,meanBoundaryIoU,pixelCount,ignoredPixelCount", lines[0]);
        StringAssert.StartsWith(lines[1], "\"a \"\"b\"\", c\",2,2,0.5,");
        StringAssert.EndsWith(lines[1], ",,3,1");
        Assert.HasCount(3, lines);
        Assert.AreEqual("", lines[2]);

        StringAssert.StartsWith(Saliency().ImagesToCsv().Split("\r\n")[1], "image,2,2,");
    }

    [TestMethod]
    public void Text_DoesNotDependOnTheCulture()
    {
        OddCulture.AssertSame(() => Saliency().ToJson(), "JSON");
        OddCulture.AssertSame(() => Saliency().ToString(), "saliency");
        OddCulture.AssertSame(() => Segmentation().ImagesToCsv(), "CSV");
        OddCulture.AssertSame(() => Segmentation().ToString(), "segmentation");
    }

    [TestMethod]
    public void Save_ReplacesTheFileAndLeavesNothingElse()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("metrics.json");
        File.WriteAllText(path, "old");
        Segmentation().SaveJson(path);
        Saliency().SaveImagesCsv(folder.File("rows.csv"));

        Assert.AreEqual(Segmentation().ToJson(), File.ReadAllText(path));
        Assert.AreEqual(Saliency().ImagesToCsv(), File.ReadAllText(folder.File("rows.csv")));
        Assert.HasCount(2, Directory.GetFiles(folder.Path));
    }

    private static SegmentationMetrics Segmentation()
    {
        var accumulator = new SegmentationMetricsAccumulator(["road", "sky", "never"]);
        accumulator.Add("a \"b\", c", [0, 0, 1, 255], [0, 1, 1, 0], 2, 2);
        return accumulator.ToMetrics();
    }

    [TestMethod]
    [DataRow("=1+1", "\"'=1+1\"")]
    [DataRow("+a.png", "\"'+a.png\"")]
    [DataRow("-2", "\"'-2\"")]
    [DataRow("@SUM(A1)", "\"'@SUM(A1)\"")]
    [DataRow(" =1", "\"' =1\"")]
    [DataRow("\t=1", "\"'\t=1\"")]
    [DataRow("\uFF1D1", "\"'\uFF1D1\"")]
    [DataRow("=A1,\"x\"", "\"'=A1,\"\"x\"\"\"")]
    [DataRow("a=1.png", "a=1.png")]
    [DataRow("a-1", "a-1")]
    public void NamesThatASpreadsheetWouldRun_AreText(string name, string cell)
    {
        SegmentationMetricsAccumulator accumulator = new(2);
        accumulator.Add(name, [0, 1], [0, 1], 2, 1);
        StringAssert.StartsWith(accumulator.ToMetrics().ImagesToCsv().Split("\r\n")[1], cell + ",2,1,");
    }

    private static SaliencyMetrics Saliency()
    {
        var accumulator = new SaliencyMetricsAccumulator();
        accumulator.Add("image", [0, 100, 200, 255], [0, 0, 255, 255], 2, 2);
        return accumulator.ToMetrics();
    }
}
