namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reduces an image by a power of two while its pixels arrive: each pixel of the result is the mean of a box of 2x2, 4x4 or 8x8 pixels, of fewer at the
/// right and lower edge, rounded once, halves up. Whole numbers only, so that the result is the same everywhere, in whatever order pixels come.
/// </summary>
internal sealed class BoxAverage
{
    // 64 pixels of 255 fit into 16 bits.
    public const int LargestReduction = 8;

    private readonly int _width, _height, _shift, _stride;
    private readonly ushort[] _sums;
    private readonly int[] _missing;
    private readonly byte[] _row;
    private readonly Action<int, byte[]> _take;
    private readonly bool _inOrder;

    /// <param name="width">Pixels in a row of the image.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="reduction">2, 4 or 8.</param>
    /// <param name="inOrder">Whether whole rows come one after the other, from the top or from the bottom: then the sums of one row of boxes are enough.</param>
    /// <param name="take">Gets each row of the result once, red, green, blue of each pixel; valid during the call only.</param>
    public BoxAverage(int width, int height, int reduction, bool inOrder, Action<int, byte[]> take)
    {
        (_width, _height, _inOrder, _take) = (width, height, inOrder, take);
        _shift = int.Log2(reduction);
        int columns = Boxes(width), rows = Boxes(height);
        _stride = 3 * columns;
        _sums = new ushort[checked(_stride * (inOrder ? 1 : rows))];
        _missing = new int[rows];
        _row = new byte[_stride];
        Begin();
    }

    private int Size => 1 << _shift;

    /// <summary>Forgets the pixels that came so far: the image comes again from its first one.</summary>
    public void Begin()
    {
        _sums.AsSpan().Clear();
        for (int row = 0; row < _missing.Length; row++)
        {
            _missing[row] = _width * RowsOf(row);
        }
    }

    /// <summary>Adds pixels, each of which comes once.</summary>
    public void Add(RowPart part, ReadOnlySpan<byte> rgb)
    {
        int row = part.Y >> _shift;
        Span<ushort> sums = _sums.AsSpan(_inOrder ? 0 : row * _stride, _stride);
        if (part.Step == 1)
        {
            AddRow(rgb, sums[(3 * (part.X >> _shift))..], _shift);
        }
        else
        {
            for (int i = 0, x = part.X; i < rgb.Length; i += 3, x += part.Step)
            {
                Span<ushort> box = sums.Slice(3 * (x >> _shift), 3);
                box[0] += rgb[i];
                box[1] += rgb[i + 1];
                box[2] += rgb[i + 2];
            }
        }

        if ((_missing[row] -= rgb.Length / 3) == 0)
        {
            Finish(row, sums);
        }
    }

    private static void AddRow(ReadOnlySpan<byte> rgb, Span<ushort> sums, int shift)
    {
        int bytes = 3 << shift, box = 0;
        for (; rgb.Length >= bytes; rgb = rgb[bytes..], box += 3)
        {
            int red = 0, green = 0, blue = 0;
            ReadOnlySpan<byte> pixels = rgb[..bytes];
            for (int i = 0; i + 2 < pixels.Length; i += 3)
            {
                red += pixels[i];
                green += pixels[i + 1];
                blue += pixels[i + 2];
            }

            sums[box] += (ushort)red;
            sums[box + 1] += (ushort)green;
            sums[box + 2] += (ushort)blue;
        }

        for (int i = 0; i < rgb.Length; i++)
        {
            sums[box + (i % 3)] += rgb[i];
        }
    }

    private void Finish(int row, Span<ushort> sums)
    {
        int rows = RowsOf(row), last = _stride - 3;
        Divide(sums[..last], _row, Size * rows);
        Divide(sums[last..], _row.AsSpan(last), (_width - ((last / 3) << _shift)) * rows);
        sums.Clear();
        _take(row, _row);

        static void Divide(ReadOnlySpan<ushort> sums, Span<byte> means, int pixels)
        {
            for (int i = 0; i < sums.Length; i++)
            {
                means[i] = (byte)((sums[i] + (pixels / 2)) / pixels);
            }
        }
    }

    private int RowsOf(int row) => Math.Min(Size, _height - (row << _shift));

    private int Boxes(int side) => (int)(((long)side + Size - 1) >> _shift);
}
