using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Tests.Reporting;

[TestClass]
public sealed class HtmlReportTests
{
    [TestMethod]
    public void Segmentation_HoldsFiguresIntervalsAndClasses()
    {
        SegmentationMetrics metrics = ReportData.Segmentation();
        XElement page = ReportData.Parse(metrics.ToHtml(new ReportOptions { Title = "My evaluation" }));

        Assert.AreEqual("My evaluation", page.Element("head")!.Element("title")!.Value);
        XElement first = page.WithClass("card").First();
        StringAssert.Contains(first.Value, Figure(metrics.MeanIoU));
        ConfidenceInterval interval = metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU);
        StringAssert.Contains(first.Value, $"95%: {Figure(interval.Lower)} to {Figure(interval.Upper)}");
        XElement[] rows = [.. page.WithClass("classes").Single().Element("tbody")!.Elements("tr")];
        Assert.HasCount(3, rows);
        StringAssert.Contains(rows[1].Value, "class 1");
        StringAssert.Contains(rows[1].Value, Figure(metrics.PerClassIoU[1]));
        StringAssert.Contains(rows[1].Value, Figure(metrics.PerClassPrecision[1]));
    }

    [TestMethod]
    public void ConfusionMatrix_IsNormalisedByRow()
    {
        SegmentationMetricsAccumulator accumulator = new(["a", "b"]);
        accumulator.Add("image", [0, 0, 0, 0, 1], [0, 0, 0, 1, 0], 5, 1);
        XElement[] cells = [.. ReportData.Parse(accumulator.ToMetrics().ToHtml()).WithClass("heat").Single().Descendants("td")];
        CollectionAssert.AreEqual((string[])["75", "25", "100", ""], cells.Select(cell => cell.Value).ToArray());
        Assert.AreEqual("--share:75%", cells[0].Attribute("style")!.Value);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(30)]
    [DataRow(31)]
    [DataRow(255)]
    public void AnyNumberOfClasses_FitsOnThePage(int classes)
    {
        XElement page = ReportData.Parse(ReportData.Segmentation(classes).ToHtml());
        XElement heat = page.WithClass("heat").Single();
        Assert.AreEqual(classes <= 30 ? "table" : "figure", heat.Name.LocalName);
        Assert.HasCount(classes <= 30 ? classes * classes : 0, heat.Descendants("td"));
        Assert.HasCount(classes, page.WithClass("classes").Single().Element("tbody")!.Elements("tr"));
    }

    [TestMethod]
    public void LargestConfusions_ComeFirstAndLeaveTheDiagonalOut()
    {
        PixelConfusionMatrix matrix = new(3);
        matrix.Add([0, 0, 0, 0, 1, 1, 2], [0, 0, 2, 2, 0, 1, 2]);
        CollectionAssert.AreEqual(((int, int, long)[])[(0, 2, 2L), (1, 0, 1L)], new ConfusionShares(matrix).Largest(5).ToArray());
    }

    [TestMethod]
    public void Saliency_HoldsFiguresAndCurves()
    {
        SaliencyMetrics metrics = ReportData.Saliency();
        XElement page = ReportData.Parse(metrics.ToHtml());

        StringAssert.Contains(page.WithClass("card").First().Value, Figure(metrics.SMeasure));
        Assert.HasCount(9, page.WithClass("card"));
        Assert.HasCount(3, page.Descendants("polyline"));
        Assert.HasCount(256, page.Descendants("polyline").First().Attribute("points")!.Value.Split(' '));
        Assert.HasCount(5, page.Descendants("article"));
    }

    [TestMethod]
    public void Saliency_WithoutAllMeasures_ShowsThoseThereAre()
    {
        XElement page = ReportData.Parse(ReportData.Saliency(options: new() { Measures = SaliencyMeasures.ErrorAndF, KeepCurves = false }).ToHtml());
        Assert.HasCount(4, page.WithClass("card"));
        Assert.HasCount(2, page.Descendants("polyline"));
        Assert.IsFalse(page.Value.Contains("NaN", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Road_SaysThatItIsInTheImagePlane()
    {
        XElement page = ReportData.Parse(ReportData.Road(0, 0, 1, 0, 1, 1, 255).ToHtml());
        StringAssert.Contains(page.Value, "Image plane");
        Assert.HasCount(1, page.Descendants("polyline"));
    }

    [TestMethod]
    public void UndefinedFigures_AreDashes()
    {
        SegmentationMetricsAccumulator accumulator = new(["a", "b"]);
        accumulator.Add("image", [255, 255], [0, 1], 2, 1);
        string[] pages = [accumulator.ToMetrics().ToHtml(), ReportData.Road(255, 255).ToHtml(), ReportData.Road(0, 0).ToHtml()];
        foreach (string html in pages)
        {
            XElement page = ReportData.Parse(html);
            Assert.AreEqual("\u2013", page.WithClass("value").First().Value);
            Assert.IsFalse(page.Element("body")!.ToString().Contains("NaN", StringComparison.Ordinal), html);
        }
    }

    [TestMethod]
    public void WithoutImageRows_ThereAreNeitherIntervalsNorImages()
    {
        XElement page = ReportData.Parse(ReportData.Segmentation(options: new() { KeepImages = false }).ToHtml());
        Assert.IsEmpty(page.WithClass("band"));
        Assert.IsEmpty(page.WithClass("histogram"));
        Assert.IsEmpty(page.Descendants("article"));
    }

    [TestMethod]
    public void Examples_AreAskedForOnlyWhereShown()
    {
        List<string> asked = [];
        SegmentationMetrics metrics = ReportData.Segmentation(images: 9);
        XElement page = ReportData.Parse(metrics.ToHtml(new()
        {
            ExampleCount = 2,
            Examples = name =>
            {
                asked.Add(name);
                return ReportData.Example();
            },
        }));

        SegmentationImageMetrics[] worstFirst = [.. metrics.WorstImages(9)];
        CollectionAssert.AreEqual((string[])[worstFirst[0].Name, worstFirst[1].Name, worstFirst[8].Name, worstFirst[7].Name], asked);
        Assert.HasCount(16, page.Descendants("img"));
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(2, 2)]
    [DataRow(7, 7)]
    [DataRow(20, 8)]
    public void NoImage_IsAmongTheWorstAndTheBest(int images, int shown)
    {
        XElement page = ReportData.Parse(ReportData.Segmentation(images: images).ToHtml());
        string[] names = [.. page.Descendants("article").Select(article => article.Descendants("b").First().Value)];
        Assert.HasCount(shown, names);
        CollectionAssert.AllItemsAreUnique(names);
    }

    [TestMethod]
    public void NamesAndFacts_AreEscaped()
    {
        ReportOptions options = new()
        {
            Title = "</title><script>alert('&')</script>",
            Facts = [new("<Model>", "a & b", "\"c\" <d>")],
        };
        string html = ReportData.Segmentation(nameOf: i => $"<i>{i}</i> & \"quoted\"").ToHtml(options);
        XElement page = ReportData.Parse(html);
        Assert.IsFalse(html.Contains("<script", StringComparison.Ordinal));
        Assert.AreEqual(options.Title, page.Descendants("h1").Single().Value);
        Assert.AreEqual("<i>0</i> & \"quoted\"", page.WithClass("classes").Single().Element("tbody")!.Element("tr")!.Element("th")!.Value);
        Assert.AreEqual("\"c\" <d>", page.Descendants("dd").First().Value);
    }

    [TestMethod]
    public void Pages_NeedNothingElse()
    {
        string[] pages =
        [
            ReportData.Segmentation().ToHtml(new() { Examples = _ => ReportData.Example() }), ReportData.Saliency().ToHtml(), ReportData.Road(0, 1).ToHtml(),
        ];
        foreach (string html in pages)
        {
            XElement page = ReportData.Parse(html);
            Assert.IsEmpty(page.Descendants("script"));
            Assert.IsEmpty(page.Descendants("link"));
            Assert.IsTrue(page.Descendants().Attributes("src").All(source => source.Value.StartsWith("data:image/png;base64,", StringComparison.Ordinal)));
            Assert.IsEmpty(page.Descendants().Attributes("href"));
            string css = page.Descendants("style").Single().Value;
            Assert.IsFalse(css.Contains("url(", StringComparison.Ordinal) || css.Contains("@import", StringComparison.Ordinal));
            StringAssert.Contains(css, "prefers-color-scheme: dark");
        }
    }

    [TestMethod]
    public void APaletteThatIsTooSmall_IsRefused()
    {
        ReportOptions options = new() { Palette = Palette.Parse("#000000,#FFFFFF") };
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => ReportData.Segmentation(classes: 3).ToHtml(options));
        StringAssert.Contains(error.Message, "2 colours");
        StringAssert.Contains(error.Message, "3 classes");
    }

    [TestMethod]
    public void OptionsOutOfRange_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ReportOptions { ExampleCount = -1 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ReportOptions { ExampleCount = 51 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ReportOptions { ExampleSide = 31 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ReportOptions { ExampleSide = 2049 });
    }

    [TestMethod]
    public void Pages_DoNotDependOnTheCulture()
    {
        EdgeMetricsAccumulator edges = new();
        edges.Add("image", new float[ReportData.Width * ReportData.Height], [new byte[ReportData.Width * ReportData.Height]], ReportData.Width, ReportData.Height);
        RoadMetrics road = ReportData.Road(0, 1, 1, 0, 1);
        MultiTaskMetrics tasks = new([new("classes", ReportData.Segmentation()), new("object", ReportData.Saliency()), new("edges", edges.ToMetrics())]);
        OddCulture.AssertSame(() => ReportData.Segmentation(images: 1200).ToHtml(), "segmentation, more than a thousand images");
        OddCulture.AssertSame(() => ReportData.Saliency().ToHtml(), "saliency");
        OddCulture.AssertSame(() => road.ToHtml() + road, "road");
        OddCulture.AssertSame(() => tasks.ToHtml() + tasks + tasks.ToJson(), "several tasks");
    }

    [TestMethod]
    public void SeveralTasks_EachHaveTheColoursOfTheirClasses()
    {
        MultiTaskMetrics tasks = new([new("classes", ReportData.Segmentation()), new("others", ReportData.Segmentation())]);
        XElement[] tables = [.. ReportData.Parse(tasks.ToHtml(new() { Palettes = new Dictionary<string, Palette> { ["Classes"] = Palette.Parse("#010203, #040506, #070809") } })).WithClass("classes")];
        CollectionAssert.AreEqual((string[])["background:#010203", "background:#040506", "background:#070809"], Swatches(tables[0]));
        CollectionAssert.AreEqual(Palette.Default.Take(3).Select(color => $"background:{color}").ToArray(), Swatches(tables[1]));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => tasks.ToHtml(new() { Palettes = new Dictionary<string, Palette> { ["others"] = Palette.Parse("#010203") } })).Message,
            "The palette has 1 colours, and there are 3 classes");

        static string[] Swatches(XElement table) => [.. table.WithClass("swatch").Select(swatch => swatch.Attribute("style")!.Value)];
    }

    [TestMethod]
    public void NetworksOfOneTask_AreFoundByTheirNamesInAnyCase()
    {
        SegmentationMetrics alone = ReportData.Segmentation(images: 2);
        MultiTaskMetrics tasks = new([new("classes", ReportData.Segmentation())]);
        XElement[] cards = [.. ReportData.Parse(tasks.ToHtml(new() { Alone = [new("Classes", alone)] })).WithClass("card")];
        StringAssert.Contains(cards[0].Value, $"mean IoU \u00B7 alone {Figure(alone.MeanIoU)}");
    }

    [TestMethod]
    public void OptionsWithoutATitle_LeaveThePageItsOwn()
    {
        ReportOptions options = new() { Facts = [new("Data", "Images", "1")] };
        PredictionView view = new("a", "", new RgbImage(700, 700), new RgbImage(700, 700), new RgbImage(700, 700));
        XElement predictions = ReportData.Parse(PredictionPage.ToHtml([view], options));
        CollectionAssert.AreEqual((string[])["Evaluation", "Evaluation", "Evaluation", "Predictions"], (string[])
        [
            ReportData.Title(ReportData.Segmentation().ToHtml(options)), ReportData.Title(ReportData.Saliency().ToHtml(options)), ReportData.Title(ReportData.Road(0, 1).ToHtml(options)),
            predictions.Descendants("h1").Single().Value,
        ]);
        byte[] picture = Convert.FromBase64String(predictions.Descendants("img").First().Attribute("src")!.Value["data:image/png;base64,".Length..]);
        Assert.AreEqual(640, RgbImage.Load(new MemoryStream(picture), "picture").Width);
    }

    [TestMethod]
    public void Files_AreWrittenWholeOrNotAtAll()
    {
        using TemporaryFolder folder = new();
        SegmentationMetrics metrics = ReportData.Segmentation();
        metrics.SaveHtml(folder.File("report.html"));
        Assert.AreEqual(metrics.ToHtml(), File.ReadAllText(folder.File("report.html")));

        IOException error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => metrics.SaveHtml(folder.File("none/report.html")));
        StringAssert.Contains(error.Message, "report.html");

        // What cannot be replaced stays as it was, with nothing half-written beside it.
        File.WriteAllText(folder.File("kept.html"), "precious");
        File.SetAttributes(folder.File("kept.html"), FileAttributes.ReadOnly);
        StringAssert.Contains(Assert.Throws<IOException>(() => metrics.SaveHtml(folder.File("kept.html"))).Message, "kept.html");
        File.SetAttributes(folder.File("kept.html"), FileAttributes.Normal);
        Assert.AreEqual("precious", File.ReadAllText(folder.File("kept.html")));
        CollectionAssert.AreEquivalent(new[] { "report.html", "kept.html" }, Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Histogram_CountsEveryDefinedValueOnce()
    {
        int[] counts = ImageHistogram.Count([0, 0.049, 0.05, 0.999, 1, double.NaN]);
        Assert.AreEqual(2, counts[0]);
        Assert.AreEqual(1, counts[1]);
        Assert.AreEqual(2, counts[19]);
        Assert.AreEqual(5, counts.Sum());
    }

    private static string Figure(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
