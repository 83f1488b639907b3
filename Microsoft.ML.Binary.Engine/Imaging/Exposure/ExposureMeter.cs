namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Finds out how bright an image is, from its rows: from all of them where it has up to 65,536 pixels, else from every second, third ... one, as many as have that.
/// </summary>
/// <example>
/// <code>
/// ExposureMeter? meter = null;
/// ImageReader.ReadRows("map.png", info =&gt; (meter = new(info.Width, info.Height)).Add);
/// ExposureCurve? curve = meter!.CurveFor(network.Exposure);
/// </code>
/// </example>
public sealed class ExposureMeter
{
    /// <summary>Counts that it needs: four of each value, so that equal neighbours do not wait for each other.</summary>
    internal const int Counts = 4 * Values;

    private const int Values = 256;

    private const long MostPixels = 1 << 16;

    private readonly int[] _counts = new int[Counts];
    private readonly int _width, _height, _interval;
    private int _row;

    /// <summary>A meter for an image.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public ExposureMeter(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (_width, _height, _interval) = (width, height, IntervalOf(width, height));
    }

    /// <summary>Adds the next row of the image.</summary>
    /// <param name="rgb">Red, green, blue of each pixel.</param>
    /// <exception cref="ArgumentException">It has another length, or the image has all of its rows.</exception>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        if (rgb.Length != 3 * _width || _row == _height)
        {
            throw new ArgumentException(
                _row == _height ? $"The image has {_row} rows, and all of them are there." : $"A row of {_width} pixels has {3 * _width} bytes; this has {rgb.Length}.", nameof(rgb));
        }

        if (_row++ % _interval == 0)
        {
            Count(rgb, _counts);
        }
    }

    /// <summary>What brings the image to an exposure; null for <see cref="ImageExposure.AsIs"/>, and where the image has it.</summary>
    /// <param name="exposure">The exposure.</param>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public ExposureCurve? CurveFor(ImageExposure exposure) =>
        _row < _height ? throw new InvalidOperationException($"The image has {_height} rows, of which {_row} are there.")
        : exposure.IsAsIs ? null
        : ExposureCurve.For(_counts, exposure.Mean);

    /// <summary>Every so many rows one is looked at, from the first on.</summary>
    internal static int IntervalOf(int width, int height) => (int)(((long)width * height + MostPixels - 1) / MostPixels);

    /// <summary>Counts the values of a row.</summary>
    internal static void Count(ReadOnlySpan<byte> rgb, Span<int> counts)
    {
        int i = 0;
        for (; i + 4 <= rgb.Length; i += 4)
        {
            counts[rgb[i]]++;
            counts[Values + rgb[i + 1]]++;
            counts[2 * Values + rgb[i + 2]]++;
            counts[3 * Values + rgb[i + 3]]++;
        }

        for (; i < rgb.Length; i++)
        {
            counts[rgb[i]]++;
        }
    }
}
