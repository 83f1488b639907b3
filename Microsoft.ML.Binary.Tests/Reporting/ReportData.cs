using System.Xml;
using System.Xml.Linq;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Tests.Evaluation;

namespace Microsoft.ML.Binary.Tests.Reporting;

/// <summary>Small evaluations to report on, and a strict reader of what comes out.</summary>
internal static class ReportData
{
    public const int Width = 40, Height = 30;

    public static SegmentationMetrics Segmentation(int classes = 3, int images = 5, SegmentationMetricsOptions? options = null, Func<int, string>? nameOf = null)
    {
        SegmentationMetricsAccumulator accumulator = new([.. Enumerable.Range(0, classes).Select(nameOf ?? (i => $"class {i}"))], options);
        Random random = new(7);
        for (int i = 0; i < images; i++)
        {
            (byte[] labels, byte[] predictions) = RandomMaps.Segmentation(random, Width * Height, classes, 0.1);
            accumulator.Add($"image {i}", labels, predictions, Width, Height);
        }

        return accumulator.ToMetrics();
    }

    public static SaliencyMetrics Saliency(int images = 5, SaliencyMetricsOptions? options = null)
    {
        SaliencyMetricsAccumulator accumulator = new(options);
        Random random = new(7);
        for (int i = 0; i < images; i++)
        {
            byte[] mask = RandomMaps.Runs(random, Width * Height, () => (byte)(255 * random.Next(2)));
            byte[] map = [.. mask.Select(value => (byte)((value + random.Next(256)) / 2))];
            accumulator.Add($"image {i}", map, mask, Width, Height);
        }

        return accumulator.ToMetrics();
    }

    public static RoadMetrics Road(params byte[] labels)
    {
        RoadMetricsAccumulator accumulator = new();
        accumulator.Add("image", [.. labels.Select((_, i) => (byte)(i * 40))], labels, labels.Length, 1);
        return accumulator.ToMetrics();
    }

    public static ReportExample Example(int width = Width, int height = Height)
    {
        SegmentationMask mask = new(width, height, new byte[width * height]);
        return ReportExample.Create(new RgbImage(width, height), mask, mask);
    }

    /// <summary>Parses a page as XML, which HTML need not be: a tag that is not closed or text that is not escaped is an error.</summary>
    public static XElement Parse(string html)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }

    /// <summary>The title of a page, which is its heading too.</summary>
    public static string Title(string html)
    {
        XElement page = Parse(html);
        string title = page.Element("head")!.Element("title")!.Value;
        Assert.AreEqual(title, page.Descendants("h1").Single().Value);
        return title;
    }

    public static IEnumerable<XElement> WithClass(this XElement root, string name) =>
        root.Descendants().Where(element => (element.Attribute("class")?.Value ?? "").Split(' ').Contains(name));
}
