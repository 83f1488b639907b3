using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Takes the rows of an image as a file stores them and lays them down upright.</summary>
public sealed class ImageRows
{
    private readonly byte[] _rgb;
    private readonly byte[] _row;
    private readonly OrderedRows? _stream;
    private readonly UprightPlacement _placement;

    private readonly CancellationToken _cancellation;

    internal ImageRows(ImageInfo info, int reduction, CancellationToken cancellation = default)
    {
        _cancellation = cancellation;
        Width = Divide(info.StoredWidth, reduction);
        Height = Divide(info.StoredHeight, reduction);
        _placement = new UprightPlacement(Width, Height, info.Orientation);
        _rgb = new byte[checked(3 * Width * Height)];
        _row = new byte[3 * Width];
    }

    /// <summary>Rows that are passed on, from the top, and not kept.</summary>
    internal ImageRows(ImageInfo info, ImageRow take, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        (Width, Height, _stream) = (info.StoredWidth, info.StoredHeight, new(take));
        (_rgb, _row) = ([], new byte[3 * Width]);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Lays down a row of red, green, blue.</summary>
    /// <param name="y">The row, 0 to <see cref="Height"/> - 1 from the first that is stored.</param>
    /// <param name="rgb">3 bytes for each of <see cref="Width"/> pixels.</param>
    /// <exception cref="OperationCanceledException">Nobody wants the image any more (<see cref="ImageReadOptions.Cancellation"/>).</exception>
    public void Set(int y, ReadOnlySpan<byte> rgb)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_stream is not null)
        {
            _stream.Set(y, rgb[..(3 * Width)]);
            return;
        }

        _placement.Place(y, rgb[..(3 * Width)], _rgb, 3);
    }

    /// <summary>Lays down a row of red, green, blue, alpha (straight, not multiplied into the colours), on white.</summary>
    /// <param name="y">The row.</param>
    /// <param name="rgba">4 bytes for each of <see cref="Width"/> pixels.</param>
    public void SetRgba(int y, ReadOnlySpan<byte> rgba)
    {
        PixelConversion.RgbaToRgbOnWhite(rgba[..(4 * Width)], _row);
        Set(y, _row);
    }

    internal RgbImage ToImage() => new(_placement.Width, _placement.Height, _rgb);

    private static int Divide(int side, int reduction) => (int)(((long)side + reduction - 1) / reduction);
}
