namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The first directory of a TIFF file (TIFF 6.0, section 2), which is also the form of Exif data.</summary>
internal static class TiffHeader
{
    /// <summary>More is not read of Exif data: the first directory, which has the orientation, lies at their start.</summary>
    public const int MaxExifBytes = 1 << 16;

    private const int EntryBytes = 12;
    private const ushort ImageWidth = 256;
    private const ushort ImageLength = 257;
    private const ushort OrientationTag = 274;
    private const ushort Short = 3;
    private const ushort Long = 4;

    public static bool IsTiff(ReadOnlySpan<byte> start) => start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8);

    public static ImageInfo ReadInfo(ByteSource source, string name)
    {
        (uint width, uint height, ImageOrientation orientation) = ReadDirectory(source);
        return width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue
            ? new ImageInfo(ImageFormat.Tiff, (int)width, (int)height, orientation)
            : throw new InvalidDataException($"{name}: damaged TIFF file: its first directory gives the size {width}x{height}.");
    }

    /// <summary>The orientation in Exif data; null where there is none, or none that makes sense.</summary>
    public static ImageOrientation? ReadOrientation(ByteSource exif)
    {
        try
        {
            Span<byte> start = stackalloc byte[4];
            exif.ReadExactly(0, start);
            return IsTiff(start) ? ReadDirectory(exif).Orientation : null;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static (uint Width, uint Height, ImageOrientation Orientation) ReadDirectory(ByteSource source)
    {
        bool little = source.Byte(0) == 'I';
        uint directory = source.UInt32(4, little);
        int count = source.UInt16(directory, little);
        (uint Width, uint Height, ImageOrientation Orientation) found = (0, 0, ImageOrientation.Upright);
        for (int i = 0; i < count; i++)
        {
            long entry = directory + 2 + ((long)EntryBytes * i);
            ushort tag = source.UInt16(entry, little);
            uint? value = source.UInt16(entry + 2, little) switch
            {
                Short => source.UInt16(entry + 8, little),
                Long => source.UInt32(entry + 8, little),
                _ => null,
            };
            switch (tag)
            {
                case ImageWidth:
                    found.Width = value ?? 0;
                    break;
                case ImageLength:
                    found.Height = value ?? 0;
                    break;
                case OrientationTag when value is >= 1 and <= 8:
                    found.Orientation = (ImageOrientation)value;
                    break;
            }
        }

        return found;
    }
}
