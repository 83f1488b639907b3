using System.Buffers;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary;

/// <summary>Reads a text file a line at a time into one buffer, so that a walk over millions of lines makes no garbage. Lines end as in <see cref="TextReader.ReadLine"/>.</summary>
/// <param name="path">The file.</param>
/// <exception cref="IOException">The file cannot be read.</exception>
internal sealed class ByteLineReader(string path) : IDisposable
{
    private const int FirstBufferBytes = 1 << 16;

    private readonly FileStream _file = FileReading.Open(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);

    // The line, and what of the file was read behind it.
    private int _start, _length, _next, _end;

    private bool _isAfterReturn;

    /// <summary>The number of the line, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The line without its end, and the first without a byte order mark; until the next is read.</summary>
    public ReadOnlySpan<byte> Line => _buffer.AsSpan(_start, _length);

    /// <summary>Goes to the next line.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool Read()
    {
        for (int searched = 0; ;)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_next, _end - _next);
            if (_isAfterReturn && !rest.IsEmpty)
            {
                _isAfterReturn = false;
                if (rest[0] == '\n')
                {
                    _next++;
                    continue;
                }
            }

            if (rest[searched..].IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var found)
            {
                _isAfterReturn = rest[searched + found] == '\r';
                Take(searched + found, lineEnd: 1);
                return true;
            }

            searched = rest.Length;
            if (!Fill())
            {
                Take(searched, lineEnd: 0);
                return searched > 0;
            }
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Take(int length, int lineEnd)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        (_start, _length) = (_next, length);
        if (++Number == 1 && Line.StartsWith(mark))
        {
            (_start, _length) = (_start + mark.Length, _length - mark.Length);
        }

        _next += length + lineEnd;
    }

    /// <summary>Reads more behind what is left; into a larger buffer where a line fills this one.</summary>
    private bool Fill()
    {
        byte[] full = _buffer;
        if (_next == 0 && _end == full.Length)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(checked(2 * full.Length));
        }

        full.AsSpan(_next, _end - _next).CopyTo(_buffer);
        (_next, _end) = (0, _end - _next);
        if (full != _buffer)
        {
            ArrayPool<byte>.Shared.Return(full);
        }

        int read = _file.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
