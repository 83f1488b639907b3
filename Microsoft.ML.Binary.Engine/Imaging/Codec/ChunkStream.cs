namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>A piece of a file.</summary>
internal readonly record struct FilePiece(long Position, int Length);

/// <summary>Pieces of a file as one stream, without a copy of them.</summary>
internal sealed class ChunkStream(ByteSource source, IReadOnlyList<FilePiece> chunks) : ReadOnlyStream
{
    private int _chunk;
    private int _position;

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
}
