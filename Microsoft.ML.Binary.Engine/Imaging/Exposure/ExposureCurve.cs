namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Makes an image brighter or darker: the odds v / (255 - v) of every pixel value v are multiplied by one gain, so that black and white stay, the order of values
/// stays, and dark ones rise most (Schlick's bias: Fast alternatives to Perlin's bias and gain functions, Graphics Gems IV, 1994). In whole numbers, the same everywhere:
/// v becomes 255 g v / (256 (255 - v) + g v), rounded, halves up, for a gain of g / 256.
/// </summary>
/// <example>
/// <code>
/// RgbImage even = image.WithMean(102);                                     // brought to a mean
/// ExposureCurve curve = new(gain: 512);                                   // twice the odds
/// byte[] brighter = [.. image.Pixels];
/// curve.Apply(brighter);                                                  // 64 becomes 102
/// </code>
/// </example>
public sealed class ExposureCurve
{
    /// <summary>The lowest and the highest gain, in parts of 256: an eighth, and eight times.</summary>
    public const int LowestGain = 32, HighestGain = 2048;

    private const int Values = 256, Brightest = 254;

    // One for each gain that an image wanted: runs over images allocate nothing.
    private static readonly ExposureCurve?[] s_known = new ExposureCurve?[HighestGain + 1];

    private readonly byte[] _values;
    private readonly bool _changesNothing;

    /// <summary>A curve of a gain.</summary>
    /// <param name="gain">In parts of 256, <see cref="LowestGain"/> to <see cref="HighestGain"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public ExposureCurve(int gain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gain, LowestGain);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(gain, HighestGain);
        Gain = gain;
        _values = [.. Enumerable.Range(0, Values).Select(value => ValueOf(value, gain))];
        _changesNothing = _values.Select((value, i) => value == i).All(same => same);
    }

    /// <summary>The gain of the odds, in parts of 256.</summary>
    public int Gain { get; }

    /// <summary>What a value becomes.</summary>
    public byte this[byte value] => _values[value];

    /// <summary>Replaces values by what they become.</summary>
    /// <param name="values">Values of pixels, of any channels.</param>
    public void Apply(Span<byte> values)
    {
        ReadOnlySpan<byte> table = _values;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = table[values[i]];
        }
    }

    /// <summary>What brings an image to a mean: the least gain that does, the highest one where none does.</summary>
    /// <param name="image">The image, as it is handed to a network: of a large one that was decoded smaller, that.</param>
    /// <param name="mean">The mean of the values of all pixels and channels, 1 to 254; 0 for the image as it is.</param>
    /// <returns>The curve; null where the image stays as it is.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mean is out of range.</exception>
    public static ExposureCurve? For(RgbImage image, int mean)
    {
        ArgumentNullException.ThrowIfNull(image);
        return For(image.Pixels, image.Width, image.Height, mean);
    }

    internal static ExposureCurve? For(ReadOnlySpan<byte> rgb, int width, int height, int mean)
    {
        if (mean == 0)
        {
            return null;
        }

        Span<int> counts = stackalloc int[ExposureMeter.Counts];
        counts.Clear();
        ExposureMeter.Count(rgb, width, height, counts);
        return For(counts, mean);
    }

    /// <summary>
    /// The least gain by which the mean of counted values is at least one that is wanted; the highest gain where none does it, and null for a curve that changes nothing.
    /// </summary>
    /// <param name="counts">How often each value occurs, in any number of rounds over all 256.</param>
    /// <param name="mean">The mean that is wanted.</param>
    internal static ExposureCurve? For(ReadOnlySpan<int> counts, int mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mean);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mean, Brightest);
        Span<long> histogram = stackalloc long[Values];
        histogram.Clear();
        long wanted = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            histogram[i % Values] += counts[i];
            wanted += (long)counts[i] * mean;
        }

        int low = LowestGain, high = HighestGain;
        while (low < high)
        {
            int gain = (low + high) / 2;
            long sum = 0;
            for (int value = 0; value < Values; value++)
            {
                sum += histogram[value] * ValueOf(value, gain);
            }

            (low, high) = sum >= wanted ? (low, gain) : (gain + 1, high);
        }

        ExposureCurve curve = s_known[low] ??= new(low);
        return curve._changesNothing ? null : curve;
    }

    private static byte ValueOf(int value, int gain)
    {
        int whole = 256 * (255 - value) + gain * value;
        return (byte)((2 * 255 * gain * value + whole) / (2 * whole));
    }
}
