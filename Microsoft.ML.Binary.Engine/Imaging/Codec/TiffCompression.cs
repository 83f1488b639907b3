using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The compressions without loss that TIFF files of pictures have (TIFF 6.0, sections 9 and 13; Adobe's technical notes on Deflate).</summary>
internal static class TiffCompression
{
    private const int None = 1;
    private const int Lzw = 5;
    private const int AdobeDeflate = 8;
    private const int PackBits = 32773;
    private const int Deflate = 32946;

    public static bool IsKnown(long compression) => compression is None or Lzw or AdobeDeflate or Deflate or PackBits;

    /// <summary>Fills a block; surplus data are left out.</summary>
    /// <returns>Bytes that were there.</returns>
    public static int Expand(long compression, ReadOnlyMemory<byte> data, Span<byte> block) => compression switch
    {
        None => Copy(data.Span, block),
        Lzw => ExpandLzw(data.Span, block),
        PackBits => ExpandPackBits(data.Span, block),
        _ => Inflate(data, block),
    };

    private static int Copy(ReadOnlySpan<byte> data, Span<byte> block)
    {
        int count = Math.Min(data.Length, block.Length);
        data[..count].CopyTo(block);
        return count;
    }

    private static int Inflate(ReadOnlyMemory<byte> data, Span<byte> block)
    {
        try
        {
            using ZLibStream inflater = new(new ChunkStream(data), CompressionMode.Decompress);
            return inflater.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        }
        // An IOException where the data ask for a dictionary, which no image format has.
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            return 0;
        }
    }

    private static int ExpandPackBits(ReadOnlySpan<byte> data, Span<byte> block)
    {
        int from = 0, to = 0;
        while (to < block.Length && from + 1 < data.Length)
        {
            int control = (sbyte)data[from++];
            int count = Math.Min(control >= 0 ? control + 1 : control == sbyte.MinValue ? 0 : 1 - control, block.Length - to);
            if (control >= 0)
            {
                count = Math.Min(count, data.Length - from);
                data.Slice(from, count).CopyTo(block[to..]);
                from += count;
            }
            else if (count > 0)
            {
                block.Slice(to, count).Fill(data[from++]);
            }

            to += count;
        }

        return to;
    }

    /// <summary>
    /// Codes of 9 to 12 bits, the highest bit first. A code stands for a string that was written before and one byte more, so the table
    /// holds where in the block that string begins.
    /// </summary>
    private static int ExpandLzw(ReadOnlySpan<byte> data, Span<byte> block)
    {
        const int clear = 256, end = 257, firstFree = 258, tableSize = 4096;
        Span<int> starts = stackalloc int[tableSize];
        Span<int> lengths = stackalloc int[tableSize];
        int free = firstFree, bits = 9, previousLength = 0, to = 0;
        uint buffer = 0;
        int buffered = 0, from = 0;
        while (to < block.Length)
        {
            while (buffered < bits && from < data.Length)
            {
                buffer = (buffer << 8) | data[from++];
                buffered += 8;
            }

            if (buffered < bits)
            {
                break;
            }

            int code = (int)(buffer >> (buffered - bits)) & ((1 << bits) - 1);
            buffered -= bits;
            if (code == end)
            {
                break;
            }

            if (code == clear)
            {
                (free, bits, previousLength) = (firstFree, 9, 0);
                continue;
            }

            int previousStart = to - previousLength;
            if (previousLength > 0 && free < tableSize)
            {
                // The string before and the first byte of this one, which will stand right after it.
                (starts[free], lengths[free]) = (previousStart, previousLength + 1);
                free++;
            }

            if (code >= firstFree && code >= free)
            {
                break;
            }

            int length = code < clear ? 1 : lengths[code];
            if (code < clear)
            {
                block[to] = (byte)code;
            }
            else
            {
                // Byte by byte, since the string may run into what it writes.
                length = Math.Min(length, block.Length - to);
                for (int i = 0; i < length; i++)
                {
                    block[to + i] = block[starts[code] + i];
                }
            }

            to += length;
            previousLength = length;
            bits = free >= 2047 ? 12 : free >= 1023 ? 11 : free >= 511 ? 10 : 9;
        }

        return to;
    }
}
