namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Expands LZW as TIFF has it: codes of 9 to 12 bits, the highest bit first. A code stands for a byte, or for the string of an earlier code and one byte more.
/// </summary>
internal sealed class LzwStream(Stream data) : ExpandingStream(data)
{
    private const int Clear = 256, End = 257, FirstFree = 258, TableSize = 4096;

    private readonly ushort[] _prefix = new ushort[TableSize], _length = new ushort[TableSize];
    private readonly byte[] _last = new byte[TableSize], _first = new byte[TableSize];

    // The string of the last code, of which the end is still to be read.
    private readonly byte[] _string = new byte[TableSize];
    private int _position = TableSize;

    private int _free = FirstFree, _bits = 9, _previous = -1;
    private uint _buffer;
    private int _buffered;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        int count = 0;
        while (count < buffer.Length)
        {
            if (_position == TableSize && !ReadString())
            {
                break;
            }

            int taken = Math.Min(buffer.Length - count, TableSize - _position);
            _string.AsSpan(_position, taken).CopyTo(buffer[count..]);
            (_position, count) = (_position + taken, count + taken);
        }

        return count;
    }

    private bool ReadString()
    {
        int code = ReadCode();
        while (code == Clear)
        {
            (_free, _bits, _previous) = (FirstFree, 9, -1);
            code = ReadCode();
        }

        if (code < 0)
        {
            return false;
        }

        if (_previous >= 0 && _free < TableSize)
        {
            // The string before, and the first byte of this one, which may be the one that is being made.
            (_prefix[_free], _length[_free], _first[_free]) = ((ushort)_previous, (ushort)(LengthOf(_previous) + 1), FirstOf(_previous));
            _last[_free] = code == _free ? FirstOf(_previous) : FirstOf(code);
            _free++;
        }

        if (code >= _free)
        {
            _ended = true;
            return false;
        }

        _position = TableSize - LengthOf(code);
        int at = TableSize, rest = code;
        for (; rest >= FirstFree; rest = _prefix[rest])
        {
            _string[--at] = _last[rest];
        }

        _string[--at] = (byte)rest;
        _previous = code;
        _bits = _free >= 2047 ? 12 : _free >= 1023 ? 11 : _free >= 511 ? 10 : 9;
        return true;
    }

    private int LengthOf(int code) => code < Clear ? 1 : _length[code];

    private byte FirstOf(int code) => code < Clear ? (byte)code : _first[code];

    /// <summary>The next code; -1 at the end.</summary>
    private int ReadCode()
    {
        while (_buffered < _bits && !_ended)
        {
            int next = Next();
            _ended = next < 0;
            if (!_ended)
            {
                _buffer = (_buffer << 8) | (byte)next;
                _buffered += 8;
            }
        }

        if (_buffered < _bits)
        {
            return -1;
        }

        int code = (int)(_buffer >> (_buffered - _bits)) & ((1 << _bits) - 1);
        _buffered -= _bits;
        _ended |= code == End;
        return code == End ? -1 : code;
    }
}
