using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// CRC-32 of PNG chunks (reflected polynomial 0xEDB88320), eight bytes per step by the "slicing" tables of Kounavis and Berry (2005): table
/// <c>k</c> holds the effect of a byte that is followed by <c>k</c> more.
/// </summary>
internal static class PngCrc
{
    private const int Slices = 8;

    private static readonly uint[] Tables = MakeTables();

    /// <summary>The state before the first byte.</summary>
    public const uint Start = uint.MaxValue;

    public static uint Compute(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
        => End(Update(Update(Start, type), data));

    /// <summary>The CRC of all bytes up to a state.</summary>
    public static uint End(uint state) => ~state;

    /// <summary>The state after more bytes.</summary>
    public static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<uint> table = Tables;
        for (; data.Length >= Slices; data = data[Slices..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = table[(7 * 256) + (int)(low & 0xFF)] ^ table[(6 * 256) + (int)((low >> 8) & 0xFF)]
                ^ table[(5 * 256) + (int)((low >> 16) & 0xFF)] ^ table[(4 * 256) + (int)(low >> 24)]
                ^ table[(3 * 256) + (int)(high & 0xFF)] ^ table[(2 * 256) + (int)((high >> 8) & 0xFF)]
                ^ table[256 + (int)((high >> 16) & 0xFF)] ^ table[(int)(high >> 24)];
        }

        foreach (byte value in data)
        {
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[Slices * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }

            tables[value] = crc;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint previous = tables[i - 256];
            tables[i] = tables[(byte)previous] ^ (previous >> 8);
        }

        return tables;
    }
}
