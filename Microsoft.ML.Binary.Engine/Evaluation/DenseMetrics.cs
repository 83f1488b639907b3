using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary;

/// <summary>
/// The figures of a task on a set of images: what comparisons of networks, files and reports need of those of any task. Each task has a class of its own.
/// </summary>
/// <example>
/// <code>
/// static void Show(DenseMetrics metrics)
/// {
///     Console.WriteLine($"{metrics.FigureName} {metrics.Figure:F3}");
///     foreach (string warning in metrics.Warnings)
///     {
///         Console.WriteLine($"warning: {warning}");
///     }
/// }
///
/// Show(ml.Segmentation.Evaluate(scored));                                 // mean IoU
/// Show(ml.MultiTask.Evaluate(scored, tasks)["edges"].Metrics);            // ODS F
/// </code>
/// </example>
public abstract class DenseMetrics
{
    private protected DenseMetrics()
    {
    }

    /// <summary>What <see cref="Figure"/> is called: <c>mean IoU</c>, <c>max F</c>, <c>ODS F</c>.</summary>
    public abstract string FigureName { get; }

    /// <summary>The figure by which networks are compared, higher where they are better, 0..1.</summary>
    public abstract double Figure { get; }

    /// <summary>The figure that training is validated by, what <c>TrainingTask.MeasureName</c> names.</summary>
    public abstract double ValidationFigure { get; }

    /// <summary>What is likely to be wrong with the masks that were evaluated on (<see cref="Imaging.MaskSurvey"/>); empty for ordinary ones.</summary>
    public ImmutableArray<string> Warnings { get; internal init; } = [];

    /// <summary>What a report on several tasks shows of this one.</summary>
    internal abstract MetricsSummary Summary { get; }

    /// <summary>All figures, the curves or the confusion matrix, and what is known of each image, as JSON for other tools.</summary>
    /// <remarks>
    /// Names are those of the properties in camel case; numbers are written in full precision and independent of the culture; an undefined figure (NaN) is null.
    /// </remarks>
    /// <example>
    /// <code>
    /// metrics.SaveJson("metrics.json");
    /// metrics.SaveImagesCsv("images.csv");                                // a row an image
    /// </code>
    /// </example>
    public string ToJson() => MetricsJson.Text(Write);

    /// <summary>Writes <see cref="ToJson"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveJson(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToJson()));

    internal abstract void Write(Utf8JsonWriter json);
}

/// <summary>Figures of a task that are rows of a table of measures.</summary>
/// <typeparam name="TSelf">The metrics of the task.</typeparam>
/// <example>
/// <code>
/// static string Row&lt;TMetrics>(TMetrics metrics, IEnumerable&lt;Measure&lt;TMetrics>> measures)
///     where TMetrics : DenseMetrics&lt;TMetrics> =>
///     string.Join(", ", measures.Select(measure => $"{measure.Title} {measure.Of(metrics):F3}"));
///
/// Console.WriteLine(Row(ml.Segmentation.Evaluate(scored), SegmentationMeasure.All));
/// </code>
/// </example>
public abstract class DenseMetrics<TSelf> : DenseMetrics
    where TSelf : DenseMetrics<TSelf>
{
    private protected DenseMetrics()
    {
    }

    /// <inheritdoc/>
    public sealed override string FigureName => MetricsText.Lower(Compared.Title);

    /// <inheritdoc/>
    public sealed override double Figure => Compared.Of((TSelf)this);

    /// <inheritdoc/>
    public sealed override double ValidationFigure => Validated.Of((TSelf)this);

    /// <summary>All figures, in the order in which files have them.</summary>
    private protected abstract IEnumerable<Measure<TSelf>> Measures { get; }

    /// <summary>The row of <see cref="DenseMetrics.Figure"/>.</summary>
    private protected abstract Measure<TSelf> Compared { get; }

    /// <summary>The row of <see cref="DenseMetrics.ValidationFigure"/>.</summary>
    private protected virtual Measure<TSelf> Validated => Compared;

    internal override MetricsSummary Summary => new([.. Measures.Select(measure => Headline.Of(measure, (TSelf)this))]);

    internal sealed override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        MetricsJson.Figures(json, Measures, (TSelf)this);
        WriteDetails(json);
        json.WriteEndObject();
    }

    /// <summary>What JSON has beside the figures.</summary>
    private protected abstract void WriteDetails(Utf8JsonWriter json);
}

