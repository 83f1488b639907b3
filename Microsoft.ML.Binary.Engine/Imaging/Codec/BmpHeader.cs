using System.Numerics;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Where the bits of a channel lie in a pixel of 16 or 32 bits.</summary>
internal readonly record struct BmpField(uint Mask)
{
    /// <summary>The channel scaled to 0..255 and rounded; 255 where it is not stored.</summary>
    public byte Of(uint pixel)
    {
        if (Mask == 0)
        {
            return byte.MaxValue;
        }

        int shift = BitOperations.TrailingZeroCount(Mask);
        ulong max = Mask >> shift;
        return (byte)(((((ulong)(pixel & Mask) >> shift) * byte.MaxValue) + (max / 2)) / max);
    }
}

/// <summary>The headers of a Windows or OS/2 bitmap: those of 12 bytes (BITMAPCOREHEADER), and those of 40 to 124 that begin alike.</summary>
internal sealed record BmpHeader(int Width, int Height, bool TopDown, int BitCount, int Compression)
{
    public const int Uncompressed = 0;
    public const int RunLength8 = 1;
    public const int RunLength4 = 2;
    public const int BitFields = 3;
    public const int AlphaBitFields = 6;

    private const int FileHeaderBytes = 14;
    private const int CoreHeaderBytes = 12;
    private const int InfoHeaderBytes = 40;
    private const int LargestHeaderBytes = 124;

    public ImageInfo Info => new(ImageFormat.Bmp, Width, Height, ImageOrientation.Upright);

    /// <summary>Where the pixels begin.</summary>
    public long PixelOffset { get; private init; }

    public long PaletteOffset { get; private init; }

    public int PaletteCount { get; private init; }

    /// <summary>3 or 4: blue, green, red, and in newer files a byte that means nothing.</summary>
    public int PaletteEntryBytes { get; private init; }

    public BmpField Red { get; private init; }

    public BmpField Green { get; private init; }

    public BmpField Blue { get; private init; }

    /// <summary>Without bits where pixels have no alpha.</summary>
    public BmpField Alpha { get; private init; }

    /// <exception cref="InvalidDataException">The header makes no sense, or is of a kind that is not read.</exception>
    public static BmpHeader Read(ByteSource source, string name)
    {
        long size = source.UInt32(FileHeaderBytes, littleEndian: true);
        bool core = size == CoreHeaderBytes;
        if (!core && size is < InfoHeaderBytes or > LargestHeaderBytes)
        {
            throw Error(name, $"a header of {size} bytes; those of {CoreHeaderBytes} and {InfoHeaderBytes} to {LargestHeaderBytes} are known.");
        }

        int width = core ? source.UInt16(18, true) : (int)source.UInt32(18, true);
        int height = core ? source.UInt16(20, true) : (int)source.UInt32(22, true);
        int bits = source.UInt16(core ? 24 : 28, true);
        int compression = core ? Uncompressed : (int)source.UInt32(30, true);
        bool known = compression switch
        {
            Uncompressed => bits is 1 or 2 or 4 or 8 or 16 or 24 or 32,
            RunLength8 => bits == 8,
            RunLength4 => bits == 4,
            BitFields or AlphaBitFields => bits is 16 or 32,
            _ => false,
        };
        if (width < 1 || height is 0 or int.MinValue)
        {
            throw Error(name, $"the header gives the size {width}x{height}; both sides must be at least 1.");
        }

        if (!known)
        {
            throw Error(name, $"{bits} bits a pixel with compression {compression} are not read; save it as PNG.");
        }

        long afterHeader = FileHeaderBytes + size;
        BmpHeader header = new(width, Math.Abs(height), TopDown: height < 0, bits, compression)
        {
            PixelOffset = source.UInt32(10, true),
            PaletteOffset = afterHeader,
            PaletteCount = bits > 8 ? 0 : core ? 1 << bits : PaletteSize(source.UInt32(46, true), bits),
            PaletteEntryBytes = core ? 3 : 4,
        };
        return bits switch
        {
            16 or 32 when compression != Uncompressed => header with
            {
                Red = Field(0),
                Green = Field(4),
                Blue = Field(8),
                Alpha = size >= 56 || compression == AlphaBitFields ? Field(12) : default,
            },
            16 => header with { Red = new(0x7C00), Green = new(0x03E0), Blue = new(0x001F) },
            32 => header with { Red = new(0xFF0000), Green = new(0x00FF00), Blue = new(0x0000FF) },
            _ => header,
        };

        // The masks stand after the header of 40 bytes, which is where longer headers have them too.
        BmpField Field(int offset) => new((uint)source.UInt32(FileHeaderBytes + InfoHeaderBytes + offset, true));
    }

    public static InvalidDataException Error(string name, string what) => new($"{name}: BMP file: {what}");

    private static int PaletteSize(long used, int bits) => used == 0 || used > 1 << bits ? 1 << bits : (int)used;
}
