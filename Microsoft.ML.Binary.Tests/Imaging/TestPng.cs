using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>
/// A second, slow PNG encoder that follows the specification pixel by pixel and shares no code with the product: any colour type, depth,
/// interlacing and filter, and any chunk, damaged ones too. What the product reads of such a file, <see cref="Decode"/> gives.
/// </summary>
internal static class TestPng
{
    public static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private static readonly (int X, int Y, int Dx, int Dy)[] Adam7 =
    [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ];

    /// <summary>Samples as the reader hands them out, of pseudo-random values over the whole range of the depth.</summary>
    public static byte[] RandomSamples(int seed, int width, int height, ColorModel color, int bitDepth)
    {
        byte[] samples = new byte[width * height * Channels(color) * (bitDepth == 16 ? 2 : 1)];
        new Random(seed).NextBytes(samples);
        if (bitDepth < 8)
        {
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] &= (byte)((1 << bitDepth) - 1);
            }
        }

        return samples;
    }

    /// <summary>A whole file. The filter is 0 to 4, or -1 to change from row to row.</summary>
    public static byte[] Encode(
        int width, int height, ColorModel color, int bitDepth, byte[] samples, bool interlaced = false, int filter = -1, params byte[][] extraChunks)
        => File(
            [
                Header(width, height, color, bitDepth, interlaced),
                .. extraChunks,
                Chunk("IDAT", Deflate(Scanlines(width, height, color, bitDepth, samples, interlaced, filter))),
                Chunk("IEND"),
            ]);

    public static Raster Decode(ReadOnlyMemory<byte> file, string name = "test", Action<string>? warn = null) => PngReader.Open(new MemorySource(file), name, warn).ReadAll();

    public static byte[] File(params byte[][] chunks) => [.. Signature, .. chunks.SelectMany(chunk => chunk)];

    public static byte[] Header(int width, int height, ColorModel color, int bitDepth, bool interlaced = false)
    {
        byte[] data = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(data, width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), height);
        data[8] = (byte)bitDepth;
        data[9] = (byte)color;
        data[12] = interlaced ? (byte)1 : (byte)0;
        return Chunk("IHDR", data);
    }

    public static byte[] Chunk(string type, params byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    public static byte[] Deflate(byte[] data)
    {
        using var output = new MemoryStream();
        using (var deflater = new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflater.Write(data);
        }

        return output.ToArray();
    }

    public static byte[] Scanlines(int width, int height, ColorModel color, int bitDepth, byte[] samples, bool interlaced, int filter)
    {
        var output = new List<byte>();
        int pixelBits = Channels(color) * bitDepth;
        int rowNumber = 0;
        foreach ((int x0, int y0, int dx, int dy) in interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            if (x0 >= width)
            {
                continue;
            }

            byte[] above = [];
            for (int y = y0; y < height; y += dy)
            {
                byte[] line = PackRow(width, y, x0, dx, color, bitDepth, samples);
                above = above.Length == 0 ? new byte[line.Length] : above;
                int chosen = filter < 0 ? rowNumber++ % 5 : filter;
                output.Add((byte)chosen);
                output.AddRange(Filter(chosen, line, above, Math.Max(1, pixelBits / 8)));
                above = line;
            }
        }

        return [.. output];
    }

    private static byte[] PackRow(int width, int y, int x0, int dx, ColorModel color, int bitDepth, byte[] samples)
    {
        int channels = Channels(color);
        var bits = new List<int>();
        for (int x = x0; x < width; x += dx)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int i = (((y * width) + x) * channels) + channel;
                int value = bitDepth == 16 ? (samples[2 * i] * 256) + samples[(2 * i) + 1] : samples[i];
                for (int bit = bitDepth - 1; bit >= 0; bit--)
                {
                    bits.Add((value >> bit) & 1);
                }
            }
        }

        byte[] line = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
        {
            line[i / 8] |= (byte)(bits[i] << (7 - (i % 8)));
        }

        return line;
    }

    private static IEnumerable<byte> Filter(int filter, byte[] line, byte[] above, int step)
    {
        for (int i = 0; i < line.Length; i++)
        {
            int a = i >= step ? line[i - step] : 0;
            int b = above[i];
            int c = i >= step ? above[i - step] : 0;
            int predicted = filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) };
            yield return (byte)(line[i] - predicted);
        }
    }

    private static int Paeth(int a, int b, int c)
    {
        int p = a + b - c;
        return new[] { a, b, c }.MinBy(candidate => Math.Abs(p - candidate));
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static int Channels(ColorModel color) => color switch
    {
        ColorModel.Gray or ColorModel.Palette => 1,
        ColorModel.GrayAlpha => 2,
        ColorModel.Rgb => 3,
        _ => 4,
    };
}
