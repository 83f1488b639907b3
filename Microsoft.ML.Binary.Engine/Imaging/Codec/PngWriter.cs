using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Writes PNG files whose samples have whole bytes: gray, palette, RGB, gray + alpha and RGBA of 8 bits, and all but the palette of 16.
/// Not interlaced.
/// </summary>
internal static class PngWriter
{
    /// <param name="output">Gets the file.</param>
    /// <param name="raster">The image.</param>
    /// <param name="indices">Whether gray samples are indices, which changes how they are compressed (<see cref="PngRowWriter"/>). A palette image always holds indices.</param>
    /// <param name="note">A note that viewers do not show; it stands right behind the header.</param>
    /// <param name="cancellationToken">Ends it between two rows.</param>
    public static void Write(
        Stream output, Raster raster, bool indices = false, PngNote? note = null, CancellationToken cancellationToken = default)
    {
        Check(raster);
        WriteHeader(output, raster.Width, raster.Height, 8 * raster.BytesPerSample, raster.Color, note);
        if (raster.Color == ColorModel.Palette)
        {
            WriteChunk(output, "PLTE", raster.PaletteRgb);
            if (raster.PaletteAlpha.Length > 0)
            {
                WriteChunk(output, "tRNS", raster.PaletteAlpha);
            }
        }
        else if (raster.TransparentColor.Length > 0)
        {
            Span<byte> color = stackalloc byte[2 * raster.TransparentColor.Length];
            for (int i = 0; i < raster.TransparentColor.Length; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(color[(2 * i)..], raster.TransparentColor[i]);
            }

            WriteChunk(output, "tRNS", color);
        }

        using (PngRowWriter rows = new(output, raster.Width, raster.Channels * raster.BytesPerSample, indices || raster.Color == ColorModel.Palette))
        {
            int rowBytes = raster.Width * raster.Channels * raster.BytesPerSample;
            for (int y = 0; y < raster.Height; y++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                rows.Add(raster.Samples.AsSpan(y * rowBytes, rowBytes));
            }
        }

        WriteChunk(output, "IEND", []);
    }

    /// <summary>Writes what a file begins with.</summary>
    public static void WriteHeader(Stream output, int width, int height, int bitDepth, ColorModel color, PngNote? note)
    {
        output.Write(PngChunks.Signature);
        Span<byte> header = stackalloc byte[PngHeader.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = (byte)bitDepth;
        header[9] = (byte)color;
        header[10..].Clear();
        WriteChunk(output, "IHDR", header);
        if (note is not null)
        {
            WriteChunk(output, PngNote.Chunk, note.ToBytes());
        }
    }

    public static byte[] Encode(Raster raster)
    {
        using var output = new MemoryStream();
        Write(output, raster);
        return output.ToArray();
    }

    private static void Check(Raster raster)
    {
        bool depth = raster.MaxValue == byte.MaxValue || (raster.MaxValue == ushort.MaxValue && raster.Color != ColorModel.Palette);
        if (!depth)
        {
            throw new ArgumentException($"{raster.Name}: samples up to {raster.MaxValue} cannot be written as {raster.Color}; 255 or 65535 can.");
        }

        long expected = (long)raster.Width * raster.Height * raster.Channels * raster.BytesPerSample;
        if (raster.Width < 1 || raster.Height < 1 || raster.Samples.Length != expected)
        {
            throw new ArgumentException(
                $"{raster.Name}: {raster.Samples.Length} bytes of samples for {raster.Width}x{raster.Height} pixels, must be {expected} and more than 0.");
        }

        if (raster.Color == ColorModel.Palette && (raster.PaletteRgb.Length is 0 or > 768 || raster.PaletteRgb.Length % 3 != 0))
        {
            throw new ArgumentException($"{raster.Name}: {raster.PaletteRgb.Length} palette bytes, must be 3 for each of 1 to 256 colours.");
        }
    }

    public static void WriteChunk(Stream output, string type, ReadOnlySpan<byte> data)
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
}
