using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Binary;

/// <summary>How well things are counted: regions that were found beside those that are there.</summary>
/// <param name="Images">Images.</param>
/// <param name="Actual">Regions that are there.</param>
/// <param name="Predicted">Regions that were found.</param>
/// <param name="Matched">Regions found that overlap with one that is there by more than the threshold; each matches at most one.</param>
/// <param name="CountError">The mean over images of |found - there|.</param>
/// <example>
/// <code>
/// RegionMetrics metrics = new(Images: 8, Actual: 256, Predicted: 284, Matched: 200, CountError: 12);
/// Console.WriteLine($"F1 {metrics.F1:F3}, precision {metrics.Precision:F3}, recall {metrics.Recall:F3}");
/// </code>
/// </example>
public sealed record RegionMetrics(long Images, long Actual, long Predicted, long Matched, double CountError)
{
    /// <summary>Share of the regions found that are there; 1 where none was found.</summary>
    public double Precision => Predicted == 0 ? 1 : (double)Matched / Predicted;

    /// <summary>Share of the regions that are there which were found; 1 where none is there.</summary>
    public double Recall => Actual == 0 ? 1 : (double)Matched / Actual;

    /// <summary>2 matched / (found + there), over all images together; 1 where there is nothing and nothing was found.</summary>
    public double F1 => Actual + Predicted == 0 ? 1 : 2.0 * Matched / (Actual + Predicted);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{MetricsText.Line(RegionMeasure.Shares, this, ", ")}; {Predicted} found, {Actual} there, {Matched} matched; count off by {CountError:0.00} per image");

    /// <summary>All figures and the counts that they are made of, in the form of <see cref="DenseMetrics.ToJson"/>.</summary>
    public string ToJson() => MetricsJson.Text(Write);

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        MetricsJson.Figures(json, RegionMeasure.All, this);
        json.WriteNumber("imageCount", Images);
        json.WriteNumber("actual", Actual);
        json.WriteNumber("predicted", Predicted);
        json.WriteNumber("matched", Matched);
        json.WriteEndObject();
    }
}

/// <summary>Counts regions image by image.</summary>
/// <example>
/// <code>
/// RegionMetricsAccumulator accumulator = new(threshold: 0.5);             // a region is found where the overlap is above this
/// accumulator.Add(MaskRegions.Find(truth, inside: 1, contour: 2, splitAtNecks: false), MaskRegions.Find(mask, inside: 1, contour: 2));
/// Console.WriteLine($"F1 {accumulator.ToMetrics().F1:F3}");
/// </code>
/// </example>
public sealed class RegionMetricsAccumulator
{
    private readonly double _threshold;
    private long _images, _actual, _predicted, _matched, _countErrors;

    /// <summary>Starts a count.</summary>
    /// <param name="threshold">
    /// The intersection over union above which two regions match, from 0.5 (below 1): at most one of either side can lie above it, so that no assignment
    /// has to be chosen.
    /// </param>
    public RegionMetricsAccumulator(double threshold = 0.5)
    {
        if (!(threshold is >= 0.5 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The overlap must be from 0.5, below 1.");
        }

        _threshold = threshold;
    }

    /// <summary>Adds an image.</summary>
    /// <param name="actual">What is there.</param>
    /// <param name="predicted">What was found.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public void Add(MaskRegions actual, MaskRegions predicted)
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(predicted);
        if ((actual.Width, actual.Height) != (predicted.Width, predicted.Height))
        {
            throw new ArgumentException(
                $"The masks are of {actual.Width}x{actual.Height} and {predicted.Width}x{predicted.Height} pixels; they must have one size.", nameof(predicted));
        }

        Dictionary<(int Actual, int Predicted), int> common = [];
        ReadOnlySpan<int> a = actual.Ids.Span, p = predicted.Ids.Span;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] > 0 && p[i] > 0)
            {
                common[(a[i], p[i])] = common.GetValueOrDefault((a[i], p[i])) + 1;
            }
        }

        _images++;
        _actual += actual.Regions.Length;
        _predicted += predicted.Regions.Length;
        _countErrors += Math.Abs(actual.Regions.Length - predicted.Regions.Length);
        _matched += common.Count(pair =>
            pair.Value > _threshold * (actual.Regions[pair.Key.Actual - 1].Area + predicted.Regions[pair.Key.Predicted - 1].Area - pair.Value));
    }

    /// <summary>Takes in what another one has counted.</summary>
    /// <exception cref="ArgumentException">The other one has another threshold.</exception>
    public void Merge(RegionMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_threshold != other._threshold)
        {
            throw new ArgumentException("Only accumulators with the same threshold can be merged.", nameof(other));
        }

        (_images, _actual, _predicted, _matched, _countErrors) = (
            _images + other._images, _actual + other._actual, _predicted + other._predicted, _matched + other._matched, _countErrors + other._countErrors);
    }

    /// <summary>The figures so far.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public RegionMetrics ToMetrics() => _images > 0
        ? new(_images, _actual, _predicted, _matched, (double)_countErrors / _images)
        : throw new InvalidOperationException("There is nothing to evaluate: no image was added.");
}
