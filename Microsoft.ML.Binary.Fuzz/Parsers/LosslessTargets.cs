using System.Buffers.Binary;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>TIFF images in strips and tiles, of every compression that is read, in both byte orders.</summary>
internal sealed class TiffTarget : ImageTarget
{
    private const int Width = 9, Height = 5, EntryBytes = 12;

    public override string Name => "tiff";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[] { 1, 5, 8, 32773 }.SelectMany(compression => new[] { Make(compression, 1, tiles: false, little: true), Make(compression, 3, tiles: true, little: false) }),
        Make(1, 3, tiles: false, little: true, bits: 16), Make(8, 1, tiles: true, little: false, bits: 16), Make(5, 3, tiles: false, little: true, planes: true), Make(1, 3, tiles: true, little: false, bits: 16, planes: true),
        Make(32773, 1, tiles: false, little: true, bits: 4, palette: true), Make(8, 1, tiles: true, little: false, palette: true), Make(1, 1, tiles: false, little: true, bits: 1),
        Make(1, 1, tiles: false, little: false, bits: 1, lowBitFirst: true),
    ];

    /// <summary>Another number in a field of the directory, which always has a value that fits its type.</summary>
    public override byte[] Forge(ref RandomStream random, byte[] file)
    {
        file = [.. file];
        bool little = file[0] == 'I';
        int directory = (int)Read(file, 4, 4, little), count = (int)Read(file, directory, 2, little);
        for (int changes = 1 + random.NextInt(2); changes > 0; changes--)
        {
            int entry = directory + 2 + EntryBytes * random.NextInt(count);
            int size = Read(file, entry + 2, 2, little) == 3 ? 2 : 4;
            Write(file, entry + (random.NextInt(4) == 0 ? 4 : 8), size, ByteMutation.InterestingNumber(ref random), little);
        }

        return file;
    }

    private static byte[] Make(int compression, int samples, bool tiles, bool little, int bits = 8, bool planes = false, bool palette = false, bool lowBitFirst = false)
    {
        (int blockWidth, int blockHeight) = tiles ? (16, 16) : (Width, 2);
        (int perPlane, int together) = (tiles ? 1 : 3, planes ? 1 : samples);
        int blocks = planes ? perPlane * samples : perPlane;
        using MemoryStream data = new();
        List<long> offsets = [], counts = [];
        for (int i = 0; i < blocks; i++)
        {
            int rows = Math.Min(blockHeight, tiles ? 16 : Height - 2 * (i % perPlane));
            byte[] raw = [.. Enumerable.Range(0, (blockWidth * together * bits + 7) / 8 * rows).Select(k => (byte)(k * 29 + i))];
            byte[] packed = Pack(raw, compression);
            offsets.Add(8 + data.Length);
            counts.Add(packed.Length);
            data.Write(packed);
        }

        List<(int Tag, int Size, long[] Values)> fields =
        [
            (256, 4, [Width]), (257, 4, [Height]), (258, 2, [.. Enumerable.Repeat((long)bits, samples)]), (259, 2, [compression]), (262, 2, [palette ? 3 : samples == 3 ? 2 : 1]),
            (266, 2, [lowBitFirst ? 2 : 1]), (274, 2, [6]), (277, 2, [samples]), (284, 2, [planes ? 2 : 1]), (317, 2, [compression is 5 or 8 && bits >= 8 ? 2 : 1]),
        ];
        if (palette)
        {
            fields.Add((320, 2, [.. Enumerable.Range(0, 3 << bits).Select(i => (long)(ushort)(i * 977))]));
        }

        fields.AddRange(tiles ? [(322, 4, [blockWidth]), (323, 4, [blockHeight]), (324, 4, [.. offsets]), (325, 4, [.. counts])] : [(273, 4, [.. offsets]), (278, 4, [blockHeight]), (279, 4, [.. counts])]);
        fields.Sort((a, b) => a.Tag.CompareTo(b.Tag));

        int start = 8 + (int)data.Length, outside = start + 2 + EntryBytes * fields.Count + 4;
        byte[] file = new byte[outside + fields.Sum(field => field.Size * field.Values.Length > 4 ? field.Size * field.Values.Length : 0)];
        (little ? "II"u8 : "MM"u8).CopyTo(file);
        Write(file, 2, 2, 42, little);
        Write(file, 4, 4, start, little);
        data.ToArray().CopyTo(file, 8);
        Write(file, start, 2, fields.Count, little);
        for (int i = 0; i < fields.Count; i++)
        {
            (int tag, int size, long[] values) = fields[i];
            int entry = start + 2 + EntryBytes * i, at = entry + 8;
            Write(file, entry, 2, tag, little);
            Write(file, entry + 2, 2, size == 2 ? 3 : 4, little);
            Write(file, entry + 4, 4, values.Length, little);
            if (size * values.Length > 4)
            {
                Write(file, at, 4, outside, little);
                (at, outside) = (outside, outside + size * values.Length);
            }

            for (int k = 0; k < values.Length; k++)
            {
                Write(file, at + size * k, size, values[k], little);
            }
        }

        return file;
    }

    private static byte[] Pack(byte[] raw, int compression)
    {
        using MemoryStream packed = new();
        switch (compression)
        {
            case 5:
                PackLzw(raw, packed);
                break;
            case 8:
                return PngTarget.Pack(raw);
            case 32773:
                for (int at = 0; at < raw.Length; at += 128)
                {
                    int length = Math.Min(128, raw.Length - at);
                    packed.WriteByte((byte)(length - 1));
                    packed.Write(raw, at, length);
                }

                break;
            default:
                packed.Write(raw);
                break;
        }

        return packed.ToArray();
    }

    // Codes of 9 bits alone: the table is cleared before it needs longer ones.
    private static void PackLzw(byte[] raw, MemoryStream packed)
    {
        const int clear = 256, end = 257;
        ulong bits = 0;
        int count = 0;
        for (int i = 0; i < raw.Length; i++)
        {
            if (i % 200 == 0)
            {
                Put(clear);
            }

            Put(raw[i]);
        }

        Put(end);
        Put(0);

        void Put(int code)
        {
            bits = (bits << 9) | (uint)code;
            for (count += 9; count >= 8; count -= 8)
            {
                packed.WriteByte((byte)(bits >> (count - 8)));
            }
        }
    }

    private static long Read(byte[] file, int at, int size, bool little) => (size, little) switch
    {
        (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at)),
        (2, false) => BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at)),
        (_, true) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)),
        _ => BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)),
    };

    private static void Write(byte[] file, int at, int size, long value, bool little)
    {
        for (int i = 0; i < size; i++)
        {
            file[at + i] = (byte)(value >> (8 * (little ? i : size - 1 - i)));
        }
    }
}

