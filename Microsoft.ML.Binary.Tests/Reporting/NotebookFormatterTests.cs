using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Reporting;

/// <summary>
/// Formats values as .NET Interactive does by convention (its documentation calls it TypeFormatterSourceAttribute): the attribute, its
/// properties and the formatter's members are found by name, and the call is compiled from an expression.
/// </summary>
[TestClass]
public sealed class NotebookFormatterTests
{
    public static IEnumerable<object[]> Values =>
    [
        [ReportData.Segmentation()],
        [ReportData.Segmentation(classes: 40)],
        [ReportData.Saliency()],
        [ReportData.Road(0, 1, 1)],
        [ReportData.Segmentation().CompareTo(ReportData.Segmentation(), SegmentationMeasure.MeanIoU)],
        [PretrainedNetworks.Load(PretrainedModel.Nuclei)],
        [new RgbImage(1200, 900)],
        [new SegmentationMask(2, 2, [0, 1, 2, 255])],
        [new SaliencyMask(2, 1, [0, 200])],
    ];

    [TestMethod]
    [DynamicData(nameof(Values))]
    public void EveryResult_IsWellFormedHtml(object value)
    {
        string html = Format(value);
        ReportData.Parse(html);
        Assert.IsFalse(html.Contains("<script", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Figures_AreShown()
    {
        SegmentationMetrics metrics = ReportData.Segmentation();
        StringAssert.Contains(Format(metrics), metrics.MeanIoU.ToString("F3", System.Globalization.CultureInfo.InvariantCulture));
    }

    [TestMethod]
    public void LargePictures_AreMadeSmaller()
    {
        string html = Format(new RgbImage(1200, 900));
        using MemoryStream png = new(Convert.FromBase64String(ReportData.Parse(html).Attribute("src")!.Value["data:image/png;base64,".Length..]));
        Assert.AreEqual(960, RgbImage.Load(png, "picture").Width);
    }

    [TestMethod]
    public void OtherTypes_AreLeftAlone()
    {
        object formatter = Formatter(new SaliencyMask(1, 1, [0]));
        Assert.IsFalse((bool)formatter.GetType().GetMethod("Format")!.Invoke(formatter, ["text", TextWriter.Null])!);
    }

    private static string Format(object value)
    {
        object formatter = Formatter(value);
        ParameterExpression instance = Expression.Parameter(typeof(object)), writer = Expression.Parameter(typeof(TextWriter));
        MethodInfo method = formatter.GetType().GetMethod("Format")!;
        var format = Expression.Lambda<Func<object, TextWriter, bool>>(
            Expression.Call(Expression.Constant(formatter), method, instance, writer), instance, writer).Compile();
        using StringWriter text = new();
        Assert.IsTrue(format(value, text));
        return text.ToString();
    }

    private static object Formatter(object value)
    {
        object attribute = value.GetType().GetCustomAttributes(true).Single(attribute => attribute.GetType().Name == "TypeFormatterSourceAttribute");
        CollectionAssert.AreEqual((string[])["text/html"], (string[])Property(attribute, "PreferredMimeTypes"));
        object source = Activator.CreateInstance((Type)Property(attribute, "FormatterSourceType"))!;
        object formatter = ((IEnumerable)source.GetType().GetMethod("CreateTypeFormatters")!.Invoke(source, null)!).Cast<object>().Single();
        Assert.AreEqual("text/html", Property(formatter, "MimeType"));
        return formatter;
    }

    private static object Property(object from, string name) => from.GetType().GetProperty(name)!.GetGetMethod()!.Invoke(from, null)!;
}
