using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Messages;
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
/// <example>
/// <code>
/// SegmentationMetrics metrics = ml.Segmentation.Evaluate(scored);
/// foreach ((string name, double iou) in metrics.ClassNames.Zip(metrics.PerClassIoU))
/// {
///     Console.WriteLine($"{name}: {iou:F3}");
/// }
///
/// Console.WriteLine($"mIoU {metrics.MeanIoU:F3}; worst: {metrics.WorstImages(1)[0].Name}");
/// </code>
/// </example>
[TypeFormatterSource]
public sealed class SegmentationMetrics : DenseMetrics<SegmentationMetrics, SegmentationImageMetrics>
{
    private const int LongestName = 24;

    internal SegmentationMetrics(ImmutableArray<string> classNames, PixelConfusionMatrix matrix, OverlapMeasures? boundary)
    {
        OverlapMeasures measures = OverlapMeasures.From(matrix);
        ClassNames = classNames;
        ConfusionMatrix = matrix;
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

    /// <summary>Number of pixels evaluated.</summary>
    public long PixelCount => ConfusionMatrix.PixelCount;

    /// <summary>Number of pixels dropped because their label is the ignore index.</summary>
    public long IgnoredPixelCount => ConfusionMatrix.IgnoredPixelCount;

    /// <summary>The figures, in the order of <see cref="SegmentationMeasure.All"/>.</summary>
    internal ImmutableArray<double> Figures { get; }

    internal override MetricsSummary Summary => new([]) { Classes = Classes };

    /// <summary>The figures of each class.</summary>
    internal ClassFigures Classes => new(ClassNames,
    [
        new("IoU", PerClassIoU),
        new("Recall", PerClassRecall),
        new("Precision", PerClassPrecision),
        new("Dice", PerClassDice),
        .. PerClassBoundaryIoU.IsEmpty ? (ClassColumn[])[] : [new("Boundary", PerClassBoundaryIoU)],
        new("Pixels", [.. Enumerable.Range(0, NumberOfClasses).Select(Share)], IsShare: true),
    ]);

    private protected override IEnumerable<SegmentationMeasure> Measures => SegmentationMeasure.All;

    private protected override SegmentationMeasure Compared => SegmentationMeasure.MeanIoU;

    private protected override ImmutableArray<(string Name, Func<SegmentationImageMetrics, long> Of)> CountsOfImages =>
    [
        (nameof(PixelCount), image => image.PixelCount),
        (nameof(IgnoredPixelCount), image => image.IgnoredPixelCount),
    ];

    /// <summary>The images of lowest mean IoU, worst first; images without a single evaluated pixel are left out.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<SegmentationImageMetrics> WorstImages(int count) =>
        [.. Images.Where(image => !double.IsNaN(image.MeanIoU)).OrderBy(image => image.MeanIoU).Take(count)];

    /// <summary>The figures as a small table of text, in invariant culture.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        bool hasBoundary = !PerClassBoundaryIoU.IsEmpty;
        foreach (SegmentationMeasure[] line in SegmentationMeasure.All.Where(measure => hasBoundary || !measure.IsOfBoundaries).Chunk(3))
        {
            text.AppendJoin("   ", line.Select(measure => $"{MetricsText.Lower(measure.Title)} {MetricsText.Figure(measure.Of(this))}")).AppendLine();
        }

        string[] names = [.. ClassNames.Select(SafeText.OneLine)];
        int nameWidth = Math.Min(LongestName, Math.Max(5, names.Max(name => name.Length)));
        text.AppendLine($"{"class".PadRight(nameWidth)}     IoU  recall  precision    Dice{(hasBoundary ? "  boundary" : "")}  share of pixels");
        for (int c = 0; c < NumberOfClasses; c++)
        {
            string name = names[c];
            name = name.Length > nameWidth ? name[..(nameWidth - 3)] + "..." : name.PadRight(nameWidth);
            text.Append($"{name}  {MetricsText.Figure(PerClassIoU[c])}  {MetricsText.Figure(PerClassRecall[c])}     {MetricsText.Figure(PerClassPrecision[c])}  {MetricsText.Figure(PerClassDice[c])}");
            text.Append(hasBoundary ? $"    {MetricsText.Figure(PerClassBoundaryIoU[c])}" : "");
            text.AppendLine($"           {MetricsText.Figure(Share(c))}");
        }

        text.Append(CultureInfo.InvariantCulture, $"{Plural.Of(ImageCount, "image")}, {Plural.Of(PixelCount, "pixel")}, {IgnoredPixelCount:N0} ignored");
        return MetricsText.Warn(text, Warnings);
    }

    private protected override void WriteMore(Utf8JsonWriter json)
    {
        json.WriteNumber("pixelCount", PixelCount);
        json.WriteNumber("ignoredPixelCount", IgnoredPixelCount);
        MetricsJson.Texts(json, "classNames", ClassNames);
        MetricsJson.Numbers(json, "perClassIoU", PerClassIoU);
        MetricsJson.Numbers(json, "perClassAccuracy", PerClassAccuracy);
        MetricsJson.Numbers(json, "perClassPrecision", PerClassPrecision);
        MetricsJson.Numbers(json, "perClassDice", PerClassDice);
        MetricsJson.Numbers(json, "perClassBoundaryIoU", PerClassBoundaryIoU);
        json.WriteStartArray("confusionMatrix");
        for (int label = 0; label < NumberOfClasses; label++)
        {
            json.WriteStartArray();
            foreach (long count in ConfusionMatrix.Row(label))
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>The share of a class in the labelled pixels.</summary>
    private double Share(int label) => PixelCount > 0 ? TensorPrimitives.Sum(ConfusionMatrix.Row(label)) / (double)PixelCount : double.NaN;
}
