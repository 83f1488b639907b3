using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Inflates the image data of a PNG file, undoes the line filters and gives out the lines of each pass.</summary>
internal sealed class PngScanlines(PngHeader header, ByteSource file, IReadOnlyList<FilePiece> chunks, string name, Action<string>? warn)
{
    private const int ZlibHeaderBytes = 2;

    private const int BlockBytes = 1 << 16;

    public bool AreInterlaced => header.Interlaced;

    /// <summary>Gives out every pixel; begins again if the checksum inside the compressed data turns out to be wrong.</summary>
    public void Decode(Func<SampleRow> begin)
    {
        try
        {
            using ZLibStream inflater = new(new ChunkStream(file, chunks), CompressionMode.Decompress);
            Decode(inflater, begin());
        }
        catch (InvalidDataException)
        {
            // What came through the CRC of its chunk is what was written. If only the checksum around it is wrong, it still inflates.
            ChunkStream bare = new(file, chunks);
            bare.ReadAtLeast(new byte[ZlibHeaderBytes], ZlibHeaderBytes, throwOnEndOfStream: false);
            using DeflateStream inflater = new(bare, CompressionMode.Decompress);
            Decode(inflater, begin());
            warn?.Invoke($"{name}: PNG chunk IDAT: the checksum inside the compressed data is wrong, though those of the chunks are right.");
        }
    }

    private void Decode(Stream inflater, SampleRow take)
    {
        try
        {
            foreach (PngPass pass in header.Passes)
            {
                DecodePass(inflater, pass, take);
            }

            // Reading up to the end is what makes the inflater verify the checksum of the data.
            if (inflater.Read(stackalloc byte[1]) != 0)
            {
                warn?.Invoke($"{name}: PNG chunk IDAT: holds more data than {header.Width}x{header.Height} pixels need; the rest is left out.");
            }
        }
        // An IOException where the data ask for a dictionary that PNG does not have.
        catch (Exception fault) when (fault is IOException or InvalidDataException && !fault.Message.StartsWith(name, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{name}: PNG chunk IDAT: the compressed image data are damaged or truncated.", fault);
        }
    }

    private void DecodePass(Stream inflater, PngPass pass, SampleRow take)
    {
        int columns = pass.Columns(header.Width), rows = pass.Rows(header.Height);
        if (columns == 0 || rows == 0)
        {
            return;
        }

        // Many lines at a time, behind the one above them: an inflater that is asked for a line at a time copies each into a window of its own.
        int rowBytes = header.RowBytes(columns), lineBytes = checked(rowBytes + 1);
        int held = Math.Clamp(BlockBytes / lineBytes, 1, rows);
        byte[] lines = new byte[checked((held + 1) * lineBytes)];
        byte[] unpacked = header.BitDepth < 8 ? new byte[columns] : [];
        for (int first = 0; first < rows; first += held)
        {
            Span<byte> block = lines.AsSpan(lineBytes, Math.Min(held, rows - first) * lineBytes);
            int whole = inflater.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) / lineBytes;
            for (int i = 0; i < whole; i++)
            {
                int y = pass.Y + ((first + i) * pass.StepY);
                Span<byte> line = Undo(lines.AsSpan(i * lineBytes, 2 * lineBytes), lineBytes, y);
                if (unpacked.Length > 0)
                {
                    BitSamples.Unpack(line, header.BitDepth, unpacked);
                    line = unpacked;
                }

                take(new(y, pass.X, pass.StepX), line);
            }

            if (whole * lineBytes < block.Length)
            {
                throw PngChunks.Error(
                    name, "IDAT", $"the image data end in row {pass.Y + ((first + whole) * pass.StepY)} of {header.Height}: the file is truncated or damaged.");
            }

            lines.AsSpan(held * lineBytes).CopyTo(lines);
        }
    }

    /// <summary>Undoes the filter of the second of two lines, each a filter's number and the bytes of its pixels.</summary>
    private Span<byte> Undo(Span<byte> lines, int lineBytes, int y)
    {
        int filter = lines[lineBytes];
        if (filter >= PngFilter.Count)
        {
            throw PngChunks.Error(name, "IDAT", $"row {y} has filter {filter}; PNG defines 0 to {PngFilter.Count - 1}.");
        }

        Span<byte> line = lines[(lineBytes + 1)..];
        PngFilter.Undo(filter, line, lines[1..lineBytes], header.FilterStep);
        return line;
    }
}
