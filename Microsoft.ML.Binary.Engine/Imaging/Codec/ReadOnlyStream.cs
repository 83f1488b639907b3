namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>A stream that can be read from its start to its end, and nothing else.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Data that are expanded byte by byte.</summary>
/// <param name="data">The data.</param>
internal abstract class ExpandingStream(Stream data) : ReadOnlyStream
{
    private readonly byte[] _block = new byte[4096];
    private int _position, _length;

    /// <summary>The next byte of the data; -1 at their end.</summary>
    protected int Next()
    {
        if (_position == _length)
        {
            (_position, _length) = (0, data.Read(_block));
            if (_length == 0)
            {
                return -1;
            }
        }

        return _block[_position++];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            data.Dispose();
        }

        base.Dispose(disposing);
    }
}
