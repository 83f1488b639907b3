namespace Microsoft.ML.Binary;

/// <summary>A figure of an evaluation: one row of a table of measures, from which text, JSON and reports are made.</summary>
/// <typeparam name="TMetrics">The figures of a set.</typeparam>
/// <example>
/// <code>
/// EdgeMetricsAccumulator accumulator = new();
/// accumulator.Add("a.png", probabilities, [annotation], width: 480, height: 320);
/// Measure&lt;EdgeMetrics> measure = EdgeMeasure.All.First(measure => measure.Name == "OisF");                     // by the name that a user chose
/// Console.WriteLine($"{measure.Title}: {measure.Of(accumulator.ToMetrics()):F3}");
/// </code>
/// </example>
public abstract class Measure<TMetrics>
{
    private protected Measure(string name, string title, bool lowerIsBetter = false, string? jsonName = null)
    {
        (Name, Title, LowerIsBetter) = (name, title, lowerIsBetter);
        JsonName = jsonName ?? MetricsJson.Camel(name);
    }

    /// <summary>The name in code and in data views, for example <c>MeanIoU</c>.</summary>
    public string Name { get; }

    /// <summary>The name in JSON and CSV files, for example <c>meanIoU</c>.</summary>
    public string JsonName { get; }

    /// <summary>The name for people, for example <c>Mean IoU</c>.</summary>
    public string Title { get; }

    /// <summary>Whether a lower value is a better one.</summary>
    public bool LowerIsBetter { get; }

    /// <summary>The figure of a set; NaN where it is undefined or was not asked for.</summary>
    public abstract double Of(TMetrics metrics);

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;
}

/// <summary>A figure that single images may have too; CSV, comparisons and data views are made of it as well.</summary>
/// <typeparam name="TMetrics">The figures of a set.</typeparam>
/// <typeparam name="TImage">The figures of an image.</typeparam>
/// <example>
/// <code>
/// foreach (Measure&lt;SegmentationMetrics, SegmentationImageMetrics> measure in SegmentationMeasure.All.Where(measure => measure.IsOfImages &amp;&amp; measure.IsKept(metrics)))
/// {
///     Console.WriteLine($"{measure.Title}: {measure.IntervalOf(metrics)}");
/// }
/// </code>
/// </example>
public abstract class Measure<TMetrics, TImage> : Measure<TMetrics>
    where TMetrics : DenseMetrics<TMetrics, TImage>
    where TImage : ImageMetrics
{
    private protected Measure(string name, string title, bool lowerIsBetter = false, bool isOfImages = true, string? jsonName = null)
        : base(name, title, lowerIsBetter, jsonName) => IsOfImages = isOfImages;

    /// <summary>Whether single images have the figure too.</summary>
    public bool IsOfImages { get; }

    /// <summary>The figure of an image; NaN where it is undefined or was not asked for.</summary>
    /// <exception cref="InvalidOperationException">Single images do not have it (<see cref="IsOfImages"/>).</exception>
    public abstract double Of(TImage image);

    /// <summary>Whether an evaluation kept what confidence intervals and comparisons of the figure need.</summary>
    public abstract bool IsKept(TMetrics metrics);

    /// <summary>Bootstrap percentile interval over the images of an evaluation, each resample being computed as the figure of the whole set is.</summary>
    /// <param name="metrics">An evaluation that kept its image rows.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The evaluation did not keep what is needed (<see cref="IsKept"/>).</exception>
    public ConfidenceInterval IntervalOf(TMetrics metrics, BootstrapOptions? options = null)
    {
        double estimate = Of(metrics);
        CheckKept(metrics);
        return Bootstrap.Interval(estimate, metrics.Images.Length, options, Statistic(metrics, metrics.Images));
    }

    /// <summary>Compares two models on the same images, paired by name.</summary>
    /// <param name="first">The evaluation of the first model.</param>
    /// <param name="second">The evaluation of the second model, against the same masks.</param>
    /// <param name="options">Number of resamples, level and seed; null for the defaults.</param>
    /// <exception cref="ArgumentException">The evaluations are not of the same images and masks; the message says how they differ.</exception>
    /// <exception cref="InvalidOperationException">An evaluation did not keep what is needed (<see cref="IsKept"/>).</exception>
    public PairedComparison Compare(TMetrics first, TMetrics second, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        CheckKept(first);
        CheckKept(second);
        CheckSets(first, second);
        IReadOnlyList<TImage> aligned = ImagePairs.Align<TImage>(first.Images, second.Images);
        foreach ((TImage one, TImage other) in first.Images.Zip(aligned))
        {
            CheckPair(one, other);
        }

        return Bootstrap.Compare(
            Of(first), Of(second), aligned.Count, options, Statistic(first, first.Images), Statistic(second, aligned));
    }

    /// <summary>Says that an evaluation did not keep what is needed, and how to keep it.</summary>
    private protected abstract InvalidOperationException NotKept();

    /// <summary>Checks what two evaluations must have in common beside their images.</summary>
    private protected virtual void CheckSets(TMetrics first, TMetrics second)
    {
    }

    /// <summary>Checks that two evaluations of an image were against the same mask.</summary>
    private protected abstract void CheckPair(TImage first, TImage second);

    /// <summary>The figure of images of which each was drawn so many times; what it needs was kept.</summary>
    private protected abstract Func<int[], double> Statistic(TMetrics metrics, IReadOnlyList<TImage> images);

    private protected InvalidOperationException NotOfImages() => new($"{Name} is a figure of a set; single images have none.");

    private void CheckKept(TMetrics metrics)
    {
        if (!IsKept(metrics))
        {
            throw NotKept();
        }
    }
}
