namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The size of a GIF (version 89a, sections 18 to 20): the screen, or the first frame where that reaches beyond it.</summary>
internal static class GifHeader
{
    private const int ScreenEnd = 13;

    public static ImageInfo ReadInfo(ByteSource source)
    {
        int width = source.UInt16(6, littleEndian: true);
        int height = source.UInt16(8, littleEndian: true);
        long position = ScreenEnd + ColorTableBytes(source.Byte(10));
        while (position < source.Length)
        {
            switch (source.Byte(position))
            {
                case (byte)'!':
                    position = SkipBlocks(source, position + 2);
                    continue;
                case (byte)',':
                    width = Math.Max(width, source.UInt16(position + 1, littleEndian: true) + source.UInt16(position + 5, littleEndian: true));
                    height = Math.Max(height, source.UInt16(position + 3, littleEndian: true) + source.UInt16(position + 7, littleEndian: true));
                    break;
            }

            break;
        }

        return new ImageInfo(ImageFormat.Gif, width, height, ImageOrientation.Upright);
    }

    private static int ColorTableBytes(byte flags) => (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;

    private static long SkipBlocks(ByteSource source, long position)
    {
        for (byte length = source.Byte(position); length != 0; length = source.Byte(position))
        {
            position += length + 1;
        }

        return position + 1;
    }
}
