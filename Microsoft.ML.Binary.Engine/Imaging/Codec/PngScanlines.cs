using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Inflates the image data of a PNG file, undoes the line filters and spreads the lines of each pass over the image.</summary>
internal static class PngScanlines
{
    /// <returns>Samples in the form that <see cref="Raster.Samples"/> describes.</returns>
    public static byte[] Decode(PngHeader header, Stream compressed, string name)
    {
        byte[] samples = new byte[header.Width * header.Height * header.UnpackedPixelBytes];
        using var inflater = new ZLibStream(compressed, CompressionMode.Decompress);
        foreach (PngPass pass in header.Passes)
        {
            DecodePass(header, pass, inflater, samples, name);
        }

        // Reading up to the end is what makes the inflater verify the checksum of the data.
        if (Inflate(inflater, new byte[1], name) != 0)
        {
            throw PngChunks.Error(name, "IDAT", $"holds more data than {header.Width}x{header.Height} pixels need.");
        }

        return samples;
    }

    private static void DecodePass(PngHeader header, PngPass pass, ZLibStream inflater, byte[] samples, string name)
    {
        int columns = pass.Columns(header.Width);
        if (columns == 0)
        {
            return;
        }

        int rowBytes = header.RowBytes(columns);
        byte[] filtered = new byte[rowBytes + 1]; // the filter's number, then the line
        byte[] above = new byte[rowBytes + 1];
        int stride = header.Width * header.UnpackedPixelBytes;
        for (int y = pass.Y; y < header.Height; y += pass.StepY)
        {
            if (Inflate(inflater, filtered, name) != filtered.Length)
            {
                throw PngChunks.Error(name, "IDAT", $"the image data end in row {y} of {header.Height}: the file is truncated or damaged.");
            }

            if (filtered[0] >= PngFilter.Count)
            {
                throw PngChunks.Error(name, "IDAT", $"row {y} has filter {filtered[0]}; PNG defines 0 to {PngFilter.Count - 1}.");
            }

            Span<byte> line = filtered.AsSpan(1);
            PngFilter.Undo(filtered[0], line, above.AsSpan(1), header.FilterStep);
            Spread(header, pass, line, columns, samples.AsSpan(y * stride, stride));
            (filtered, above) = (above, filtered);
        }
    }

    private static void Spread(PngHeader header, PngPass pass, ReadOnlySpan<byte> line, int columns, Span<byte> row)
    {
        if (header.BitDepth < 8)
        {
            int mask = (1 << header.BitDepth) - 1;
            for (int i = 0, x = pass.X; i < columns; i++, x += pass.StepX)
            {
                int bit = i * header.BitDepth;
                row[x] = (byte)((line[bit >> 3] >> (8 - header.BitDepth - (bit & 7))) & mask);
            }
        }
        else if (pass.StepX == 1)
        {
            line.CopyTo(row[(pass.X * header.UnpackedPixelBytes)..]);
        }
        else
        {
            int size = header.UnpackedPixelBytes;
            for (int i = 0, x = pass.X; i < columns; i++, x += pass.StepX)
            {
                line.Slice(i * size, size).CopyTo(row[(x * size)..]);
            }
        }
    }

    /// <returns>Bytes read, fewer than asked for only at the end of the data.</returns>
    private static int Inflate(ZLibStream inflater, Span<byte> buffer, string name)
    {
        try
        {
            return inflater.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        // An IOException where the data ask for a dictionary that PNG does not have.
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            throw new InvalidDataException($"{name}: PNG chunk IDAT: the compressed image data are damaged or truncated.", fault);
        }
    }
}
