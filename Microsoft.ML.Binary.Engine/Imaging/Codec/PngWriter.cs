using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Writes a PNG file of 8 bits a sample row by row, not interlaced: filters and compresses rows as they come. With the last the file is complete.</summary>
internal sealed class PngWriter : IDisposable
{
    private readonly Stream _output;
    private readonly ChunkWriter _chunks;
    private readonly ZLibStream _deflater;
    private readonly int _step;
    private readonly bool _indices;
    private readonly byte[] _above;
    private byte[] _candidate, _best;
    private int _rowsLeft;

    /// <summary>Writes what stands before the image data.</summary>
    /// <param name="output">Gets the file; it stays open.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="color">What samples mean.</param>
    /// <param name="indices">
    /// Whether samples are indices. Neighbouring indices are not neighbouring values, but mostly the same: the difference to the row above, which is 0 but along edges,
    /// is stored in any case.
    /// </param>
    /// <param name="palette">Red, green, blue of each colour of a palette.</param>
    /// <param name="note">A note that viewers do not show; it stands right behind the header.</param>
    public PngWriter(Stream output, int width, int height, ColorModel color, bool indices = false, byte[]? palette = null, PngNote? note = null)
    {
        (_output, _step, _indices, _rowsLeft) = (output, Raster.ChannelsOf(color), indices, height);
        output.Write(PngChunks.Signature);
        Span<byte> header = stackalloc byte[PngHeader.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        header[9] = (byte)color;
        header[10..].Clear();
        WriteChunk(output, "IHDR", header);
        if (note is not null)
        {
            WriteChunk(output, PngNote.Chunk, note.ToBytes());
        }

        if (palette is not null)
        {
            WriteChunk(output, "PLTE", palette);
        }

        // One byte a pixel is a mask. After filtering nearly all that can be found in one are runs, which takes a fraction of the time of a search for any repetition.
        _chunks = new(output);
        _deflater = new(
            _chunks, new ZLibCompressionOptions { CompressionStrategy = _step == 1 ? ZLibCompressionStrategy.RunLengthEncoding : ZLibCompressionStrategy.Default }, leaveOpen: true);
        int rowBytes = width * _step;
        (_candidate, _best, _above) = (new byte[rowBytes + 1], new byte[rowBytes + 1], new byte[rowBytes]);
    }

    /// <summary>Writes a whole image.</summary>
    /// <param name="output">Gets the file; it stays open.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="color">What samples mean.</param>
    /// <param name="samples">Row-major, channels interleaved.</param>
    /// <param name="indices">Whether samples are indices.</param>
    /// <param name="palette">Red, green, blue of each colour of a palette.</param>
    /// <param name="cancellationToken">Ends it between two rows.</param>
    public static void Write(
        Stream output, int width, int height, ColorModel color, byte[] samples, bool indices = false, byte[]? palette = null, CancellationToken cancellationToken = default)
    {
        using PngWriter rows = new(output, width, height, color, indices, palette);
        int rowBytes = width * Raster.ChannelsOf(color);
        for (int y = 0; y < height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Add(samples.AsSpan(y * rowBytes, rowBytes));
        }
    }

    /// <summary>Adds the next row; with the last the file is complete.</summary>
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
        if (--_rowsLeft == 0)
        {
            _deflater.Dispose();
            _chunks.Dispose();
            WriteChunk(_output, "IEND", []);
        }
    }

    /// <summary>Gives memory back and writes nothing more: what is in the stream is no image unless all rows were added.</summary>
    public void Dispose()
    {
        _chunks.IsAbandoned = true;
        _deflater.Dispose();
        _chunks.Dispose();
    }

    private void Filter(int filter, ReadOnlySpan<byte> line, byte[] filtered)
    {
        filtered[0] = (byte)filter;
        PngFilter.Apply(filter, line, _above, _step, filtered.AsSpan(1));
    }

    private static void WriteChunk(Stream output, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> frame = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(frame, data.Length);
        Encoding.ASCII.GetBytes(type, frame[4..]);
        output.Write(frame);
        output.Write(data);

        uint crc = PngCrc.Compute(frame[4..], data);
        BinaryPrimitives.WriteUInt32BigEndian(frame, crc);
        output.Write(frame[..4]);
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
                WriteChunk(output, "IDAT", _bytes.AsSpan(0, _count));
            }

            _count = 0;
        }
    }
}
