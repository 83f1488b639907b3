using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>What reads one image format.</summary>
internal abstract class ImageTarget : Target
{
    public override bool Read(byte[] file, bool thoroughly) => ImageReading.Read(file, thoroughly) is not null;
}

/// <summary>PNG images of every colour type and depth, with right checksums and with data that unpack too.</summary>
internal sealed class PngTarget : ImageTarget
{
    private static readonly (byte Type, byte[] Depths, int Samples)[] s_kinds =
        [(0, [1, 2, 4, 8, 16], 1), (2, [8, 16], 3), (3, [1, 2, 4, 8], 1), (4, [8, 16], 2), (6, [8, 16], 4)];

    public override string Name => "png";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. s_kinds.SelectMany(kind => kind.Depths.SelectMany(depth => new[] { Make(kind.Type, depth, kind.Samples, 9, 5, 0), Make(kind.Type, depth, kind.Samples, 9, 5, 1) }))];

    public override byte[] Forge(ref RandomStream random, byte[] file)
    {
        using MemoryStream forged = new();
        forged.Write(file.AsSpan(0, 8));
        for (int at = 8; at + 12 <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            byte[] type = file[(at + 4)..(at + 8)], data = file[(at + 8)..(at + 8 + length)];
            at += 12 + length;
            if (random.NextInt(4) > 0 || data.Length == 0)
            {
                Chunk(forged, type, data);
            }
            else if (type.AsSpan().SequenceEqual("IDAT"u8) && random.NextInt(2) == 0)
            {
                byte[] raw = Unpack(data);
                Chunk(forged, type, Pack(ByteMutation.Apply(ref random, raw, [raw])));
            }
            else
            {
                Chunk(forged, type, ByteMutation.Apply(ref random, data, [data]));
            }
        }

        return forged.ToArray();
    }

    private static byte[] Make(byte type, byte depth, int samples, int width, int height, byte interlace)
    {
        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, type, interlace);
        Chunk(png, "IHDR"u8, header);
        if (type == 3)
        {
            Chunk(png, "PLTE"u8, [.. Enumerable.Range(0, 3 << depth).Select(i => (byte)(37 * i))]);
            Chunk(png, "tRNS"u8, [0, 128]);
        }

        // Rows of whole images, or of the seven passes of an interlaced one.
        List<byte> raw = [];
        (int X, int Y, int StepX, int StepY)[] passes = interlace == 0
            ? [(0, 0, 1, 1)]
            : [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        foreach ((int x, int y, int stepX, int stepY) in passes)
        {
            int columns = (width - x + stepX - 1) / stepX, rows = (height - y + stepY - 1) / stepY;
            for (int row = 0; row < rows && columns > 0; row++)
            {
                raw.Add((byte)(row % 5));
                raw.AddRange(Enumerable.Range(0, (columns * samples * depth + 7) / 8).Select(i => (byte)(row + 13 * i)));
            }
        }

        Chunk(png, "IDAT"u8, Pack([.. raw]));
        Chunk(png, "tEXt"u8, "Comment\0made for fuzzing"u8);
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        Crc32 crc = new();
        crc.Append(type);
        crc.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        png.Write(number);
    }

    /// <summary>Compressed as PNG and TIFF have it.</summary>
    public static byte[] Pack(byte[] raw)
    {
        using MemoryStream packed = new();
        using (ZLibStream stream = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(raw);
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] packed)
    {
        using MemoryStream raw = new();
        using ZLibStream stream = new(new MemoryStream(packed), CompressionMode.Decompress);
        stream.CopyTo(raw);
        return raw.ToArray();
    }
}

/// <summary>Binary PGM and PPM images.</summary>
internal sealed class PnmTarget : ImageTarget
{
    public override string Name => "pnm";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[] { ("P5\n3 2\n255\n", 6), ("P6\n3 2\n255\n", 18), ("P5 # comment\n 3\t2 65535\n", 12), ("P6\n3 2\n1023\n", 36), ("P5\n1 1\n1\n", 1) }
            .Select(seed => (byte[])[.. Encoding.ASCII.GetBytes(seed.Item1), .. Enumerable.Range(0, seed.Item2).Select(i => (byte)(i % 2))]),
    ];
}

/// <summary>JPEG, WebP and GIF images, decoded and segmented as an upload would be.</summary>
internal sealed class PhotoTarget : Target
{
    private readonly SegmentationPredictor _predictor = new(
        new DenseNetwork(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, 2)), DenseTask.Segmentation, ["a", "b"]), new() { Threads = 1 });

    public override string Name => "photo";

    public override double Weight => 0.2;

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Encoded(), Gif(), ExtendedWebP()];

    public override bool Read(byte[] file, bool thoroughly)
    {
        if (ImageReading.Read(file, thoroughly) is not { } image)
        {
            return false;
        }

        SegmentationMask mask = _predictor.Predict(image);
        Expect(mask.Labels.Length == mask.Width * mask.Height, "Labels are missing.");
        return true;
    }

    private static IEnumerable<byte[]> Encoded()
    {
        byte[] pixels = [.. Enumerable.Range(0, 4 * 24 * 17).Select(i => i % 4 == 3 ? (byte)255 : (byte)(i * 7))];
        using MLImage image = MLImage.CreateFromPixels(24, 17, MLPixelFormat.Bgra32, pixels);
        foreach (string extension in new[] { ".jpg", ".webp" })
        {
            string path = ScratchFile.Path + extension;
            image.Save(path);
            yield return File.ReadAllBytes(path);
        }
    }

    private static byte[] Gif() =>
        [.. "GIF89a"u8, 2, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x44, 0x34, 0x05, 0, 0x3B];

    // A canvas, a chunk that nobody knows and an orientation, as the extended format has them, around the image that Skia wrote.
    private static byte[] ExtendedWebP()
    {
        byte[] simple = Encoded().Last(), image = simple[12..];
        byte[] exif = [.. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        byte[] body = [.. "WEBPVP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, 23, 0, 0, 16, 0, 0, .. "TEST"u8, 2, 0, 0, 0, 1, 2, .. image, .. "EXIF"u8, (byte)exif.Length, 0, 0, 0, .. exif];
        byte[] file = [.. "RIFF"u8, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), body.Length);
        return file;
    }
}
