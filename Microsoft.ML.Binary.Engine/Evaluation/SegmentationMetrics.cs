using System.Collections.Immutable;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary;

/// <summary>
/// The result of evaluating a semantic segmentation, with the definitions of mmsegmentation.
/// </summary>
/// <remarks>
/// Averaging: every figure comes from one confusion matrix pooled over all pixels of the set (not from an average of
/// images), and a mean over classes is over those where the figure is defined; for IoU and Dice these are the classes
/// that occur in labels or predictions. An undefined figure is NaN and is skipped in means.
/// </remarks>
[TypeFormatterSource]
public sealed class SegmentationMetrics
{
    internal SegmentationMetrics(
        ImmutableArray<string> classNames,
        PixelConfusionMatrix matrix,
        OverlapMeasures? boundary,
        long imageCount,
        ImmutableArray<SegmentationImageMetrics> images)
    {
        OverlapMeasures measures = OverlapMeasures.From(matrix);
        ClassNames = classNames;
        ConfusionMatrix = matrix;
        ImageCount = imageCount;
        Images = images;
        PerClassIoU = [.. measures.PerClass(measures.IoU)];
        PerClassAccuracy = [.. measures.PerClass(measures.Accuracy)];
        PerClassPrecision = [.. measures.PerClass(measures.Precision)];
        PerClassDice = [.. measures.PerClass(measures.Dice)];
        Figures = SegmentationMeasure.ComputeAll(measures, boundary);
        PerClassBoundaryIoU = boundary is null ? [] : [.. boundary.PerClass(boundary.IoU)];
    }

    /// <summary>Number of classes.</summary>
    public int NumberOfClasses => ClassNames.Length;

    /// <summary>Class names, in the order of the class indices.</summary>
    public ImmutableArray<string> ClassNames { get; }

    /// <summary>Pixel counts over the whole set; the figures here do not follow later changes to it.</summary>
    public PixelConfusionMatrix ConfusionMatrix { get; }

    /// <summary>Intersection over union per class, I / (P + L - I); NaN for a class in neither labels nor predictions.</summary>
    public ImmutableArray<double> PerClassIoU { get; }

    /// <summary>Share of a class's labelled pixels that were predicted right; NaN for a class not in the labels.</summary>
    public ImmutableArray<double> PerClassAccuracy { get; }

    /// <summary>The same as <see cref="PerClassAccuracy"/>, under its other name.</summary>
    public ImmutableArray<double> PerClassRecall => PerClassAccuracy;

    /// <summary>Share of the pixels predicted as a class that are right; NaN for a class never predicted.</summary>
    public ImmutableArray<double> PerClassPrecision { get; }

    /// <summary>Dice (F1) per class, 2 I / (P + L); NaN for a class in neither labels nor predictions.</summary>
    public ImmutableArray<double> PerClassDice { get; }

    /// <summary>
    /// Boundary IoU per class (Cheng et al., CVPR 2021): the IoU of the pixels near the borders of their regions, pooled over the
    /// set like all figures here; empty if <see cref="SegmentationMetricsOptions.BoundaryIoU"/> was off.
    /// </summary>
    public ImmutableArray<double> PerClassBoundaryIoU { get; }

    /// <summary>Mean of <see cref="PerClassIoU"/>, NaN skipped.</summary>
    public double MeanIoU => SegmentationMeasure.MeanIoU.Of(this);

    /// <summary>Share of all evaluated pixels that were predicted right.</summary>
    public double PixelAccuracy => SegmentationMeasure.PixelAccuracy.Of(this);

    /// <summary>Mean of <see cref="PerClassAccuracy"/>, NaN skipped.</summary>
    public double MeanAccuracy => SegmentationMeasure.MeanAccuracy.Of(this);

    /// <summary>Mean of <see cref="PerClassDice"/>, NaN skipped.</summary>
    public double MeanDice => SegmentationMeasure.MeanDice.Of(this);

    /// <summary>Mean of <see cref="PerClassIoU"/>, each class weighted by its share of the labelled pixels.</summary>
    public double FrequencyWeightedIoU => SegmentationMeasure.FrequencyWeightedIoU.Of(this);

    /// <summary>Mean of <see cref="PerClassBoundaryIoU"/>, NaN skipped; NaN if it was not asked for.</summary>
    public double MeanBoundaryIoU => SegmentationMeasure.MeanBoundaryIoU.Of(this);

    /// <summary>Number of images evaluated.</summary>
    public long ImageCount { get; }

    /// <summary>Number of pixels evaluated.</summary>
    public long PixelCount => ConfusionMatrix.PixelCount;

    /// <summary>Number of pixels dropped because their label is the ignore index.</summary>
    public long IgnoredPixelCount => ConfusionMatrix.IgnoredPixelCount;

    /// <summary>One row per image, in the order added; empty if <see cref="SegmentationMetricsOptions.KeepImages"/> was off.</summary>
    public ImmutableArray<SegmentationImageMetrics> Images { get; }

    /// <summary>The figures, in the order of <see cref="SegmentationMeasure.All"/>.</summary>
    internal ImmutableArray<double> Figures { get; }

    /// <summary>What is likely to be wrong with the masks that were evaluated on (<see cref="Imaging.MaskSurvey"/>); empty for ordinary ones.</summary>
    public ImmutableArray<string> Warnings { get; internal init; } = [];

    /// <summary>The images of lowest mean IoU, worst first; images without a single evaluated pixel are left out.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<SegmentationImageMetrics> WorstImages(int count) =>
        [.. Images.Where(image => !double.IsNaN(image.MeanIoU)).OrderBy(image => image.MeanIoU).Take(count)];

    /// <summary>One of the figures.</summary>
    public double Value(SegmentationMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Of(this);
    }

    /// <inheritdoc cref="Measure{TMetrics, TImage}.IntervalOf"/>
    /// <param name="measure">The figure.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    public ConfidenceInterval ConfidenceInterval(SegmentationMeasure measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.IntervalOf(this, options);
    }

    /// <inheritdoc cref="Measure{TMetrics, TImage}.Compare"/>
    /// <param name="second">The evaluation of the second model, against the same masks.</param>
    /// <param name="measure">The figure compared.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    public PairedComparison CompareTo(SegmentationMetrics second, SegmentationMeasure measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Compare(this, second, options);
    }

    /// <summary>The figures as a small table of text, in invariant culture.</summary>
    public override string ToString() => MetricsTable.Of(this);
}
