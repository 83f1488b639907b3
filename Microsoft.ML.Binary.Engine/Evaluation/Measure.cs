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
    private readonly Func<TMetrics, double> _of;

    private protected Measure(string name, string title, Func<TMetrics, double> of, bool lowerIsBetter = false, string? jsonName = null)
    {
        (Name, Title, LowerIsBetter, _of) = (name, title, lowerIsBetter, of);
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
    public double Of(TMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return _of(metrics);
    }

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
///     Console.WriteLine($"{measure.Title}: {metrics.ConfidenceInterval(measure)}");
/// }
/// </code>
/// </example>
public abstract class Measure<TMetrics, TImage> : Measure<TMetrics>
    where TMetrics : DenseMetrics<TMetrics, TImage>
    where TImage : ImageMetrics
{
    private readonly Func<TImage, double>? _ofImage;

    private protected Measure(
        string name, string title, Func<TMetrics, double> of, Func<TImage, double>? ofImage, bool lowerIsBetter = false, string? jsonName = null)
        : base(name, title, of, lowerIsBetter, jsonName) => _ofImage = ofImage;

    /// <summary>Whether single images have the figure too.</summary>
    public bool IsOfImages => _ofImage is not null;

    /// <summary>The figure of an image; NaN where it is undefined or was not asked for.</summary>
    /// <exception cref="InvalidOperationException">Single images do not have it (<see cref="IsOfImages"/>).</exception>
    public double Of(TImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _ofImage is null ? throw new InvalidOperationException($"{Name} is a figure of a set; single images have none.") : _ofImage(image);
    }

    /// <summary>Whether an evaluation kept what confidence intervals and comparisons of the figure need.</summary>
    public abstract bool IsKept(TMetrics metrics);

    /// <summary>Checks that an evaluation kept what is needed.</summary>
    internal void CheckKept(TMetrics metrics)
    {
        if (!IsKept(metrics))
        {
            throw NotKept();
        }
    }

    /// <summary>Says that an evaluation did not keep what is needed, and how to keep it.</summary>
    private protected abstract InvalidOperationException NotKept();

    /// <summary>Checks what two evaluations must have in common beside their images.</summary>
    internal virtual void CheckSets(TMetrics first, TMetrics second)
    {
    }

    /// <summary>Checks that two evaluations of an image were against the same mask.</summary>
    internal abstract void CheckPair(TImage first, TImage second);

    /// <summary>The figure of images of which each was drawn so many times; what it needs was kept.</summary>
    internal abstract Func<int[], double> Statistic(TMetrics metrics, IReadOnlyList<TImage> images);
}
