namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>A piece of a file.</summary>
internal readonly record struct FilePiece(long Position, int Length);

/// <summary>Pieces of a file as one stream, without a copy of them.</summary>
internal sealed class ChunkStream(ByteSource source, IReadOnlyList<FilePiece> chunks) : Stream
{
    private int _chunk;
    private int _position;

    public ChunkStream(ReadOnlyMemory<byte> data)
        : this(new MemorySource(data), [new(0, data.Length)])
    {
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => chunks.Sum(chunk => (long)chunk.Length);

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        while (_chunk < chunks.Count && _position == chunks[_chunk].Length)
        {
            (_chunk, _position) = (_chunk + 1, 0);
        }

        if (_chunk == chunks.Count)
        {
            return 0;
        }

        int wanted = Math.Min(buffer.Length, chunks[_chunk].Length - _position);
        int count = source.Read(chunks[_chunk].Position + _position, buffer[..wanted]);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
