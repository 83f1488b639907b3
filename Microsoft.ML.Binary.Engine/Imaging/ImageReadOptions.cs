namespace Microsoft.ML.Binary.Imaging;

/// <summary>How image files are read: limits, the size that is needed, and what becomes of warnings.</summary>
public sealed record ImageReadOptions
{
    /// <summary>The largest <see cref="MaxPixels"/> there can be: three bytes each fill the largest array.</summary>
    public const long LargestMaxPixels = 715_827_863;

    private static ImageReadOptions _default = new();

    /// <summary>
    /// What counts where no options are given, in the whole process: set it once, when a program starts. A server that takes uploads
    /// lowers <see cref="MaxPixels"/> here.
    /// </summary>
    /// <example><code>ImageReadOptions.Default = new() { MaxPixels = 20_000_000, OnWarning = text =&gt; logger.LogWarning("{Warning}", text) };</code></example>
    public static ImageReadOptions Default
    {
        get => Volatile.Read(ref _default);
        set => Volatile.Write(ref _default, value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>
    /// Pixels that an image may have; one whose header claims more is refused before anything is decoded. Beside the bytes of the file,
    /// reading takes 3 bytes for each pixel that is decoded (of WebP and GIF 4 more). Of images that their decoders hold whole besides (GIF, lossless WebP, JPEG whose scans hold parts of every pixel) fewer
    /// are read: as many as take 13 bytes for every 8 of these pixels. From 1 to <see cref="LargestMaxPixels"/>; by default 2^27, which is 134 megapixels, or 11,585 by 11,585.
    /// No side may be longer than 2^24.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long MaxPixels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxPixels));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestMaxPixels, nameof(MaxPixels));
            field = value;
        }
    }

    = 1L << 27;

    /// <summary>
    /// The longest side, in pixels, that the caller has a use for; 0, the default, means all pixels. A larger image is reduced while it is decoded, to
    /// 1/2, 1/4 or 1/8 of its size, the smallest whose longest side is not below this, which costs a fraction of the memory. JPEG and WebP are
    /// reduced by their decoders, which saves time too; of other formats each pixel is the mean of its box, rounded, halves up. Masks are never reduced.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int NeededLongestSide
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(NeededLongestSide));
            field = value;
        }
    }

    /// <summary>
    /// Ends the reading of an image with an <see cref="OperationCanceledException"/>, between two rows. A progressive JPEG, a WebP and a GIF have their
    /// rows only once they are decoded.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Gets a message, which begins with the name of the file, where a file is faulty but its pixels are all there: a JPEG without its end
    /// marker, say. Null drops them. May be called from several threads.
    /// </summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Where the array of a <see cref="LoadedImage"/>'s pixels comes from, if it is used again.</summary>
    internal PixelArrayPool? Pixels { get; init; }
}
