using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reads Windows and OS/2 bitmaps: palettes of 1 to 8 bits, run-length coded ones too, and colours of 16, 24 and 32 bits. The indices of a
/// palette come as stored, so that a bitmap can be a mask.
/// </summary>
internal sealed class BmpReader : SampleReader
{
    private readonly ByteSource _file;
    private readonly BmpHeader _header;

    private BmpReader(Raster form, ByteSource file, BmpHeader header)
        : base(form) => (_file, _header) = (file, header);

    /// <exception cref="InvalidDataException">The file is damaged or truncated; the message names it.</exception>
    public static BmpReader Open(ByteSource file, string name)
    {
        BmpHeader header = BmpHeader.Read(file, name);
        CheckLength(file.Length, header, name);
        bool alpha = header.Alpha.Mask != 0 && HasAlpha(file, header);
        ColorModel color = header.BitCount <= 8 ? ColorModel.Palette : alpha ? ColorModel.Rgba : ColorModel.Rgb;
        Raster form = new(name, header.Width, header.Height, color, byte.MaxValue, []) { PaletteRgb = ReadPalette(file, header, name) };
        return new BmpReader(form, file, header);
    }

    public override void ReadRows(Func<SampleRow> begin)
    {
        SampleRow take = begin();
        if (_header.Compression is BmpHeader.RunLength8 or BmpHeader.RunLength4)
        {
            new BmpRuns(_file, _header, Form.Name).ReadRows(take);
            return;
        }

        byte[] stored = new byte[RowBytes(_header)];
        byte[] samples = new byte[_header.Width * Form.Channels];
        for (int i = 0; i < _header.Height; i++)
        {
            Unpack(_file.Bytes(_header.PixelOffset + (Stride(_header) * i), stored), samples);
            take(new(_header.TopDown ? i : _header.Height - 1 - i), samples);
        }
    }

    private static void CheckLength(long length, BmpHeader header, string name)
    {
        long needed = header.PixelOffset + (Stride(header) * (header.Height - 1)) + RowBytes(header);
        if (header.Compression is not (BmpHeader.RunLength8 or BmpHeader.RunLength4) && needed > length)
        {
            throw BmpHeader.Error(name, $"truncated: {header.Width}x{header.Height} pixels end at byte {needed}, the file at {length}.");
        }
    }

    private static long Stride(BmpHeader header) => (((long)header.Width * header.BitCount) + 31) / 32 * 4;

    // The padding after the last row may be missing.
    private static long RowBytes(BmpHeader header) => (((long)header.Width * header.BitCount) + 7) / 8;

    private void Unpack(ReadOnlySpan<byte> row, Span<byte> samples)
    {
        switch (_header.BitCount)
        {
            case 8:
                row.CopyTo(samples);
                break;
            case < 8:
                BitSamples.Unpack(row, _header.BitCount, samples);
                break;
            case 24:
                for (int i = 0; i < samples.Length; i += 3)
                {
                    (samples[i], samples[i + 1], samples[i + 2]) = (row[i + 2], row[i + 1], row[i]);
                }

                break;
            default:
                UnpackFields(row, samples);
                break;
        }
    }

    private void UnpackFields(ReadOnlySpan<byte> row, Span<byte> samples)
    {
        int bytes = _header.BitCount / 8;
        for (int i = 0, at = 0; i < row.Length; i += bytes, at += Form.Channels)
        {
            uint pixel = bytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(row[i..]) : BinaryPrimitives.ReadUInt32LittleEndian(row[i..]);
            samples[at] = _header.Red.Of(pixel);
            samples[at + 1] = _header.Green.Of(pixel);
            samples[at + 2] = _header.Blue.Of(pixel);
            if (Form.Channels == 4)
            {
                samples[at + 3] = _header.Alpha.Of(pixel);
            }
        }
    }

    // Many programs declare alpha and write 0 everywhere, for pictures that are meant to be seen.
    private static bool HasAlpha(ByteSource file, BmpHeader header)
    {
        int bytes = header.BitCount / 8;
        byte[] row = new byte[RowBytes(header)];
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> stored = file.Bytes(header.PixelOffset + (Stride(header) * y), row);
            for (; stored.Length >= bytes; stored = stored[bytes..])
            {
                uint pixel = bytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(stored) : BinaryPrimitives.ReadUInt32LittleEndian(stored);
                if ((pixel & header.Alpha.Mask) != 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static byte[] ReadPalette(ByteSource file, BmpHeader header, string name)
    {
        long end = header.PaletteOffset + ((long)header.PaletteCount * header.PaletteEntryBytes);
        if (end > file.Length)
        {
            throw BmpHeader.Error(name, $"truncated: the palette ends at byte {end}, the file at {file.Length}.");
        }

        byte[] palette = new byte[3 * header.PaletteCount];
        Span<byte> entry = stackalloc byte[3];
        for (int i = 0; i < header.PaletteCount; i++)
        {
            file.ReadExactly(header.PaletteOffset + (i * header.PaletteEntryBytes), entry);
            (palette[3 * i], palette[(3 * i) + 1], palette[(3 * i) + 2]) = (entry[2], entry[1], entry[0]);
        }

        return palette;
    }
}
