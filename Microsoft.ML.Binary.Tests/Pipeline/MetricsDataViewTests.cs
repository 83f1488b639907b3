using Microsoft.ML.Binary.Tests.Reporting;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class MetricsDataViewTests
{
    [TestMethod]
    public void Segmentation_HasARowAnImage()
    {
        SegmentationMetrics metrics = ReportData.Segmentation(images: 4);
        IDataView rows = metrics.ToDataView();
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.Name).ToArray(), rows.Values<ReadOnlyMemory<char>>("Name").ConvertAll(text => text.ToString()));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.MeanIoU).ToArray(), rows.Values<double>("MeanIoU"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.PixelCount).ToArray(), rows.Values<long>("PixelCount"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.MeanBoundaryIoU).ToArray(), rows.Values<double>("MeanBoundaryIoU"));
        Assert.HasCount(10, rows.Schema);
    }

    [TestMethod]
    public void Saliency_HasARowAnImage()
    {
        SaliencyMetrics metrics = ReportData.Saliency(images: 4);
        IDataView rows = metrics.ToDataView();
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.Name).ToArray(), rows.Values<ReadOnlyMemory<char>>("Name").ConvertAll(text => text.ToString()));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.MeanAbsoluteError).ToArray(), rows.Values<double>("MeanAbsoluteError"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.AdaptiveE).ToArray(), rows.Values<double>("AdaptiveE"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.Height).ToArray(), rows.Values<int>("Height"));
        Assert.HasCount(12, rows.Schema);
    }

    [TestMethod]
    public void WithoutRows_ItSaysWhatToDo()
    {
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => ReportData.Segmentation(options: new() { KeepImages = false }).ToDataView());
        StringAssert.Contains(error.Message, "SegmentationMetricsOptions.KeepImages");
        error = Assert.ThrowsExactly<InvalidOperationException>(() => ReportData.Saliency(options: new() { KeepImages = false }).ToDataView());
        StringAssert.Contains(error.Message, "SaliencyMetricsOptions.KeepImages");
    }
}