/// <summary>BMP images of every depth and compression that is read.</summary>
internal sealed class BmpTarget : ImageTarget
{
    public override string Name => "bmp";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Make(3, 2, 24, 0, 0, [.. Enumerable.Range(0, 24).Select(i => (byte)(i * 9))]),
        Make(3, -2, 32, 3, 12, [.. Enumerable.Range(0, 24).Select(i => (byte)(i * 9))]),
        Make(5, 3, 16, 0, 0, [.. Enumerable.Range(0, 36).Select(i => (byte)(i * 9))]),
        Make(9, 2, 1, 0, 8, [0xA5, 0x80, 0, 0, 0x5A, 0, 0, 0]),
        Make(8, 3, 8, 1, 1024, [5, 1, 3, 2, 0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 2, 1, 1, 4, 4, 0, 1]),
        Make(8, 2, 4, 2, 64, [8, 0x12, 0, 0, 0, 5, 0x12, 0x34, 0x50, 0, 0, 1]),
    ];

    private static byte[] Make(int width, int height, int bits, int compression, int tableBytes, byte[] pixels)
    {
        const int headers = 54;
        byte[] file = new byte[headers + tableBytes + pixels.Length];
        "BM"u8.CopyTo(file);
        foreach ((int at, int value) in new[]
        {
            (2, file.Length), (10, headers + tableBytes), (14, 40), (18, width), (22, height), (26, 1 | (bits << 16)), (30, compression), (34, pixels.Length),
        })
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        }

        for (int i = 0; i < tableBytes; i++)
        {
            file[headers + i] = compression == 3 ? (byte)(i % 4 == 2 - (i / 4) ? 0xFF : 0) : (byte)(i * 7);
        }

        pixels.CopyTo(file, headers + tableBytes);
        return file;
    }
}
