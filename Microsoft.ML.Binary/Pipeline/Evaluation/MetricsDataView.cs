using System.Collections.Immutable;

namespace Microsoft.ML.Binary;

/// <summary>The image rows of an evaluation as a data view, so that ML.NET can filter, sort, bin or model them.</summary>
public static class MetricsDataView
{
    /// <summary>
    /// One row per image, in the order evaluated. Columns: <c>Name</c> (text), <c>Width</c>, <c>Height</c> (Int32), <c>PixelCount</c>,
    /// <c>IgnoredPixelCount</c> (Int64), <c>MeanIoU</c>, <c>PixelAccuracy</c>, <c>MeanAccuracy</c>, <c>MeanDice</c>,
    /// <c>MeanBoundaryIoU</c> (Double, 0..1, NaN where undefined).
    /// </summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <exception cref="InvalidOperationException">The evaluation kept no image rows.</exception>
    /// <example>
    /// <code>
    /// IDataView images = metrics.ToDataView();
    /// IDataView bad = ml.Data.FilterRowsByColumn(images, "MeanIoU", upperBound: 0.3);
    /// </code>
    /// </example>
    public static IDataView ToDataView(this SegmentationMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Check(metrics.Images.Length, nameof(SegmentationMetricsOptions));
        return Table(SegmentationMeasure.All, metrics.Images,
        [
            TableColumn<SegmentationImageMetrics>.Number(nameof(SegmentationImageMetrics.PixelCount), image => image.PixelCount),
            TableColumn<SegmentationImageMetrics>.Number(nameof(SegmentationImageMetrics.IgnoredPixelCount), image => image.IgnoredPixelCount),
        ]);
    }

    /// <summary>
    /// One row per image, in the order evaluated. Columns: <c>Name</c> (text), <c>Width</c>, <c>Height</c> (Int32), <c>MeanAbsoluteError</c>,
    /// <c>MaxF</c>, <c>MeanF</c>, <c>AdaptiveF</c>, <c>WeightedF</c>, <c>SMeasure</c>, <c>MaxE</c>, <c>MeanE</c>, <c>AdaptiveE</c> (Double,
    /// 0..1, NaN where not asked for).
    /// </summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <exception cref="InvalidOperationException">The evaluation kept no image rows.</exception>
    public static IDataView ToDataView(this SaliencyMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Check(metrics.Images.Length, nameof(SaliencyMetricsOptions));
        return Table(SaliencyMeasure.All, metrics.Images, []);
    }

    private static TableDataView<TImage> Table<TMetrics, TImage>(
        IEnumerable<Measure<TMetrics, TImage>> measures, ImmutableArray<TImage> images, TableColumn<TImage>[] counts)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics => new(
        images,
        [
            TableColumn<TImage>.Text("Name", image => image.Name),
            TableColumn<TImage>.Number("Width", image => image.Width),
            TableColumn<TImage>.Number("Height", image => image.Height),
            .. counts,
            .. measures.Where(measure => measure.IsOfImages).Select(measure => TableColumn<TImage>.Number<double>(measure.Name, measure.Of)),
        ]);

    private static void Check(int rows, string options)
    {
        if (rows == 0)
        {
            throw new InvalidOperationException($"The evaluation kept no image rows: evaluate with {options}.{nameof(SegmentationMetricsOptions.KeepImages)}.");
        }
    }
}
