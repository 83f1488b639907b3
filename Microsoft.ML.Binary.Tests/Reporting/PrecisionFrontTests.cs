using System.Xml.Linq;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Tests.Reporting;

[TestClass]
public sealed class PrecisionFrontTests
{
    private static readonly PrecisionPoint Mixed = new("mixed", 0.61, 300_000, 7.5, 2.4e6, IsUniform: false, [("stem", [0, 40, 20, 4, 0]), ("head", [1, 2, 3, 4, 5])]);

    private static readonly PrecisionPoint TwoBits = new("2 bits", 0.6, 420_000, 8.25, 3.3e6, IsUniform: true, [("stem", [0, 0, 64, 0, 0])]);

    [TestMethod]
    public void Csv_HasRowsThatSpreadsheetsRead()
    {
        using TemporaryFolder folder = new();
        new PrecisionFront("mIoU", "size", [Mixed with { Name = "a, \"b\"" }, TwoBits with { Name = "=1+1" }]).SaveCsv(folder.File("front.csv"));
        Assert.AreEqual(
            "name,accuracy,bytes,milliseconds,cost,uniform,dominated_in_bytes,dominated_in_time,channels_0,channels_1,channels_2,channels_4,channels_8\r\n"
            + "\"a, \"\"b\"\"\",0.61,300000,7.5,2400000,False,False,False,1,42,23,8,5\r\n"
            + "\"'=1+1\",0.6,420000,8.25,3300000,True,True,True,0,0,64,0,0\r\n",
            File.ReadAllText(folder.File("front.csv")));
    }

    [TestMethod]
    public void NetworksOfOneWidthAlone_AreShown() => StringAssert.Contains(Page(TwoBits).WithClass("card").First().Value, "0.6002 bits");

    [TestMethod]
    public void OptionsWithoutATitle_LeaveThePageItsOwn()
    {
        using TemporaryFolder folder = new();
        new PrecisionFront("mIoU", "size", [Mixed]).SaveHtml(folder.File("front.html"), new() { Facts = [new("Search", "Cost", "size")] });
        Assert.AreEqual("Mixed precision", ReportData.Title(File.ReadAllText(folder.File("front.html"))));
    }

    [TestMethod]
    public void LayersThatANetworkDoesNotHave_AreEmpty()
    {
        string[][] expected = [["stem", "0:0 1:0 2:64 4:0 8:0", "0:0 1:40 2:20 4:4 8:0"], ["head", "", "0:1 1:2 2:3 4:4 8:5"]];
        foreach (bool smallFirst in new[] { true, false })
        {
            XElement[] rows = [.. Page(smallFirst ? [TwoBits, Mixed] : [Mixed, TwoBits]).WithClass("classes").Last().Element("tbody")!.Elements("tr")];
            Assert.HasCount(expected.Length, rows);
            for (int i = 0; i < rows.Length; i++)
            {
                string[] cells = [.. rows[i].Elements().Select(cell => cell.Value)];
                CollectionAssert.AreEqual(smallFirst ? expected[i] : [expected[i][0], expected[i][2], expected[i][1]], cells);
            }
        }
    }

    [TestMethod]
    public void NoNetworks_AreRefused()
    {
        using TemporaryFolder folder = new();
        Assert.ThrowsExactly<InvalidOperationException>(() => new PrecisionFront("mIoU", "size", []).SaveHtml(folder.File("front.html")));
        Assert.IsFalse(File.Exists(folder.File("front.html")));
    }

    /// <summary>As accurate and no dearer, and better in one of the two; what is alike in both does not dominate.</summary>
    [TestMethod]
    public void DominatedIsWhatAnotherBeatsInOneAndMatchesInTheOther()
    {
        PrecisionPoint small = Point("small", 0.5, 100, 9), good = Point("good", 0.7, 300, 5), alike = Point("alike", 0.7, 300, 5),
            larger = Point("larger", 0.7, 301, 5), slower = Point("slower", 0.7, 300, 6), worse = Point("worse", 0.6, 300, 5), best = Point("best", 0.8, 900, 4);
        PrecisionFront front = new("mIoU", "size, bits", [small, good, alike, larger, slower, worse, best]);
        CollectionAssert.AreEqual(new[] { "larger", "worse" }, front.Points.Where(front.IsDominatedInBytes).Select(point => point.Name).ToArray());
        CollectionAssert.AreEqual(
            new[] { "small", "good", "alike", "larger", "slower", "worse" }, front.Points.Where(front.IsDominatedInTime).Select(point => point.Name).ToArray(), "the best is the fastest");
        PrecisionFront without = front with { Points = [.. front.Points.Where(point => point != best)] };
        CollectionAssert.AreEqual(new[] { "small", "slower", "worse" }, without.Points.Where(without.IsDominatedInTime).Select(point => point.Name).ToArray());
    }

    private static PrecisionPoint Point(string name, double accuracy, long bytes, double milliseconds) => new(name, accuracy, bytes, milliseconds, bytes, IsUniform: false, []);

    private static XElement Page(params PrecisionPoint[] points)
    {
        using TemporaryFolder folder = new();
        new PrecisionFront("mIoU", "size", points).SaveHtml(folder.File("front.html"));
        return ReportData.Parse(File.ReadAllText(folder.File("front.html")));
    }
}
