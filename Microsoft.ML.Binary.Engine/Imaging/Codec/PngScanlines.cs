using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Inflates the image data of a PNG file, undoes the line filters and gives out the lines of each pass.</summary>
internal sealed class PngScanlines(PngHeader header, ByteSource file, IReadOnlyList<FilePiece> chunks, string name, Action<string>? warn)
{
    private const int ZlibHeaderBytes = 2;

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
        int columns = pass.Columns(header.Width);
        if (columns == 0)
        {
            return;
        }

        int rowBytes = header.RowBytes(columns);
        byte[] filtered = new byte[rowBytes + 1]; // the filter's number, then the line
        byte[] above = new byte[rowBytes + 1];
        byte[] unpacked = header.BitDepth < 8 ? new byte[columns] : [];
        for (int y = pass.Y; y < header.Height; y += pass.StepY)
        {
            if (inflater.ReadAtLeast(filtered, filtered.Length, throwOnEndOfStream: false) != filtered.Length)
            {
                throw PngChunks.Error(name, "IDAT", $"the image data end in row {y} of {header.Height}: the file is truncated or damaged.");
            }

            if (filtered[0] >= PngFilter.Count)
            {
                throw PngChunks.Error(name, "IDAT", $"row {y} has filter {filtered[0]}; PNG defines 0 to {PngFilter.Count - 1}.");
            }

            Span<byte> line = filtered.AsSpan(1);
            PngFilter.Undo(filtered[0], line, above.AsSpan(1), header.FilterStep);
            if (unpacked.Length > 0)
            {
                BitSamples.Unpack(line, header.BitDepth, unpacked);
                take(new(y, pass.X, pass.StepX), unpacked);
            }
            else
            {
                take(new(y, pass.X, pass.StepX), line);
            }

            (filtered, above) = (above, filtered);
        }
    }
}
