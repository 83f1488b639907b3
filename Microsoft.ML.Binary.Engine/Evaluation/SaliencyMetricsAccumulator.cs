using System.Numerics.Tensors;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Evaluates salient-object detection image by image. Working memory is that of the largest image; what is kept of each
/// image is a row of about 2 KB (see <see cref="SaliencyMetricsOptions.KeepImages"/> and
/// <see cref="SaliencyMetricsOptions.KeepCurves"/>).
/// </summary>
/// <remarks>Not thread-safe: use one accumulator a thread and <see cref="Merge"/> them.</remarks>
/// <example>
/// <code>
/// SaliencyMetricsAccumulator accumulator = new();
/// foreach (ImagePair pair in ImageFolder.Pair("predictions", "masks"))
/// {
///     (SaliencyMask predicted, SaliencyMask truth) = (MaskReader.ReadGray(pair.ImagePath), MaskReader.ReadGray(pair.MaskPath));
///     accumulator.Add(pair.Name, predicted.Values, truth.Values, truth.Width, truth.Height);
/// }
///
/// Console.WriteLine(accumulator.ToMetrics());
/// </code>
/// </example>
public sealed class SaliencyMetricsAccumulator : IMetricsAccumulator<SaliencyMetricsAccumulator, SaliencyMetrics>
{
    private readonly SaliencyMetricsOptions _options;
    private readonly SaliencyCounts _counts = new();
    private readonly WeightedFMeasure _weightedFMeasure = new();
    private readonly List<SaliencyImageMetrics> _images = [];
    private readonly double[] _precision = new double[SaliencyCounts.Levels];
    private readonly double[] _recall = new double[SaliencyCounts.Levels];
    private readonly double[] _f = new double[SaliencyCounts.Levels];
    private readonly double[] _e = new double[SaliencyCounts.Levels];
    private byte[] _levels = [];
    private double _mae;
    private double _adaptiveF;
    private double _weightedF;
    private double _sMeasure;
    private double _adaptiveE;
    private long _imageCount;
    private long _pixelCount;

    /// <summary>Starts an evaluation.</summary>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    public SaliencyMetricsAccumulator(SaliencyMetricsOptions? options = null) => _options = options ?? new SaliencyMetricsOptions();

    /// <summary>What the masks added so far look like as a whole.</summary>
    public MaskSurvey Masks { get; } = MaskSurvey.OfSaliency();

    /// <summary>Number of images added so far.</summary>
    public long ImageCount => _imageCount;

    private bool All => _options.Measures == SaliencyMeasures.All;

    /// <summary>Adds one saliency map of levels 0..255. After an error the accumulator is as it was before.</summary>
    /// <param name="name">Name of the image, for errors and per-image rows.</param>
    /// <param name="saliency">Level per pixel, row-major; 255 is most salient.</param>
    /// <param name="mask">Gray mask per pixel, row-major; a pixel above 128 is object.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">The sizes disagree; the message names the image and both sizes.</exception>
    public void Add(string name, ReadOnlySpan<byte> saliency, ReadOnlySpan<byte> mask, int width, int height)
    {
        ImageChecks.Size(name, width, height, saliency.Length, nameof(saliency), mask.Length, nameof(mask));
        _counts.Count(saliency, mask, width, height, quadrants: All);

        Span<double> precision = stackalloc double[SaliencyCounts.Levels];
        Span<double> recall = stackalloc double[SaliencyCounts.Levels];
        Span<double> f = stackalloc double[SaliencyCounts.Levels];
        Span<double> e = stackalloc double[SaliencyCounts.Levels];
        FMeasure.Curves(_counts, precision, recall, f);
        if (All)
        {
            EMeasure.Curve(_counts, e);
        }

        double threshold = AdaptiveThreshold.Of(_counts, saliency);
        var image = new SaliencyImageMetrics(name, width, height)
        {
            MeanAbsoluteError = FMeasure.MeanAbsoluteError(_counts),
            MaxF = TensorPrimitives.Max<double>(f),
            MeanF = Mean(f),
            AdaptiveF = FMeasure.Adaptive(_counts, threshold),
            WeightedF = All ? _weightedFMeasure.Score(_counts, saliency, mask) : double.NaN,
            SMeasure = All ? SMeasure.Score(_counts) : double.NaN,
            MaxE = All ? TensorPrimitives.Max<double>(e) : double.NaN,
            MeanE = All ? Mean(e) : double.NaN,
            AdaptiveE = All ? EMeasure.Adaptive(_counts, threshold) : double.NaN,
            ObjectPixelCount = _counts.ObjectPixelCount,
            FCurve = _options.KeepCurves ? ToSingle(f) : null,
            ECurve = _options.KeepCurves && All ? ToSingle(e) : null,
        };

        AddTo(_precision, precision);
        AddTo(_recall, recall);
        AddTo(_f, f);
        AddTo(_e, e);
        _mae += image.MeanAbsoluteError;
        _adaptiveF += image.AdaptiveF;
        _weightedF += image.WeightedF;
        _sMeasure += image.SMeasure;
        _adaptiveE += image.AdaptiveE;
        Masks.Add(mask);
        _imageCount++;
        _pixelCount += (long)width * height;
        if (_options.KeepImages)
        {
            _images.Add(image);
        }
    }

