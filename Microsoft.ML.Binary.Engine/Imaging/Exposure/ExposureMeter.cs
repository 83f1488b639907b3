namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Finds out how bright an image is, from its rows. Of an image of more than 65,536 pixels only every second, third ... pixel of as many rows is looked at: of
/// width W and height H every k-th one with the smallest k for which W H is at most 65536 k k, from (min(k, W) - 1) / 2 and (min(k, H) - 1) / 2 on, rounded down.
/// </summary>
/// <example>
/// <code>
/// ExposureMeter? meter = null;
/// ImageReader.ReadRows("map.png", info =&gt; (meter = new(info.Width, info.Height)).Add);
/// ExposureCurve? curve = meter!.CurveFor(network.Exposure.Mean);
/// </code>
/// </example>
public sealed class ExposureMeter
{
    /// <summary>Counts that it needs: those of each value, for each channel.</summary>
    internal const int Counts = 3 * Values;

    private const int Values = 256;

    private const long MostPixels = 1 << 16;

    private readonly int[] _counts = new int[Counts];
    private readonly PixelGrid _grid;

    /// <summary>A meter for an image.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    public ExposureMeter(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (Width, Height, _grid) = (width, height, PixelGrid.Of(width, height));
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The rows that are there so far.</summary>
    internal int Rows { get; private set; }

    /// <summary>Adds the next row of the image.</summary>
    /// <param name="rgb">Red, green, blue of each pixel.</param>
    /// <exception cref="ArgumentException">It has another length, or the image has all of its rows.</exception>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        if (rgb.Length != 3 * Width || Rows == Height)
        {
            throw new ArgumentException(
                Rows == Height ? $"The image has {Rows} rows, and all of them are there." : $"A row of {Width} pixels has {3 * Width} bytes; this has {rgb.Length}.", nameof(rgb));
        }

        if (_grid.Has(Rows++))
        {
            Count(rgb, _grid, _counts);
        }
    }

    /// <summary>What brings the image to a mean, as <see cref="ExposureCurve.For(RgbImage, int)"/> does.</summary>
    /// <param name="mean">The mean of the values of all pixels and channels, 1 to 254; 0 for the image as it is.</param>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The mean is out of range.</exception>
    public ExposureCurve? CurveFor(int mean) =>
        Rows < Height ? throw new InvalidOperationException($"The image has {Height} rows, of which {Rows} are there.")
        : mean == 0 ? null
        : ExposureCurve.For(_counts, mean);

    /// <summary>Counts the values of an image.</summary>
    internal static void Count(ReadOnlySpan<byte> rgb, int width, int height, Span<int> counts)
    {
        PixelGrid grid = PixelGrid.Of(width, height);
        for (int y = grid.Top; y < height; y += grid.Interval)
        {
            Count(rgb.Slice(checked(3 * width * y), 3 * width), grid, counts);
        }
    }

    private static void Count(ReadOnlySpan<byte> row, PixelGrid grid, Span<int> counts)
    {
        Span<int> red = counts[..Values], green = counts.Slice(Values, Values), blue = counts.Slice(2 * Values, Values);
        for (int i = 3 * grid.Left; i + 2 < row.Length; i += 3 * grid.Interval)
        {
            red[row[i]]++;
            green[row[i + 1]]++;
            blue[row[i + 2]]++;
        }
    }

    /// <summary>The pixels that are looked at.</summary>
    private readonly record struct PixelGrid(int Interval, int Left, int Top)
    {
        public static PixelGrid Of(int width, int height)
        {
            int interval = 1;
            while ((long)width * height > MostPixels * interval * interval)
            {
                interval++;
            }

            return new(interval, (Math.Min(interval, width) - 1) / 2, (Math.Min(interval, height) - 1) / 2);
        }

        public bool Has(int row) => row >= Top && (row - Top) % Interval == 0;
    }
}
