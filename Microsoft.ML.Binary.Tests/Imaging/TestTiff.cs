using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>A slow TIFF writer that follows the specification field by field.</summary>
internal static class TestTiff
{
    /// <summary>The size of images unless told otherwise.</summary>
    public const int Width = 37, Height = 21;

    /// <summary>A TIFF file of one strip that is not compressed.</summary>
    public static byte[] Write(int width, int height, ColorModel color, int bits, byte[] samples) => Write(color, bits, samples, 1, new Layout { ImageWidth = width, ImageHeight = height, RowsPerStrip = height });

    public static byte[] Write(ColorModel color, int bits, byte[] samples, int compression, Layout layout)
    {
        (int Width, int Height) = (layout.ImageWidth, layout.ImageHeight);
        int channels = Raster.ChannelsOf(color), together = layout.Planes ? 1 : channels;
        (int blockWidth, int blockHeight) = layout.TileWidth > 0 ? (layout.TileWidth, layout.TileHeight) : (Width, Math.Min(layout.RowsPerStrip, Height));
        List<byte> file = [.. layout.LittleEndian ? "II*\0"u8 : "MM\0*"u8, 0, 0, 0, 0];
        List<int> offsets = [], counts = [];
        for (int plane = 0; plane < channels / together; plane++)
        {
            for (int y0 = 0; y0 < Height; y0 += blockHeight)
            {
                for (int x0 = 0; x0 < Width; x0 += blockWidth)
                {
                    List<byte> block = [];
                    int rows = layout.TileWidth > 0 ? blockHeight : Math.Min(blockHeight, Height - y0);
                    for (int y = y0; layout.TileData && y < y0 + rows; y++)
                    {
                        block.AddRange(Row(x0, y, plane));
                    }

                    byte[] data = Compress(compression, [.. block]);
                    offsets.Add(file.Count);
                    counts.Add(data.Length);
                    file.AddRange(data);
                }
            }
        }

        List<(int Tag, int Type, int[] Values)> fields =
        [
            (256, 4, [Width]), (257, 4, [Height]), (258, 3, [.. Enumerable.Repeat(bits, channels)]), (259, 3, [compression]),
            (262, 3, [color switch { ColorModel.Palette => 3, ColorModel.Rgb or ColorModel.Rgba => 2, _ => layout.WhiteIsZero ? 0 : 1 }]), (266, 3, [layout.LowBitFirst ? 2 : 1]), (274, 3, [layout.Orientation]), (277, 3, [channels]),
            (284, 3, [layout.Planes ? 2 : 1]), (317, 3, [layout.Predictor]), (339, 3, [1]),
        ];
        fields.AddRange(layout.TileWidth > 0
            ? [(322, 3, [layout.TileWidth]), (323, 3, [layout.TileHeight]), (324, 4, [.. offsets]), (325, 4, [.. counts])]
            : [(273, 4, [.. offsets]), (278, 4, [layout.RowsPerStrip]), (279, 4, [.. counts])]);
        if (color == ColorModel.Palette)
        {
            fields.Add((320, 3, [.. Enumerable.Range(0, 3 << bits).Select(i => i * 256 % 65536)]));
        }

        if (color is ColorModel.Rgba or ColorModel.GrayAlpha)
        {
            fields.Add((338, 3, [layout.Alpha]));
        }

        // The values come first, so that the directory's last entry ends the file.
        Dictionary<int, int> places = [];
        foreach ((int tag, int type, int[] values) in fields.Where(field => field.Values.Length * (field.Type == 3 ? 2 : 4) > 4))
        {
            places[tag] = file.Count;
            file.AddRange(values.SelectMany(value => Number(value, type == 3 ? 2 : 4)));
        }

        byte[] start = Number(file.Count, 4);
        for (int i = 0; i < 4; i++)
        {
            file[4 + i] = start[i];
        }

        file.AddRange(Number(fields.Count, 2));
        foreach ((int tag, int type, int[] values) in fields.OrderBy(field => field.Tag))
        {
            file.AddRange([.. Number(tag, 2), .. Number(type, 2), .. Number(values.Length, 4)]);
            byte[] inline = [.. values.SelectMany(value => Number(value, type == 3 ? 2 : 4)), 0, 0];
            file.AddRange(places.TryGetValue(tag, out int place) ? Number(place, 4) : inline[..4]);
        }

        return [.. file];

        byte[] Number(int value, int size)
        {
            byte[] bytes = [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
            return layout.LittleEndian ? bytes[..size] : [.. bytes[..size].Reverse()];
        }

        byte[] Row(int x0, int y, int plane)
        {
            List<int> values = [];
            for (int x = x0; x < x0 + blockWidth; x++)
            {
                for (int channel = plane; channel < plane + together; channel++)
                {
                    int i = (((Math.Min(y, Height - 1) * Width) + Math.Min(x, Width - 1)) * channels) + channel;
                    values.Add(bits == 16 ? (samples[2 * i] << 8) | samples[(2 * i) + 1] : samples[i]);
                }
            }

            for (int i = values.Count - 1; layout.Predictor == 2 && i >= together; i--)
            {
                values[i] -= values[i - together];
            }

            if (bits >= 8)
            {
                return [.. values.SelectMany(value => Number(value, bits / 8))];
            }

            byte[] packed = new byte[((values.Count * bits) + 7) / 8];
            for (int i = 0; i < values.Count; i++)
            {
                packed[i * bits / 8] |= (byte)(values[i] << (layout.LowBitFirst ? i * bits % 8 : 8 - bits - (i * bits % 8)));
            }

            return packed;
        }
    }

    private static byte[] Compress(int compression, byte[] data) => compression switch
    {
        1 => data,
        5 => Lzw(data),
        8 => TestPng.Deflate(data),
        _ => PackBits(data),
    };

    private static byte[] PackBits(byte[] data)
    {
        List<byte> packed = [0x80];
        for (int i = 0; i < data.Length;)
        {
            int run = 1;
            while (run < 128 && i + run < data.Length && data[i + run] == data[i])
            {
                run++;
            }

            if (run > 1)
            {
                packed.AddRange([(byte)(1 - run), data[i]]);
                i += run;
            }
            else
            {
                int count = Math.Min(3, data.Length - i);
                packed.AddRange([(byte)(count - 1), .. data[i..(i + count)]]);
                i += count;
            }
        }

        return [.. packed];
    }

    /// <summary>As the specification's pseudo-code has it: the table is a dictionary of strings, the width grows one code early.</summary>
    private static byte[] Lzw(byte[] data)
    {
        List<bool> bits = [];
        Dictionary<string, int> table = [];
        int width = 9;
        Clear();
        string omega = "";
        foreach (byte value in data)
        {
            string longer = omega + (char)value;
            if (longer.Length == 1 || table.ContainsKey(longer))
            {
                omega = longer;
                continue;
            }

            Put(Code(omega));
            table[longer] = table.Count + 258;
            width = (table.Count + 258) switch { >= 2048 => 12, >= 1024 => 11, >= 512 => 10, _ => 9 };
            if (table.Count + 258 == 4095)
            {
                Clear();
            }

            omega = "" + (char)value;
        }

        if (omega.Length > 0)
        {
            Put(Code(omega));
        }

        Put(257);
        byte[] packed = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            packed[i / 8] |= (byte)(bits[i] ? 0x80 >> (i % 8) : 0);
        }

        return packed;

        int Code(string text) => text.Length == 1 ? text[0] : table[text];

        void Clear()
        {
            Put(256);
            table.Clear();
            width = 9;
        }

        void Put(int code)
        {
            for (int bit = width - 1; bit >= 0; bit--)
            {
                bits.Add((code >> bit & 1) != 0);
            }
        }
    }

    /// <summary>How a file is laid out.</summary>
    public sealed record Layout
    {
        public int ImageWidth { get; init; } = Width;

        public int ImageHeight { get; init; } = Height;

        public bool LittleEndian { get; init; } = true;

        public int RowsPerStrip { get; init; } = Height;

        public int TileWidth { get; init; }

        public int TileHeight { get; init; }

        public bool TileData { get; init; } = true;

        public int Predictor { get; init; } = 1;

        public bool Planes { get; init; }

        public int Orientation { get; init; } = 1;

        public bool LowBitFirst { get; init; }

        public bool WhiteIsZero { get; init; }

        public int Alpha { get; init; } = 2;
    }
}
