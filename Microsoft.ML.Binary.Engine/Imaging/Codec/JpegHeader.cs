namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Walks the marker segments of a JPEG file (ITU-T T.81, annex B).</summary>
internal static class JpegHeader
{
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;
    private const byte Application1 = 0xE1;

    private static ReadOnlySpan<byte> ExifStart => "Exif\0\0"u8;

    /// <summary>Size and orientation; the segments up to the frame header are looked at.</summary>
    public static ImageInfo ReadInfo(ByteSource source, string name)
    {
        ImageOrientation orientation = ImageOrientation.Upright;
        long position = 2;
        while (true)
        {
            byte marker = NextMarker(source, ref position, name);
            if (marker is StartOfScan or EndOfImage)
            {
                throw new InvalidDataException($"{name}: damaged JPEG file: no frame header stands before its image data.");
            }

            if (IsAlone(marker))
            {
                continue;
            }

            int length = source.UInt16(position, littleEndian: false);
            if (length < 2)
            {
                throw new InvalidDataException($"{name}: damaged JPEG file: a segment of {length} bytes at byte {position}.");
            }

            if (IsFrame(marker))
            {
                return new ImageInfo(
                    ImageFormat.Jpeg, source.UInt16(position + 5, littleEndian: false), source.UInt16(position + 3, littleEndian: false), orientation);
            }

            if (marker == Application1)
            {
                orientation = ReadOrientation(source, position + 2, length - 2) ?? orientation;
            }

            position += length;
        }
    }

    /// <summary>
    /// Bytes a pixel of the coefficients that a decoder holds, 2 for each: none where each scan holds all of its pixels. The file has passed <see cref="ReadInfo"/>.
    /// </summary>
    public static double CoefficientBytes(ByteSource source, string name)
    {
        (double bytes, int components, bool progressive) = (0, 0, false);
        for (long position = 2; ;)
        {
            byte marker = NextMarker(source, ref position, name);
            if (IsAlone(marker))
            {
                continue;
            }

            if (marker == StartOfScan)
            {
                return progressive || source.Byte(position + 2) < components ? bytes : 0;
            }

            if (IsFrame(marker))
            {
                (components, progressive) = (source.Byte(position + 7), (marker & 3) == 2);
                int[] samples = [.. Enumerable.Range(0, components).Select(i => (int)source.Byte(position + 9 + (3 * i)))];
                int most = samples.Length == 0 ? 1 : Math.Max(1, samples.Max(s => s >> 4) * samples.Max(s => s & 15));
                bytes = 2.0 * samples.Sum(s => (s >> 4) * (s & 15)) / most;
            }

            position += source.UInt16(position, littleEndian: false);
        }
    }

    /// <summary>
    /// Finds where the picture ends. Phones put films, depth maps and their own trailers after it, and previews of their own before it,
    /// so only the walk from segment to segment tells.
    /// </summary>
    /// <returns>The position after the end marker; null if the file ends without one.</returns>
    /// <exception cref="InvalidDataException">The file ends before any image data, or within a header.</exception>
    public static int? FindEnd(ReadOnlySpan<byte> file, string name)
    {
        var truncated = new Func<string, InvalidDataException>(where => new($"{name}: the JPEG file is truncated: it ends {where}."));
        bool scan = false;
        int position = 2;
        while (true)
        {
            // In a scan, FF 00 is data and FF D0 to FF D7 are restart markers; elsewhere there is nothing between segments but padding.
            int next = file[position..].IndexOf((byte)0xFF);
            if (next < 0 || position + next + 1 >= file.Length)
            {
                return scan ? null : throw truncated("before its image data");
            }

            position += next + 1;
            byte marker = file[position];
            if (marker == EndOfImage)
            {
                return scan ? position + 1 : throw truncated("before its image data");
            }

            if (marker == 0xFF)
            {
                continue;
            }

            position++;
            if (marker == 0 || IsAlone(marker))
            {
                continue;
            }

            int length = position + 2 <= file.Length ? (file[position] << 8) | file[position + 1] : int.MaxValue;
            if (length > file.Length - position)
            {
                throw truncated(scan ? "between its scans" : "within its headers");
            }

            scan |= marker == StartOfScan;
            position += length;
        }
    }

    private static byte NextMarker(ByteSource source, ref long position, string name)
    {
        if (source.Byte(position) != 0xFF)
        {
            throw new InvalidDataException($"{name}: damaged JPEG file: no marker at byte {position}.");
        }

        byte marker;
        do
        {
            marker = source.Byte(++position);
        }
        while (marker == 0xFF);
        position++;
        return marker;
    }

    private static ImageOrientation? ReadOrientation(ByteSource source, long position, int length)
    {
        byte[] data = new byte[length];
        source.ReadExactly(position, data);
        return data.AsSpan().StartsWith(ExifStart) ? TiffDirectory.ReadOrientation(new MemorySource(data.AsMemory(ExifStart.Length))) : null;
    }

    // SOF0 to SOF15 without DHT, JPG and DAC, which lie among them.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    // TEM, RST0 to RST7 and SOI have no length.
    private static bool IsAlone(byte marker) => marker is 0x01 or (>= 0xD0 and <= 0xD8);
}
