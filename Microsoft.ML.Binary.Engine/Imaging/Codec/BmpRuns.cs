namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Expands run-length coded bitmaps (RLE8 and RLE4) row by row, from the bottom up. A pair of bytes is a run, or begins with 0 an escape:
/// the end of the row, the end of the image, a move, or pixels one by one. Pixels that are moved over have index 0.
/// </summary>
internal sealed class BmpRuns(ByteSource file, BmpHeader header, string name)
{
    private readonly byte[] _row = new byte[header.Width];
    private long _position = header.PixelOffset;
    private int _rowsDone;
    private int _x;

    public void ReadRows(SampleRow take)
    {
        while (_rowsDone < header.Height)
        {
            byte count = Next();
            byte value = Next();
            switch (count, value)
            {
                case (0, 0):
                    EndRow(take);
                    break;
                case (0, 1):
                    while (_rowsDone < header.Height)
                    {
                        EndRow(take);
                    }

                    break;
                case (0, 2):
                    Move(Next(), Next(), take);
                    break;
                case (0, _):
                    Literal(value);
                    break;
                default:
                    for (int i = 0; i < count; i++)
                    {
                        Put(Index(value, i));
                    }

                    break;
            }
        }
    }

    private void Move(int columns, int rows, SampleRow take)
    {
        int x = _x + columns;
        for (int i = 0; i < rows && _rowsDone < header.Height; i++)
        {
            EndRow(take);
        }

        _x = x;
    }

    private void Literal(int count)
    {
        bool nibbles = header.Compression == BmpHeader.RunLength4;
        int bytes = nibbles ? (count + 1) / 2 : count;
        byte value = 0;
        for (int i = 0; i < count; i++)
        {
            value = !nibbles || i % 2 == 0 ? Next() : value;
            Put(Index(value, i));
        }

        if (bytes % 2 != 0)
        {
            Next();
        }
    }

    // Of the two nibbles of a byte the higher comes first.
    private byte Index(byte value, int i) => header.Compression == BmpHeader.RunLength8 ? value : (byte)(i % 2 == 0 ? value >> 4 : value & 0xF);

    private void Put(byte index)
    {
        if (_x < _row.Length)
        {
            _row[_x++] = index;
        }
    }

    private void EndRow(SampleRow take)
    {
        take(new(header.TopDown ? _rowsDone : header.Height - 1 - _rowsDone), _row);
        _row.AsSpan().Clear();
        (_rowsDone, _x) = (_rowsDone + 1, 0);
    }

    private byte Next() => _position < file.Length
        ? file.Byte(_position++)
        : throw BmpHeader.Error(name, $"truncated: the coded pixels end in row {_rowsDone} of {header.Height}.");
}
