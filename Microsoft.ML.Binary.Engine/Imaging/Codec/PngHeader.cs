using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The IHDR chunk, checked, and the sizes that follow from it (PNG specification, third edition, section 11.2.1).</summary>
internal sealed record PngHeader(int Width, int Height, ColorModel Color, int BitDepth, bool Interlaced)
{
    /// <summary>Largest number of pixels that is decoded; a header that claims more is refused before anything is allocated.</summary>
    public const long MaxPixels = 1L << 28;

    public const int Length = 13;

    private static readonly PngPass[] WholeImage = [new(0, 0, 1, 1)];

    private static readonly PngPass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    public int BitsPerPixel => Raster.ChannelsOf(Color) * BitDepth;

    /// <summary>Distance in bytes to the "left" neighbour in the filters.</summary>
    public int FilterStep => Math.Max(1, BitsPerPixel / 8);

    /// <summary>Bytes a pixel takes once each sample has whole bytes.</summary>
    public int UnpackedPixelBytes => Raster.ChannelsOf(Color) * (BitDepth == 16 ? 2 : 1);

    public PngPass[] Passes => Interlaced ? Adam7 : WholeImage;

    /// <summary>Bytes of all filtered scan lines: what the compressed data must inflate to.</summary>
    public long ScanlineBytes
        => Passes.Sum(pass => pass.Columns(Width) == 0 ? 0 : pass.Rows(Height) * (1L + RowBytes(pass.Columns(Width))));

    public int RowBytes(int columns) => checked((int)((((long)columns * BitsPerPixel) + 7) / 8));

    public static PngHeader Parse(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != Length)
        {
            throw PngChunks.Error(name, "IHDR", $"{data.Length} bytes long, must be {Length}.");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width == 0 || height == 0 || width > int.MaxValue || height > int.MaxValue || (ulong)width * height > MaxPixels)
        {
            throw PngChunks.Error(name, "IHDR", $"size {width}x{height}; both sides must be at least 1 and their product at most {MaxPixels} pixels.");
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

        var header = new PngHeader((int)width, (int)height, color, bitDepth, data[12] == 1);
        if ((long)width * height * header.UnpackedPixelBytes > Array.MaxLength)
        {
            throw PngChunks.Error(name, "IHDR", $"{width}x{height} pixels of {header.UnpackedPixelBytes} bytes do not fit one buffer.");
        }

        return header;
    }
}

/// <summary>One pass over the image: every <paramref name="StepX"/>-th column from <paramref name="X"/> on, and rows likewise.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    public int Columns(int width) => width > X ? ((width - X - 1) / StepX) + 1 : 0;

    public int Rows(int height) => height > Y ? ((height - Y - 1) / StepY) + 1 : 0;
}