    /// <summary>
    /// Adds one saliency map of values 0..1, quantised to the levels of the PNG it would be written to (round(255 p)).
    /// </summary>
    /// <param name="name">Name of the image, for errors and per-image rows.</param>
    /// <param name="saliency">Saliency per pixel, 0..1, row-major.</param>
    /// <param name="mask">Gray mask per pixel, row-major; a pixel above 128 is object.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">
    /// The sizes disagree, or a value is not finite or not in 0..1; the message names image, pixel and value.
    /// </exception>
    public void Add(string name, ReadOnlySpan<float> saliency, ReadOnlySpan<byte> mask, int width, int height)
    {
        ImageChecks.Size(name, width, height, saliency.Length, nameof(saliency), mask.Length, nameof(mask));
        if (_levels.Length < saliency.Length)
        {
            _levels = new byte[saliency.Length];
        }

        Span<byte> levels = _levels.AsSpan(0, saliency.Length);
        ImageChecks.Probabilities(name, saliency, width, "saliency", nameof(saliency));
        SaliencyMask.Quantize(saliency, levels);
        Add(name, levels, mask, width, height);
    }

    /// <summary>Adds all that another accumulator has seen; its image rows follow those already here.</summary>
    /// <exception cref="ArgumentException">The other accumulator has other options.</exception>
    public void Merge(SaliencyMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_options != other._options)
        {
            throw new ArgumentException("Only accumulators with the same options can be merged.", nameof(other));
        }

        Masks.Merge(other.Masks);
        AddTo(_precision, other._precision);
        AddTo(_recall, other._recall);
        AddTo(_f, other._f);
        AddTo(_e, other._e);
        _mae += other._mae;
        _adaptiveF += other._adaptiveF;
        _weightedF += other._weightedF;
        _sMeasure += other._sMeasure;
        _adaptiveE += other._adaptiveE;
        _imageCount += other._imageCount;
        _pixelCount += other._pixelCount;
        _images.AddRange(other._images);
    }

    /// <summary>The figures of all images added so far; more may be added afterwards.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public SaliencyMetrics ToMetrics()
    {
        if (_imageCount == 0)
        {
            throw new InvalidOperationException("There is nothing to evaluate: no image was added.");
        }

        double[] Average(double[] curve) => [.. curve.Select(sum => sum / _imageCount)];
        return new SaliencyMetrics
        {
            MeanAbsoluteError = _mae / _imageCount,
            AdaptiveF = _adaptiveF / _imageCount,
            WeightedF = _weightedF / _imageCount,
            SMeasure = _sMeasure / _imageCount,
            AdaptiveE = _adaptiveE / _imageCount,
            FCurve = [.. Average(_f)],
            ECurve = All ? [.. Average(_e)] : [],
            PrecisionCurve = [.. Average(_precision)],
            RecallCurve = [.. Average(_recall)],
            ImageCount = _imageCount,
            PixelCount = _pixelCount,
            Images = [.. _images],
            Warnings = [.. Masks.Warnings],
        };
    }

    private static void AddTo(double[] sums, ReadOnlySpan<double> values) => TensorPrimitives.Add(sums, values, sums);

    // In order, as a sum in registers has another last bit for each width of them.
    private static double Mean(ReadOnlySpan<double> curve)
    {
        double sum = 0;
        foreach (double value in curve)
        {
            sum += value;
        }

        return sum / curve.Length;
    }

    private static float[] ToSingle(ReadOnlySpan<double> curve)
    {
        var values = new float[curve.Length];
        TensorPrimitives.ConvertTruncating(curve, values);
        return values;
    }
}
