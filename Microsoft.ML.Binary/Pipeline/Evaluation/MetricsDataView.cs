
namespace Microsoft.ML.Binary;

/// <summary>The image rows of an evaluation as a data view, so that ML.NET can filter, sort, bin or model them.</summary>
public static class MetricsDataView
{
    /// <summary>
    /// One row an image, in the order evaluated. Columns: <c>Name</c> (text), <c>Width</c>, <c>Height</c> (Int32), <c>PixelCount</c>,
    /// <c>IgnoredPixelCount</c> (Int64), <c>MeanIoU</c>, <c>PixelAccuracy</c>, <c>MeanAccuracy</c>, <c>MeanDice</c>,
    /// <c>MeanBoundaryIoU</c> (Double, 0..1, NaN where undefined).
    /// </summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <param name="context">The context the view belongs to.</param>
    /// <exception cref="InvalidOperationException">The evaluation kept no image rows.</exception>
    /// <example>
    /// <code>
    /// IDataView images = metrics.ToDataView(ml);
    /// IDataView bad = ml.Data.FilterRowsByColumn(images, "MeanIoU", upperBound: 0.3);
    /// </code>
    /// </example>
    public static IDataView ToDataView(this SegmentationMetrics metrics, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(context);
        Check(metrics.Images.Length, nameof(SegmentationMetricsOptions));
        return context.Data.LoadFromEnumerable(metrics.Images.Select(image => new SegmentationImageRow
        {
            Name = image.Name,
            Width = image.Width,
            Height = image.Height,
            PixelCount = image.PixelCount,
            IgnoredPixelCount = image.IgnoredPixelCount,
            MeanIoU = image.MeanIoU,
            PixelAccuracy = image.PixelAccuracy,
            MeanAccuracy = image.MeanAccuracy,
            MeanDice = image.MeanDice,
            MeanBoundaryIoU = image.MeanBoundaryIoU,
        }));
    }

    /// <summary>
    /// One row an image, in the order evaluated. Columns: <c>Name</c> (text), <c>Width</c>, <c>Height</c> (Int32), <c>MeanAbsoluteError</c>,
    /// <c>MaxF</c>, <c>MeanF</c>, <c>AdaptiveF</c>, <c>WeightedF</c>, <c>SMeasure</c>, <c>MaxE</c>, <c>MeanE</c>, <c>AdaptiveE</c> (Double,
    /// 0..1, NaN where not asked for).
    /// </summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <param name="context">The context the view belongs to.</param>
    /// <exception cref="InvalidOperationException">The evaluation kept no image rows.</exception>
    public static IDataView ToDataView(this SaliencyMetrics metrics, MLContext context)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(context);
        Check(metrics.Images.Length, nameof(SaliencyMetricsOptions));
        return context.Data.LoadFromEnumerable(metrics.Images.Select(image => new SaliencyImageRow
        {
            Name = image.Name,
            Width = image.Width,
            Height = image.Height,
            MeanAbsoluteError = image.MeanAbsoluteError,
            MaxF = image.MaxF,
            MeanF = image.MeanF,
            AdaptiveF = image.AdaptiveF,
            WeightedF = image.WeightedF,
            SMeasure = image.SMeasure,
            MaxE = image.MaxE,
            MeanE = image.MeanE,
            AdaptiveE = image.AdaptiveE,
        }));
    }

    private static void Check(int rows, string options)
    {
        if (rows == 0)
        {
            throw new InvalidOperationException($"The evaluation kept no image rows: evaluate with {options}.{nameof(SegmentationMetricsOptions.KeepImages)}.");
        }
    }

    private sealed class SegmentationImageRow
    {
        public string Name { get; set; } = "";

        public int Width { get; set; }

        public int Height { get; set; }

        public long PixelCount { get; set; }

        public long IgnoredPixelCount { get; set; }

        public double MeanIoU { get; set; }

        public double PixelAccuracy { get; set; }

        public double MeanAccuracy { get; set; }

        public double MeanDice { get; set; }

        public double MeanBoundaryIoU { get; set; }
    }

    private sealed class SaliencyImageRow
    {
        public string Name { get; set; } = "";

        public int Width { get; set; }

        public int Height { get; set; }

        public double MeanAbsoluteError { get; set; }

        public double MaxF { get; set; }

        public double MeanF { get; set; }

        public double AdaptiveF { get; set; }

        public double WeightedF { get; set; }

        public double SMeasure { get; set; }

        public double MaxE { get; set; }

        public double MeanE { get; set; }

        public double AdaptiveE { get; set; }
    }
}
