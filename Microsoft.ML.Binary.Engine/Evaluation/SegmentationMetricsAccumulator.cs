using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Evaluates a semantic segmentation image by image. Memory does not depend on the size of the images; what is kept
/// of each image is a row of a few hundred bytes (see <see cref="SegmentationMetricsOptions.KeepImages"/>).
/// </summary>
/// <remarks>Not thread-safe: use one accumulator a thread and <see cref="Merge"/> them.</remarks>
/// <example>
/// <code>
/// SegmentationMetricsAccumulator accumulator = new(["background", "inside", "contour"]);
/// foreach (ImagePair pair in ImageFolder.Pair("predictions", "masks"))
/// {
///     (SegmentationMask predicted, SegmentationMask truth) = (MaskReader.ReadClassIndices(pair.ImagePath), MaskReader.ReadClassIndices(pair.MaskPath));
///     accumulator.Add(pair.Name, truth.Labels, predicted.Labels, truth.Width, truth.Height);
/// }
///
/// Console.WriteLine(accumulator.ToMetrics());
/// </code>
/// </example>
public sealed class SegmentationMetricsAccumulator : IMetricsAccumulator<SegmentationMetricsAccumulator, SegmentationMetrics>
{
    /// <summary>The most classes that masks of one byte per pixel can tell apart: 255 marks pixels to ignore.</summary>
    public const int MaxClasses = 255;

    private readonly ImmutableArray<string> _classNames;
    private readonly SegmentationMetricsOptions _options;
    private readonly PixelConfusionMatrix _matrix;
    private readonly BoundaryOverlap? _boundaryOverlap;
    private readonly OverlapMeasures? _boundary;
    private readonly List<SegmentationImageMetrics> _images = [];
    private long _imageCount;

    /// <summary>Starts an evaluation of classes named by their index.</summary>
    /// <param name="numberOfClasses">Number of classes, 1 to 255.</param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes, the ignore index or the boundary width is out of range.</exception>
    public SegmentationMetricsAccumulator(int numberOfClasses, SegmentationMetricsOptions? options = null)
    {
        _options = options ?? new SegmentationMetricsOptions();
        _matrix = new PixelConfusionMatrix(numberOfClasses, _options.IgnoreIndex);
        _classNames = [.. Enumerable.Range(0, numberOfClasses).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        Masks = MaskSurvey.OfClasses(_classNames, _options.IgnoreIndex);
        if (!(_options.BoundaryWidth is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), _options.BoundaryWidth, "BoundaryWidth is a share of the image diagonal: above 0 and at most 1.");
        }

        if (_options.BoundaryIoU)
        {
            _boundaryOverlap = new BoundaryOverlap(_options.BoundaryWidth);
            _boundary = new OverlapMeasures(numberOfClasses);
        }
    }

    /// <summary>Starts an evaluation of named classes.</summary>
    /// <param name="classNames">1 to 255 names, in the order of the class indices.</param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of names, the ignore index or the boundary width is out of range.</exception>
    public SegmentationMetricsAccumulator(IReadOnlyList<string> classNames, SegmentationMetricsOptions? options = null)
        : this(classNames?.Count ?? throw new ArgumentNullException(nameof(classNames)), options)
    {
        _classNames = [.. classNames];
        Masks = MaskSurvey.OfClasses(_classNames, _options.IgnoreIndex);
    }

    /// <summary>What the masks added so far look like as a whole.</summary>
    public MaskSurvey Masks { get; private set; }

    /// <summary>Number of images added so far.</summary>
    public long ImageCount => _imageCount;

    /// <summary>Adds one image. After an error the accumulator is as it was before.</summary>
    /// <param name="name">Name of the image, for errors and per-image rows.</param>
    /// <param name="labels">True class per pixel, row-major.</param>
    /// <param name="predictions">Predicted class per pixel, row-major.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <exception cref="ArgumentException">
    /// The sizes disagree, or a label or prediction is no class; the message names image, pixel, value and allowed range.
    /// </exception>
    public void Add(string name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, int width, int height)
    {
        ImageChecks.Size(name, width, height, labels.Length, nameof(labels), predictions.Length, nameof(predictions));
        ClassPixels? pixels = _options.KeepImages ? new ClassPixels(_matrix.NumberOfClasses) : null;
        long ignored = _matrix.Add(labels, predictions, width, name, pixels);
        ClassPixels? boundary = _boundaryOverlap?.Count(labels, predictions, width, height, _matrix.NumberOfClasses, _options.IgnoreIndex);
        if (boundary != null)
        {
            _boundary!.Add(boundary, 1);
        }

        if (pixels != null)
        {
            _images.Add(new SegmentationImageMetrics(name, width, height, ignored, pixels, boundary));
        }

        Masks.Add(labels);
        _imageCount++;
    }

    /// <summary>Adds all that another accumulator has seen; its image rows follow those already here.</summary>
    /// <exception cref="ArgumentException">The other accumulator has other classes or options.</exception>
    public void Merge(SegmentationMetricsAccumulator other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!_classNames.SequenceEqual(other._classNames) || _options != other._options)
        {
            throw new ArgumentException("Only accumulators with the same classes and options can be merged.", nameof(other));
        }

        Masks.Merge(other.Masks);
        _matrix.Add(other._matrix);
        _boundary?.Add(other._boundary!);
        _images.AddRange(other._images);
        _imageCount += other._imageCount;
    }

    /// <summary>The figures of all images added so far; more may be added afterwards.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public SegmentationMetrics ToMetrics()
    {
        if (_imageCount == 0)
        {
            throw new InvalidOperationException("There is nothing to evaluate: no image was added.");
        }

        return new SegmentationMetrics(_classNames, _matrix.Clone(), _boundary) { ImageCount = _imageCount, Images = [.. _images], Warnings = [.. Masks.Warnings] };
    }

    /// <summary>
    /// As <see cref="ToMetrics"/>, with as many classes as occur: for a number of classes that nobody has told, the accumulator is made for
    /// <see cref="MaxClasses"/>. Means are the same, because they leave out classes that do not occur.
    /// </summary>
    public SegmentationMetrics ToMetricsOfOccurringClasses()
    {
        int classes = _matrix.CountOccurringClasses();
        SegmentationMetricsAccumulator fewer = new(classes, _options) { _imageCount = _imageCount };
        fewer.Masks = Masks.WithClasses(fewer._classNames);
        fewer._matrix.Add(_matrix.WithClasses(classes));
        fewer._boundary?.Add(_boundary!);
        fewer._images.AddRange(_images.Select(image => new SegmentationImageMetrics(
            image.Name, image.Width, image.Height, image.IgnoredPixelCount, image.Pixels.WithClasses(classes), image.Boundary?.WithClasses(classes))));
        return fewer.ToMetrics();
    }
}
