using Microsoft.ML.Binary.Tests.Reporting;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class MetricsDataViewTests
{
    [TestMethod]
    public void Segmentation_HasARowAnImage()
    {
        SegmentationMetrics metrics = ReportData.Segmentation(images: 4);
        IDataView rows = metrics.ToDataView(new MLContext());
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.Name).ToArray(), Texts(rows, "Name"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.MeanIoU).ToArray(), Column<double>(rows, "MeanIoU"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.PixelCount).ToArray(), Column<long>(rows, "PixelCount"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.MeanBoundaryIoU).ToArray(), Column<double>(rows, "MeanBoundaryIoU"));
        Assert.HasCount(10, rows.Schema);
    }

    [TestMethod]
    public void Saliency_HasARowAnImage()
    {
        SaliencyMetrics metrics = ReportData.Saliency(images: 4);
        IDataView rows = metrics.ToDataView(new MLContext());
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.Name).ToArray(), Texts(rows, "Name"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.MeanAbsoluteError).ToArray(), Column<double>(rows, "MeanAbsoluteError"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.AdaptiveE).ToArray(), Column<double>(rows, "AdaptiveE"));
        CollectionAssert.AreEqual(metrics.Images.Select(image => image.Height).ToArray(), Column<int>(rows, "Height"));
        Assert.HasCount(12, rows.Schema);
    }

    [TestMethod]
    public void WithoutRows_ItSaysWhatToDo()
    {
        MLContext ml = new();
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => ReportData.Segmentation(options: new() { KeepImages = false }).ToDataView(ml));
        StringAssert.Contains(error.Message, "SegmentationMetricsOptions.KeepImages");
        error = Assert.ThrowsExactly<InvalidOperationException>(() => ReportData.Saliency(options: new() { KeepImages = false }).ToDataView(ml));
        StringAssert.Contains(error.Message, "SaliencyMetricsOptions.KeepImages");
    }

    private static T[] Column<T>(IDataView data, string name)
    {
        List<T> values = [];
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[name]]);
        ValueGetter<T> get = cursor.GetGetter<T>(data.Schema[name]);
        while (cursor.MoveNext())
        {
            T value = default!;
            get(ref value);
            values.Add(value);
        }

        return [.. values];
    }

    private static string[] Texts(IDataView data, string name) => [.. Column<ReadOnlyMemory<char>>(data, name).Select(text => text.ToString())];
}