/// <summary>Figures of a task for a set and for each of its images.</summary>
/// <typeparam name="TSelf">The metrics of the task.</typeparam>
/// <typeparam name="TImage">The figures of an image.</typeparam>
/// <example>
/// <code>
/// PairedComparison comparison = before.CompareTo(after, SegmentationMeasure.MeanIoU);          // the same images under two models
/// ConfidenceInterval interval = after.ConfidenceInterval(SegmentationMeasure.MeanIoU);
/// string worst = after.Images.MinBy(image => image.MeanIoU)!.Name;
/// Console.WriteLine($"{interval}; {comparison}; look at {worst}");
/// </code>
/// </example>
public abstract class DenseMetrics<TSelf, TImage> : DenseMetrics<TSelf>
    where TSelf : DenseMetrics<TSelf, TImage>
    where TImage : ImageMetrics
{
    private protected DenseMetrics()
    {
    }

    /// <summary>Number of images evaluated.</summary>
    public long ImageCount { get; internal init; }

    /// <summary>One row per image, in the order added; empty if the options of the evaluation said to keep none.</summary>
    public ImmutableArray<TImage> Images { get; internal init; } = [];

    private protected abstract override IEnumerable<Measure<TSelf, TImage>> Measures { get; }

    /// <summary>Counts of pixels that tables of images show beside the figures, by the names of their properties.</summary>
    private protected virtual ImmutableArray<(string Name, Func<TImage, long> Of)> CountsOfImages => [];

    /// <summary>Bootstrap percentile interval over the images, each resample being computed as the figure of the whole set is.</summary>
    /// <param name="measure">The figure.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The evaluation did not keep what is needed (<see cref="Measure{TMetrics, TImage}.IsKept"/>).</exception>
    public ConfidenceInterval ConfidenceInterval(Measure<TSelf, TImage> measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        TSelf self = (TSelf)this;
        measure.CheckKept(self);
        return Bootstrap.Interval(measure.Of(self), Images.Length, options, measure.Statistic(self, Images));
    }

    /// <summary>Compares two models on the same images, paired by name.</summary>
    /// <param name="second">The evaluation of the second model, against the same masks.</param>
    /// <param name="measure">The figure compared.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="ArgumentException">The evaluations are not of the same images and masks; the message says how they differ.</exception>
    /// <exception cref="InvalidOperationException">An evaluation did not keep what is needed (<see cref="Measure{TMetrics, TImage}.IsKept"/>).</exception>
    public PairedComparison CompareTo(TSelf second, Measure<TSelf, TImage> measure, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(second);
        TSelf first = (TSelf)this;
        measure.CheckKept(first);
        measure.CheckKept(second);
        measure.CheckSets(first, second);
        IReadOnlyList<TImage> aligned = ImagePairs.Align<TImage>(Images, second.Images);
        foreach ((TImage one, TImage other) in Images.Zip(aligned))
        {
            measure.CheckPair(one, other);
        }

        return Bootstrap.Compare(
            measure.Of(first), measure.Of(second), aligned.Count, options, measure.Statistic(first, Images), measure.Statistic(second, aligned));
    }

    /// <summary>
    /// The image rows as CSV (RFC 4180) with a header, of the names and numbers of <see cref="DenseMetrics.ToJson"/>; an undefined figure is empty, and names that a
    /// spreadsheet would run as a formula have an apostrophe in front.
    /// </summary>
    public string ImagesToCsv() => MetricsCsv.Write(Measures, Images, CountsOfImages);

    /// <summary>Writes <see cref="ImagesToCsv"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveImagesCsv(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ImagesToCsv()));

    private protected sealed override void WriteDetails(Utf8JsonWriter json)
    {
        json.WriteNumber("imageCount", ImageCount);
        WriteMore(json);
        MetricsJson.Texts(json, "warnings", Warnings);
        MetricsJson.Images(json, Measures, Images, CountsOfImages);
    }

    /// <summary>What JSON has between the figures and the images.</summary>
    private protected abstract void WriteMore(Utf8JsonWriter json);
}

/// <summary>The figures of one image.</summary>
/// <example>
/// <code>
/// static IEnumerable&lt;string> Larger(IEnumerable&lt;ImageMetrics> images, int side) => images.Where(image => Math.Max(image.Width, image.Height) > side).Select(image => image.Name);
///
/// Console.WriteLine(string.Join('\n', Larger(metrics.Images, side: 1024)));
/// </code>
/// </example>
public abstract class ImageMetrics
{
    private protected ImageMetrics(string name, int width, int height) => (Name, Width, Height) = (name, width, height);

    /// <summary>Name the image was added under, a file name for instance.</summary>
    public string Name { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }
}
