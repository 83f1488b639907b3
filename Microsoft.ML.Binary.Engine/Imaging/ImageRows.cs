using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Takes the next row of an image.</summary>
/// <param name="rgb">Red, green, blue of each pixel. Valid during the call only.</param>
/// <example>
/// <code>
/// double sum = 0;
/// int width = 0, height = 0;
/// DecodedRow add = row => sum += row.ToArray().Sum(value => value);
/// ImageReader.ReadRows("huge.tif", info =>
/// {
///     (width, height) = (info.Width, info.Height);
///     return add;                                                         // called with one row after the other, from the top
/// });
/// Console.WriteLine($"mean value {sum / (3.0 * width * height):F1}");
/// </code>
/// </example>
public delegate void DecodedRow(ReadOnlySpan<byte> rgb);

/// <summary>Takes the rows of an image as a file stores them and lays them down upright, or reduces them before.</summary>
/// <example>
/// <code>
/// // In a decoder: rows that come from the bottom up, with alpha.
/// static void Decode(byte[] rgba, ImageRows rows)
/// {
///     for (int y = rows.Height - 1; y >= 0; y--)
///     {
///         rows.SetRgba(y, rgba.AsSpan(4 * rows.Width * (rows.Height - 1 - y), 4 * rows.Width));
///     }
/// }
/// </code>
/// </example>
public sealed class ImageRows
{
    private readonly byte[] _rgb = [];
    private readonly byte[] _row;
    private readonly OrderedRows? _stream;
    private readonly BoxAverage? _average;
    private readonly UprightPlacement _placement;
    private readonly CancellationToken _cancellation;

    private ImageRows(int width, int height, CancellationToken cancellation) =>
        (Width, Height, _cancellation, _row) = (width, height, cancellation, new byte[3 * width]);

    /// <summary>Rows that are kept.</summary>
    /// <param name="info">The header.</param>
    /// <param name="reduction">The picture is reduced to this part of its size.</param>
    /// <param name="comesReduced">Whether rows have that size already; they are averaged here otherwise.</param>
    /// <param name="inOrder">Whether rows come whole, from the top or from the bottom.</param>
    /// <param name="options">What ends the reading, and where the memory comes from.</param>
    internal ImageRows(ImageInfo info, int reduction, bool comesReduced, bool inOrder, ImageReadOptions options)
        : this(comesReduced ? Divide(info.StoredWidth, reduction) : info.StoredWidth, comesReduced ? Divide(info.StoredHeight, reduction) : info.StoredHeight, options.Cancellation)
    {
        _placement = new UprightPlacement(Divide(info.StoredWidth, reduction), Divide(info.StoredHeight, reduction), info.Orientation);
        int bytes = checked(3 * _placement.Width * _placement.Height);
        _rgb = options.Pixels?.Take(bytes) ?? new byte[bytes];
        if (reduction > 1 && !comesReduced)
        {
            _average = new(Width, Height, reduction, inOrder, (y, row) => _placement.Place(new(y), row, _rgb, 3));
        }
    }

    /// <summary>Rows that are passed on, from the top, and not kept.</summary>
    internal ImageRows(ImageInfo info, DecodedRow take, CancellationToken cancellation)
        : this(info.StoredWidth, info.StoredHeight, cancellation) => _stream = new(take);

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Lays down a row of red, green, blue.</summary>
    /// <param name="y">The row, 0 to <see cref="Height"/> - 1 from the first that is stored.</param>
    /// <param name="rgb">3 bytes for each of <see cref="Width"/> pixels.</param>
    /// <exception cref="OperationCanceledException">Nobody wants the image any more (<see cref="ImageReadOptions.Cancellation"/>).</exception>
    public void Set(int y, ReadOnlySpan<byte> rgb) => Set(new RowPart(y), rgb[..(3 * Width)]);

    /// <summary>Lays down a row of red, green, blue, alpha (straight, not multiplied into the colours), on white.</summary>
    /// <param name="y">The row.</param>
    /// <param name="rgba">4 bytes for each of <see cref="Width"/> pixels.</param>
    public void SetRgba(int y, ReadOnlySpan<byte> rgba)
    {
        PixelConversion.RgbaToRgbOnWhite(rgba[..(4 * Width)], _row);
        Set(y, _row);
    }

    /// <summary>Begins, or begins again.</summary>
    internal void Begin() => _average?.Begin();

    /// <summary>Lays down pixels; parts of rows only where they are kept.</summary>
    internal void Set(RowPart part, ReadOnlySpan<byte> rgb)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_stream is not null)
        {
            _stream.Set(part.Y, rgb);
        }
        else if (_average is not null)
        {
            _average.Add(part, rgb);
        }
        else
        {
            _placement.Place(part, rgb, _rgb, 3);
        }
    }

    internal RgbImage ToImage() => new(_placement.Width, _placement.Height, _rgb);

    private static int Divide(int side, int reduction) => (int)(((long)side + reduction - 1) / reduction);
}
