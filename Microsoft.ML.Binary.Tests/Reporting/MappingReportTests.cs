using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Tests.Reporting;

[TestClass]
public sealed class MappingReportTests
{
    private static readonly Accelerator Eyeriss = Accelerator.Preset("eyeriss");

    [TestMethod]
    public void Mapping_ShowsEnergiesLayersAndNests()
    {
        NetworkMapping mapping = Mapping(8);
        XElement page = ReportData.Parse(mapping.ToHtml(new() { Title = "My network" }));
        Assert.AreEqual("My network", page.Element("head")!.Element("title")!.Value);
        XElement whole = page.WithClass("stacked").Single(), rows = page.WithClass("classes").Single().Element("tbody")!;
        Assert.HasCount(3, rows.Elements("tr"));
        StringAssert.Contains(rows.Elements("tr").First().Value, "first <layer>");
        StringAssert.Contains(whole.Value, "DRAM, weights");

        // The parts of the network's bar fill it; the longest layer's bar is full, too.
        Assert.AreEqual(100, Widths(whole.WithClass("stack").Single()).Sum(), 0.1);
        Assert.AreEqual(100, rows.WithClass("stack").Max(bar => Widths(bar).Sum()), 0.1);

        // Two of the three layers have one shape.
        XElement[] nests = [.. page.WithClass("nests").Single().Elements("details")];
        Assert.HasCount(2, nests);
        StringAssert.Contains(nests[0].Element("summary")!.Value, "first <layer>, second");
        StringAssert.Contains(nests[0].Element("pre")!.Value, "parallel-for");
        StringAssert.Contains(page.WithClass("facts").Single().Value, "pJ to read");
    }

    [TestMethod]
    public void Front_ShowsItsPointsAndThoseItIsComparedWith()
    {
        WidthSearchResult result = new(
            "net", ["first <layer>", "second", "third"], "exp(-loss)", "mean IoU", MappingMetric.Edp, 42,
            [Point("front 1", 2, 0.4), Point("front 2", 4, 0.6)], [Point("8 bits", 8, 0.61), new("other <net>", [], null, 0.5, Mapping(1))]);
        XElement page = ReportData.Parse(result.ToHtml());
        XElement svg = page.Descendants("svg").Single();
        Assert.HasCount(2, svg.Elements("circle").Where(circle => circle.Attribute("class")!.Value == "dot"));
        CollectionAssert.AreEqual((string[])["8 bits", "other <net>"], svg.Elements("text").Where(text => text.Attribute("class")!.Value == "mark").Select(text => text.Value).ToArray());
        foreach (XElement circle in svg.Elements("circle"))
        {
            Assert.IsTrue(Number(circle, "cx") is >= 44 and <= 406 && Number(circle, "cy") is >= 12 and <= 260, circle.ToString());
        }

        XElement[] tables = [.. page.WithClass("classes")];
        Assert.HasCount(4, tables[0].Element("tbody")!.Elements("tr"));
        Assert.AreEqual("100.0%", tables[0].Element("tbody")!.Elements("tr").ElementAt(2).WithClass("main").Single().Value);
        Assert.AreEqual("second2/24/4", tables[1].Element("tbody")!.Elements("tr").ElementAt(1).Value);

        MeasuredPoint Point(string name, int bits, double accuracy) => new(name, [new(bits, bits), new(bits, bits), new(bits, bits)], accuracy, accuracy, Mapping(bits));
    }

    [TestMethod]
    public void OptionsWithoutATitle_LeaveThePageItsOwn()
    {
        ReportOptions options = new() { Facts = [new("Network", "Name", "net")] };
        Assert.AreEqual("Mapping", ReportData.Title(Mapping(8).ToHtml(options)));
        WidthSearchResult widths = new(
            "net", ["first", "second", "third"], "exp(-loss)", "mean IoU", MappingMetric.Edp, 1, [new("2 bits", [new(2, 2), new(2, 2), new(2, 2)], 0.4, 0.4, Mapping(2))], []);
        Assert.AreEqual("Bit widths", ReportData.Title(widths.ToHtml(options)));
    }

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static IEnumerable<double> Widths(XElement bar) => bar.Elements("i").Select(part =>
        double.Parse(part.Attribute("style")!.Value.Split(';')[0]["width:".Length..^1], CultureInfo.InvariantCulture));

    private static NetworkMapping Mapping(int bits)
    {
        Workload layer = new() { Name = "first <layer>", C = 8, M = 8, R = 3, S = 3, P = 6, Q = 6, Bits = new BitWidths(bits, bits, bits) };
        return new Mapper(Eyeriss).Map([layer, layer with { Name = "second" }, layer with { Name = "third", M = 16, Groups = 2 }]);
    }
}
