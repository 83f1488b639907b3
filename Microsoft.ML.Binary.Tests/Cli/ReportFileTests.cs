using System.Xml.Linq;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Tests.Reporting;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary evaluate --html</c>.</summary>
[TestClass]
public sealed class ReportFileTests
{
    [TestMethod]
    public void OfAModel_ShowsImagesAndFacts()
    {
        using Workplace place = new(images: 4);
        string model = place.SegmentationModel();
        CommandRun.Lines("evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--html", place["a.html"]);
        XElement page = ReportData.Parse(File.ReadAllText(place["a.html"]));
        Assert.HasCount(16, page.Descendants("img"));
        Assert.AreEqual("segmentation.network", page.Descendants("h1").Single().Value);
        string[] facts = [.. page.Descendants("dd").Select(fact => fact.Value)];
        CollectionAssert.IsSubsetOf((string[])[model, place.Images, place.Masks], facts);
    }

    [TestMethod]
    public void OfSaliency_ShowsImages()
    {
        using Workplace place = new(images: 3);
        CommandRun.Lines("evaluate", "--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects, "--html", place["a.html"]);
        Assert.HasCount(12, ReportData.Parse(File.ReadAllText(place["a.html"])).Descendants("img"));
    }

    [TestMethod]
    public void OfPredictions_NeedsNoImages()
    {
        using Workplace place = new(images: 2);
        CommandRun.Lines("evaluate", "--predictions", place.Objects, "--task", "saliency", "--masks", place.Objects, "--html", place["a.html"]);
        Assert.HasCount(6, ReportData.Parse(File.ReadAllText(place["a.html"])).Descendants("img"));
    }

    [TestMethod]
    public void ThatCannotBeWritten_FailsFirst()
    {
        using Workplace place = new();
        foreach (string option in new[] { "--html", "--csv" })
        {
            CommandRun.Fails(
                CommandLineTool.Failure,
                ["evaluate", "--model", place["no-model"], "--images", place.Images, "--masks", place.Masks, option, place["missing/a"]],
                place["missing"]);
        }
    }
}
