namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Where the pixels of a stored row lie in the upright picture.</summary>
internal readonly struct UprightPlacement
{
    private readonly int _origin;
    private readonly int _pixelStep;
    private readonly int _rowStep;

    /// <param name="width">Pixels in a stored row.</param>
    /// <param name="height">Stored rows.</param>
    /// <param name="orientation">How they lie in the picture.</param>
    public UprightPlacement(int width, int height, ImageOrientation orientation)
    {
        bool exchanged = orientation >= ImageOrientation.Transposed;
        (Width, Height) = exchanged ? (height, width) : (width, height);

        // Along a row the position grows or falls by one pixel, or by one row where rows have become columns; from row to row the other.
        (int alongRow, int alongColumn) = exchanged ? (Width, 1) : (1, Width);
        bool rowsBackward = orientation is ImageOrientation.MirroredHorizontally or ImageOrientation.Rotated180
            or ImageOrientation.Transversed or ImageOrientation.Rotated270;
        bool columnsBackward = orientation is ImageOrientation.Rotated180 or ImageOrientation.MirroredVertically
            or ImageOrientation.Rotated90 or ImageOrientation.Transversed;
        _pixelStep = rowsBackward ? -alongRow : alongRow;
        _rowStep = columnsBackward ? -alongColumn : alongColumn;
        _origin = (rowsBackward ? (width - 1) * alongRow : 0) + (columnsBackward ? (height - 1) * alongColumn : 0);
    }

    /// <summary>Pixels in a row of the picture.</summary>
    public int Width { get; }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>Copies stored pixels into the picture.</summary>
    /// <param name="part">Where they are stored.</param>
    /// <param name="pixels">The pixels.</param>
    /// <param name="picture">The pixels of the picture, row-major.</param>
    /// <param name="size">Bytes of a pixel.</param>
    public void Place(RowPart part, ReadOnlySpan<byte> pixels, Span<byte> picture, int size)
    {
        int at = _origin + (part.Y * _rowStep) + (part.X * _pixelStep), step = _pixelStep * part.Step;
        if (step == 1)
        {
            pixels.CopyTo(picture.Slice(at * size, pixels.Length));
            return;
        }

        if (size == 3)
        {
            for (int x = 0; x < pixels.Length; x += 3, at += step)
            {
                Span<byte> pixel = picture.Slice(3 * at, 3);
                pixel[2] = pixels[x + 2];
                pixel[1] = pixels[x + 1];
                pixel[0] = pixels[x];
            }

            return;
        }

        for (int x = 0; x < pixels.Length; x += size, at += step)
        {
            pixels.Slice(x, size).CopyTo(picture[(at * size)..]);
        }
    }
}
