namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The first directory of a TIFF file (TIFF 6.0, section 2), which is also the form of Exif data.</summary>
internal sealed class TiffDirectory
{
    public const ushort ImageWidth = 256;
    public const ushort ImageLength = 257;
    public const ushort BitsPerSample = 258;
    public const ushort Compression = 259;
    public const ushort Photometric = 262;
    public const ushort FillOrder = 266;
    public const ushort StripOffsets = 273;
    public const ushort Orientation = 274;
    public const ushort SamplesPerPixel = 277;
    public const ushort RowsPerStrip = 278;
    public const ushort StripByteCounts = 279;
    public const ushort PlanarConfiguration = 284;
    public const ushort Predictor = 317;
    public const ushort ColorMap = 320;
    public const ushort TileWidth = 322;
    public const ushort TileLength = 323;
    public const ushort TileOffsets = 324;
    public const ushort TileByteCounts = 325;
    public const ushort ExtraSamples = 338;
    public const ushort SampleFormat = 339;

    /// <summary>More is not read of Exif data: the first directory, which has the orientation, lies at their start.</summary>
    public const int MaxExifBytes = 1 << 16;

    private const int EntryBytes = 12;
    private const int InlineBytes = 4;

    private readonly ByteSource _source;
    private readonly Dictionary<ushort, (int Size, long Count, long Position)> _entries = [];

    /// <exception cref="EndOfStreamException">The data end within the directory.</exception>
    public TiffDirectory(ByteSource source)
    {
        _source = source;
        IsLittleEndian = source.Byte(0) == 'I';
        long directory = source.UInt32(4, IsLittleEndian);
        int count = source.UInt16(directory, IsLittleEndian);
        for (int i = 0; i < count; i++)
        {
            long entry = directory + 2 + (EntryBytes * i);
            long values = source.UInt32(entry + 4, IsLittleEndian);
            int size = source.UInt16(entry + 2, IsLittleEndian) switch
            {
                1 => 1, // BYTE
                3 => 2, // SHORT
                4 => 4, // LONG
                _ => 0,
            };
            if (size > 0 && values > 0)
            {
                bool inline = size * values <= InlineBytes;
                _entries.TryAdd(source.UInt16(entry, IsLittleEndian), (size, values, inline ? entry + 8 : source.UInt32(entry + 8, IsLittleEndian)));
            }
        }
    }

    public bool IsLittleEndian { get; }

    public static bool IsTiff(ReadOnlySpan<byte> start) => start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8);

    /// <summary>The orientation in Exif data; null where there is none, or none that makes sense.</summary>
    public static ImageOrientation? ReadOrientation(ByteSource exif)
    {
        try
        {
            Span<byte> start = stackalloc byte[4];
            exif.ReadExactly(0, start);
            return IsTiff(start) ? new TiffDirectory(exif).FindOrientation() : null;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    public static ImageInfo ReadInfo(ByteSource source, string name)
    {
        TiffDirectory directory = new(source);
        (long width, long height) = (directory.Value(ImageWidth, 0), directory.Value(ImageLength, 0));
        return width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue
            ? new ImageInfo(ImageFormat.Tiff, (int)width, (int)height, directory.FindOrientation() ?? ImageOrientation.Upright)
            : throw Error(name, $"its first directory gives the size {width}x{height}.");
    }

    public static InvalidDataException Error(string name, string what) => new($"{name}: TIFF file: {what}");

    /// <summary>The first value of a field; what is given where the field is missing.</summary>
    public long Value(ushort tag, long missing) => _entries.TryGetValue(tag, out var entry) ? ValueAt(entry.Size, entry.Position) : missing;

    /// <summary>All values of a field, none where it is missing.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public long[] Values(ushort tag)
    {
        if (!_entries.TryGetValue(tag, out var entry))
        {
            return [];
        }

        if (entry.Position + (entry.Size * entry.Count) > _source.Length)
        {
            throw new EndOfStreamException();
        }

        long[] values = new long[entry.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ValueAt(entry.Size, entry.Position + ((long)entry.Size * i));
        }

        return values;
    }

    private ImageOrientation? FindOrientation() => Value(Orientation, 0) is >= 1 and <= 8 and var value ? (ImageOrientation)value : null;

    private long ValueAt(int size, long position) => size switch
    {
        1 => _source.Byte(position),
        2 => _source.UInt16(position, IsLittleEndian),
        _ => _source.UInt32(position, IsLittleEndian),
    };
}
