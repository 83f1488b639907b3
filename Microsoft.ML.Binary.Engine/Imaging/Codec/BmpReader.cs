using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reads Windows bitmaps as they are stored, so that masks keep their numbers: 1, 4 and 8 bits as palette indices, 24 and 32 bits as colours.
/// Compressed bitmaps, which masks hardly ever are, are refused.
/// </summary>
internal static class BmpReader
{
    private const int FileHeader = 14, CoreHeader = 12, InfoHeader = 40, LongestHeader = 124, Uncompressed = 0, Masks = 3;

    private static ReadOnlySpan<byte> Start => "BM"u8;

    public static bool IsBmp(ReadOnlySpan<byte> file) => file.StartsWith(Start);

    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or of a kind that is not read; the message says which.</exception>
    public static Raster Decode(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < FileHeader + CoreHeader)
        {
            throw Damaged(name, "it ends within the header");
        }

        ReadOnlySpan<byte> header = file[FileHeader..];
        uint headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(header);
        bool isCore = headerBytes == CoreHeader;
        if (!isCore && headerBytes is < InfoHeader or > LongestHeader || header.Length < headerBytes)
        {
            throw Damaged(name, $"its header says that it has {headerBytes} bytes");
        }

        int width = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) : BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        int rows = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) : BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(header[(isCore ? 10 : 14)..]);
        uint compression = isCore ? Uncompressed : BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        if (bits is not (1 or 4 or 8 or 24 or 32) || (compression != Uncompressed && !(compression == Masks && bits == 32 && HasUsualMasks(header))))
        {
            throw new InvalidDataException(
                $"{name}: a bitmap of {bits} bits and compression {compression}; read are uncompressed ones of 1, 4, 8, 24 and 32 bits. Save it as PNG.");
        }

        // A negative height means that the first row comes first.
        long height = Math.Abs((long)rows), stride = ((long)width * bits + 31) / 32 * 4;
        uint pixels = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        if (width < 1 || height < 1 || pixels < FileHeader + headerBytes)
        {
            throw Damaged(name, $"its size is {width}x{height} and its pixels begin at byte {pixels}");
        }

        if (stride > file.Length || height > file.Length || pixels + stride * height > file.Length)
        {
            throw new InvalidDataException($"{name}: the bitmap is truncated: it has {Math.Max(0, file.Length - pixels)} bytes for {width}x{height} pixels of {bits} bits.");
        }

        ColorModel color = bits <= 8 ? ColorModel.Palette : ColorModel.Rgb;
        int channels = Raster.ChannelsOf(color);
        byte[] samples = new byte[checked(width * (int)height * channels)];
        for (int y = 0; y < height; y++)
        {
            int from = (int)(pixels + stride * (rows > 0 ? height - 1 - y : y));
            ReadRow(file.Slice(from, (int)stride), samples.AsSpan(y * width * channels, width * channels), bits);
        }

        return new Raster(name, width, (int)height, color, byte.MaxValue, samples)
        {
            PaletteRgb = bits <= 8 ? Palette(file[(int)(FileHeader + headerBytes)..(int)pixels], isCore ? 3 : 4, 1 << bits) : [],
        };
    }

    private static void ReadRow(ReadOnlySpan<byte> row, Span<byte> samples, int bits)
    {
        if (bits <= 8)
        {
            for (int x = 0; x < samples.Length; x++)
            {
                int bit = x * bits;
                samples[x] = (byte)((row[bit / 8] >> (8 - bits - bit % 8)) & ((1 << bits) - 1));
            }

            return;
        }

        for (int x = 0, at = 0; at < samples.Length; x += bits / 8, at += 3)
        {
            (samples[at], samples[at + 1], samples[at + 2]) = (row[x + 2], row[x + 1], row[x]);
        }
    }

    private static byte[] Palette(ReadOnlySpan<byte> table, int entryBytes, int most)
    {
        byte[] rgb = new byte[3 * Math.Min(most, table.Length / entryBytes)];
        for (int at = 0, from = 0; at < rgb.Length; at += 3, from += entryBytes)
        {
            (rgb[at], rgb[at + 1], rgb[at + 2]) = (table[from + 2], table[from + 1], table[from]);
        }

        return rgb;
    }

    // Blue, green, red and a fourth byte, as without masks.
    private static bool HasUsualMasks(ReadOnlySpan<byte> header) => header.Length >= InfoHeader + 12
        && BinaryPrimitives.ReadUInt32LittleEndian(header[InfoHeader..]) == 0x00FF0000
        && BinaryPrimitives.ReadUInt32LittleEndian(header[(InfoHeader + 4)..]) == 0x0000FF00
        && BinaryPrimitives.ReadUInt32LittleEndian(header[(InfoHeader + 8)..]) == 0x000000FF;

    private static InvalidDataException Damaged(string name, string how) => new($"{name}: the bitmap is damaged: {how}.");
}
