using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Inflates the image data of a PNG file, undoes the line filters and spreads the lines of each pass over the image.</summary>
internal sealed class PngScanlines(PngHeader header, ByteSource file, IReadOnlyList<FilePiece> chunks, string name, Action<string>? warn)
{
    private const int ZlibHeaderBytes = 2;

    /// <summary>Gives out every row; twice, if the checksum inside the compressed data turns out to be wrong.</summary>
    public void Decode(SampleRow take)
    {
        try
        {
            using ZLibStream inflater = new(new ChunkStream(file, chunks), CompressionMode.Decompress);
            Decode(inflater, take);
        }
        catch (InvalidDataException)
        {
            // What came through the CRC of its chunk is what was written. If only the checksum around it is wrong, it still inflates.
            ChunkStream bare = new(file, chunks);
            bare.ReadAtLeast(new byte[ZlibHeaderBytes], ZlibHeaderBytes, throwOnEndOfStream: false);
            using DeflateStream inflater = new(bare, CompressionMode.Decompress);
            Decode(inflater, take);
            warn?.Invoke($"{name}: PNG chunk IDAT: the checksum inside the compressed data is wrong, though those of the chunks are right.");
        }
    }

    private void Decode(Stream inflater, SampleRow take)
    {
        try
        {
            if (header.Interlaced)
            {
                DecodeInterlaced(inflater, take);
            }
            else
            {
                DecodePass(inflater, new PngPass(0, 0, 1, 1), take);
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

    private void DecodeInterlaced(Stream inflater, SampleRow take)
    {
        int size = header.UnpackedPixelBytes;
        int stride = header.Width * size;
        byte[] samples = new byte[header.Height * stride];
        foreach (PngPass pass in PngHeader.Adam7)
        {
            if (pass.Columns(header.Width) > 0)
            {
                DecodePass(inflater, pass, (y, row) =>
                {
                    for (int i = 0, x = pass.X; x < header.Width; i++, x += pass.StepX)
                    {
                        row.Slice(i * size, size).CopyTo(samples.AsSpan((y * stride) + (x * size)));
                    }
                });
            }
        }

        for (int y = 0; y < header.Height; y++)
        {
            take(y, samples.AsSpan(y * stride, stride));
        }
    }

    private void DecodePass(Stream inflater, PngPass pass, SampleRow take)
    {
        int columns = pass.Columns(header.Width);
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
                take(y, unpacked);
            }
            else
            {
                take(y, line);
            }

            (filtered, above) = (above, filtered);
        }
    }
}
