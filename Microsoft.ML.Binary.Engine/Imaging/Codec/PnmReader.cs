using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Reads binary PGM (P5) and PPM (P6) files of the Netpbm family, 8 or 16 bits a sample; the first image if there are several.</summary>
internal static class PnmReader
{
    public static bool IsPnm(ReadOnlySpan<byte> file) => file.Length >= 2 && file[0] == 'P' && file[1] is (byte)'5' or (byte)'6';

    /// <exception cref="InvalidDataException">The data are not such a file, or truncated or too large; the message says where.</exception>
    public static Raster Decode(ReadOnlySpan<byte> file, string name)
    {
        if (!IsPnm(file))
        {
            throw new InvalidDataException($"{name}: not a binary PGM or PPM file: it starts with neither P5 nor P6.");
        }

        ColorModel color = file[1] == '5' ? ColorModel.Gray : ColorModel.Rgb;
        int position = 2;
        int width = ReadNumber(file, ref position, name, "width", int.MaxValue);
        int height = ReadNumber(file, ref position, name, "height", int.MaxValue);
        int maxValue = ReadNumber(file, ref position, name, "maximum value", ushort.MaxValue);
        if (position == file.Length || !IsSpace(file[position]))
        {
            throw new InvalidDataException($"{name}: PNM header: one white space must follow the maximum value.");
        }

        position++;
        if ((long)width * height > PngHeader.MaxPixels)
        {
            throw new InvalidDataException($"{name}: PNM header: size {width}x{height}, at most {PngHeader.MaxPixels} pixels are read.");
        }

        int sampleBytes = maxValue > byte.MaxValue ? 2 : 1;
        long needed = (long)width * height * Raster.ChannelsOf(color) * sampleBytes;
        if (needed > file.Length - position)
        {
            throw new InvalidDataException(
                $"{name}: the PNM file is truncated: {width}x{height} pixels need {needed} bytes, {file.Length - position} are there.");
        }

        var raster = new Raster(name, width, height, color, maxValue, file.Slice(position, (int)needed).ToArray());
        CheckRange(raster);
        return raster;
    }

    private static int ReadNumber(ReadOnlySpan<byte> file, ref int position, string name, string what, int max)
    {
        SkipSpaceAndComments(file, ref position);
        int start = position;
        long number = 0;
        while (position < file.Length && char.IsAsciiDigit((char)file[position]) && number <= max)
        {
            number = (10 * number) + (file[position++] - '0');
        }

        if (position == start || number < 1 || number > max)
        {
            throw new InvalidDataException($"{name}: PNM header: the {what} at byte {start} must be a number from 1 to {max}.");
        }

        return (int)number;
    }

    private static void SkipSpaceAndComments(ReadOnlySpan<byte> file, ref int position)
    {
        while (position < file.Length && (IsSpace(file[position]) || file[position] == '#'))
        {
            if (file[position] == '#')
            {
                int length = file[position..].IndexOfAny((byte)'\n', (byte)'\r');
                position = length < 0 ? file.Length : position + length;
            }
            else
            {
                position++;
            }
        }
    }

    private static void CheckRange(Raster raster)
    {
        if (raster.MaxValue is byte.MaxValue or ushort.MaxValue)
        {
            return;
        }

        int samples = raster.PixelCount * raster.Channels;
        for (int i = 0; i < samples; i++)
        {
            int value = raster.BytesPerSample == 1 ? raster.Samples[i] : BinaryPrimitives.ReadUInt16BigEndian(raster.Samples.AsSpan(2 * i));
            if (value > raster.MaxValue)
            {
                throw raster.Error(i / raster.Channels, $"value {value} is above the file's maximum value {raster.MaxValue}.");
            }
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (>= 9 and <= 13);
}
