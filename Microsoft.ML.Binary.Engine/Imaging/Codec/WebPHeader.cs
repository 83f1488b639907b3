namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Size and orientation of a WebP file (RFC 9649).</summary>
internal static class WebPHeader
{
    private const int FirstChunk = 12;
    private const int ChunkHeader = 8;

    public static ImageInfo ReadInfo(ByteSource source, string name)
    {
        const long data = FirstChunk + ChunkHeader;
        switch (source.UInt32(FirstChunk, littleEndian: false))
        {
            case 0x56503820: // "VP8 ": after a frame tag of 3 bytes and a start code, 14 bits each
                return Upright(source.UInt16(data + 6, littleEndian: true) & 0x3FFF, source.UInt16(data + 8, littleEndian: true) & 0x3FFF);
            case 0x5650384C: // "VP8L": after a signature byte, 14 bits each, less 1
                long bits = source.UInt32(data + 1, littleEndian: true);
                return Upright((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
            case 0x56503858: // "VP8X": flags, then the canvas in 24 bits each, less 1
                int width = (int)(source.UInt32(data + 4, littleEndian: true) & 0xFFFFFF) + 1;
                int height = (int)(source.UInt32(data + 6, littleEndian: true) >> 8) + 1;
                return Upright(width, height) with { Orientation = FindExif(source) };
            default:
                throw new InvalidDataException($"{name}: damaged WebP file: it does not begin with image data.");
        }
    }

    /// <summary>Whether the first frame is coded without loss, so that its decoder holds all pixels. The file has passed <see cref="ReadInfo"/>.</summary>
    public static bool IsLossless(ByteSource source)
    {
        const int frameHeader = 16;
        for (long position = FirstChunk; position + ChunkHeader <= source.Length;)
        {
            switch (source.UInt32(position, littleEndian: false))
            {
                case 0x56503820: // "VP8 "
                    return false;
                case 0x5650384C: // "VP8L"
                    return true;
                case 0x414E4D46: // "ANMF", which holds chunks
                    position += ChunkHeader + frameHeader;
                    continue;
            }

            long length = source.UInt32(position + 4, littleEndian: true);
            position += ChunkHeader + length + (length & 1);
        }

        return false;
    }

    private static ImageInfo Upright(int width, int height) => new(ImageFormat.WebP, width, height, ImageOrientation.Upright);

    private static ImageOrientation FindExif(ByteSource source)
    {
        for (long position = FirstChunk; position + ChunkHeader <= source.Length;)
        {
            long length = source.UInt32(position + 4, littleEndian: true);
            if (source.UInt32(position, littleEndian: false) == 0x45584946) // "EXIF"
            {
                byte[] exif = new byte[Math.Min(length, TiffDirectory.MaxExifBytes)];
                exif = exif[..source.Read(position + ChunkHeader, exif)];
                int start = exif.AsSpan().StartsWith("Exif\0\0"u8) ? 6 : 0;
                return TiffDirectory.ReadOrientation(new MemorySource(exif.AsMemory(start))) ?? ImageOrientation.Upright;
            }

            position += ChunkHeader + length + (length & 1);
        }

        return ImageOrientation.Upright;
    }
}
