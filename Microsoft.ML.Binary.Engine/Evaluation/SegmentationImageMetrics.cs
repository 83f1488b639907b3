namespace Microsoft.ML.Binary;

/// <summary>The figures of one image, each computed from this image's own pixels alone.</summary>
public sealed class SegmentationImageMetrics
{
    internal SegmentationImageMetrics(string name, int width, int height, long ignoredPixelCount, ClassPixels pixels, ClassPixels? boundary)
    {
        OverlapMeasures measures = OverlapMeasures.From(pixels);
        Name = name;
        Width = width;
        Height = height;
        IgnoredPixelCount = ignoredPixelCount;
        Pixels = pixels;
        Boundary = boundary;
        MeanIoU = measures.MeanIoU();
        PixelAccuracy = measures.PixelAccuracy();
        MeanAccuracy = measures.MeanAccuracy();
        MeanDice = measures.MeanDice();
        MeanBoundaryIoU = boundary is null ? double.NaN : OverlapMeasures.From(boundary).MeanIoU();
    }

    /// <summary>Name the image was added under, a file name for instance.</summary>
    public string Name { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Mean IoU over the classes that occur in this image's labels or predictions; NaN if every pixel is ignored.</summary>
    public double MeanIoU { get; }

    /// <summary>Share of pixels predicted right; NaN if every pixel is ignored.</summary>
    public double PixelAccuracy { get; }

    /// <summary>Mean over the labelled classes of the share of pixels predicted right; NaN if every pixel is ignored.</summary>
    public double MeanAccuracy { get; }

    /// <summary>Mean Dice over the classes that occur in this image's labels or predictions; NaN if every pixel is ignored.</summary>
    public double MeanDice { get; }

    /// <summary>Mean boundary IoU over the classes of this image; NaN if it was not asked for.</summary>
    public double MeanBoundaryIoU { get; }

    /// <summary>Pixels evaluated.</summary>
    public long PixelCount => (long)Width * Height - IgnoredPixelCount;

    /// <summary>Pixels dropped because of their label.</summary>
    public long IgnoredPixelCount { get; }

    internal ClassPixels Pixels { get; }

    internal ClassPixels? Boundary { get; }
}
