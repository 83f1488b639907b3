using System.Buffers;
using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Filters and compresses the rows of a PNG file as they come and writes them as chunks of image data; disposing of it writes the last.</summary>
internal sealed class PngRowWriter : IDisposable
{
    private readonly ChunkWriter _chunks;
    private readonly ZLibStream _deflater;
    private readonly int _step;
    private readonly bool _indices;
    private readonly byte[] _above;
    private byte[] _candidate, _best;

    /// <param name="output">Gets the chunks.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="step">Bytes of a pixel.</param>
    /// <param name="indices">
    /// Whether samples are indices. Neighbouring indices are not neighbouring values, but mostly the same: the difference to the row above, which is 0 but along edges,
    /// is stored in any case.
    /// </param>
    public PngRowWriter(Stream output, int width, int step, bool indices)
    {
        // One byte a pixel is a mask. After filtering nearly all that can be found in one are runs, which takes a fraction of the time of a search for any repetition.
        _chunks = new(output);
        _deflater = new(
            _chunks, new ZLibCompressionOptions { CompressionStrategy = step == 1 ? ZLibCompressionStrategy.RunLengthEncoding : ZLibCompressionStrategy.Default }, leaveOpen: true);
        (_step, _indices) = (step, indices);
        (_candidate, _best, _above) = (new byte[width * step + 1], new byte[width * step + 1], new byte[width * step]);
    }

    public void Add(ReadOnlySpan<byte> line)
    {
        if (_indices)
        {
            Filter(PngFilter.Up, line, _best);
        }
        else
        {
            long lowest = long.MaxValue;
            for (int filter = 0; filter < PngFilter.Count; filter++)
            {
                Filter(filter, line, _candidate);
                long cost = PngFilter.Cost(_candidate.AsSpan(1));
                if (cost < lowest)
                {
                    lowest = cost;
                    (_best, _candidate) = (_candidate, _best);
                }
            }
        }

        _deflater.Write(_best);
        line.CopyTo(_above);
    }

    /// <summary>Gives memory back and writes nothing more.</summary>
    public void Abandon()
    {
        _chunks.IsAbandoned = true;
        Dispose();
    }

    public void Dispose()
    {
        _deflater.Dispose();
        _chunks.Dispose();
    }

    private void Filter(int filter, ReadOnlySpan<byte> line, byte[] filtered)
    {
        filtered[0] = (byte)filter;
        PngFilter.Apply(filter, line, _above, _step, filtered.AsSpan(1));
    }

    /// <summary>Collects bytes until they fill a chunk.</summary>
    private sealed class ChunkWriter(Stream output) : Stream
    {
        // Most files have one chunk.
        private const int MostBytes = 1 << 20;

        private const int FirstBytes = 1 << 14;

        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
        private int _count;

        public bool IsAbandoned { get; set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_count > 0 && _count + buffer.Length > MostBytes)
            {
                WriteOut();
            }

            if (_count + buffer.Length > _bytes.Length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_count + buffer.Length, 2 * _bytes.Length));
                _bytes.AsSpan(0, _count).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = larger;
            }

            buffer.CopyTo(_bytes.AsSpan(_count));
            _count += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing && _bytes.Length > 0)
            {
                try
                {
                    if (_count > 0)
                    {
                        WriteOut();
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(_bytes);
                    _bytes = [];
                }
            }

            base.Dispose(disposing);
        }

        private void WriteOut()
        {
            if (!IsAbandoned)
            {
                PngWriter.WriteChunk(output, "IDAT", _bytes.AsSpan(0, _count));
            }

            _count = 0;
        }
    }
}
