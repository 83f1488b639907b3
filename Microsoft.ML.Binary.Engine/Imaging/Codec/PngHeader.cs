using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The IHDR chunk, checked, and the sizes that follow from it (PNG specification, third edition, section 11.2.1).</summary>
internal sealed record PngHeader(int Width, int Height, ColorModel Color, int BitDepth, bool Interlaced)
{
    public const int Length = 13;

    /// <summary>The seven passes of an interlaced image.</summary>
    public static readonly PngPass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    private static readonly PngPass[] s_whole = [new(0, 0, 1, 1)];

    /// <summary>The passes of this image.</summary>
    public PngPass[] Passes => Interlaced ? Adam7 : s_whole;

    public int BitsPerPixel => Raster.ChannelsOf(Color) * BitDepth;

    /// <summary>Distance in bytes to the "left" neighbour in the filters.</summary>
    public int FilterStep => Math.Max(1, BitsPerPixel / 8);

    /// <summary>Bytes of all filtered scan lines: what the compressed data must inflate to.</summary>
    public long ScanlineBytes => Passes
        .Sum(pass => pass.Columns(Width) == 0 ? 0 : pass.Rows(Height) * (1L + RowBytes(pass.Columns(Width))));

    public int RowBytes(int columns) => checked((int)((((long)columns * BitsPerPixel) + 7) / 8));

    public static PngHeader Parse(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != Length)
        {
            throw PngChunks.Error(name, "IHDR", $"{data.Length} bytes long, must be {Length}.");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw PngChunks.Error(name, "IHDR", $"size {width}x{height}; both sides must be from 1 to {int.MaxValue}.");
        }

        byte bitDepth = data[8];
        var color = (ColorModel)data[9];
        bool known = color switch
        {
            ColorModel.Gray => bitDepth is 1 or 2 or 4 or 8 or 16,
            ColorModel.Palette => bitDepth is 1 or 2 or 4 or 8,
            ColorModel.Rgb or ColorModel.GrayAlpha or ColorModel.Rgba => bitDepth is 8 or 16,
            _ => false,
        };
        if (!known)
        {
            throw PngChunks.Error(name, "IHDR", $"colour type {data[9]} with bit depth {bitDepth} is not a PNG format.");
        }

        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw PngChunks.Error(
                name, "IHDR", $"compression {data[10]}, filter {data[11]}, interlace {data[12]}; PNG defines 0, 0 and 0 or 1.");
        }

        return new PngHeader((int)width, (int)height, color, bitDepth, data[12] == 1);
    }

    /// <summary>Size and orientation, from the header and from the Exif chunk, which may stand anywhere.</summary>
    public static ImageInfo ReadInfo(ByteSource source, string name)
    {
        long position = PngChunks.Signature.Length;
        if (source.UInt32(position + 4, littleEndian: false) != Chunk("IHDR"u8))
        {
            throw PngChunks.Error(name, "IHDR", "missing: a PNG file starts with it.");
        }

        byte[] data = new byte[Length];
        source.ReadExactly(position + 8, data);
        PngHeader header = source.UInt32(position, littleEndian: false) == Length
            ? Parse(data, name)
            : throw PngChunks.Error(name, "IHDR", $"{source.UInt32(position, littleEndian: false)} bytes long, must be {Length}.");
        ImageOrientation orientation = ImageOrientation.Upright;
        while ((position += PngChunks.FrameBytes + source.UInt32(position, littleEndian: false)) + PngChunks.FrameBytes <= source.Length)
        {
            if (source.UInt32(position + 4, littleEndian: false) == Chunk("eXIf"u8))
            {
                byte[] exif = new byte[Math.Min(source.UInt32(position, littleEndian: false), TiffDirectory.MaxExifBytes)];
                exif = exif[..source.Read(position + 8, exif)];
                // Whether it is damaged shows when the file is decoded.
                orientation = TiffDirectory.ReadOrientation(new MemorySource(exif)) ?? orientation;
                break;
            }
        }

        return new ImageInfo(ImageFormat.Png, header.Width, header.Height, orientation);

        static uint Chunk(ReadOnlySpan<byte> type) => BinaryPrimitives.ReadUInt32BigEndian(type);
    }
}

/// <summary>One pass over the image: every <paramref name="StepX"/>-th column from <paramref name="X"/> on, and rows likewise.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    public int Columns(int width) => width > X ? ((width - X - 1) / StepX) + 1 : 0;

    public int Rows(int height) => height > Y ? ((height - Y - 1) / StepY) + 1 : 0;
}
