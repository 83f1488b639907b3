using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Reads binary PGM (P5) and PPM (P6) files of the Netpbm family, 8 or 16 bits a sample; the first image if there are several.</summary>
internal sealed class PnmReader : SampleReader
{
    /// <summary>A header has no longest length, since comments have none; one that is longer is refused.</summary>
    private const int MaxHeaderBytes = 1 << 16;

    private readonly ByteSource _file;
    private readonly int _start;

    private PnmReader(Raster form, ByteSource file, int start)
        : base(form) => (_file, _start) = (file, start);

    public static bool IsPnm(ReadOnlySpan<byte> file) => file.Length >= 2 && file[0] == 'P' && file[1] is (byte)'5' or (byte)'6';

    public static ImageInfo ReadInfo(ByteSource source, string name)
    {
        (Raster form, _) = ReadHeader(source, name);
        return new ImageInfo(ImageFormat.Pnm, form.Width, form.Height, ImageOrientation.Upright);
    }

    /// <exception cref="InvalidDataException">The data are not such a file, or truncated; the message says where.</exception>
    public static PnmReader Open(ByteSource file, string name)
    {
        (Raster form, int position) = ReadHeader(file, name);
        long needed = (long)form.Width * form.Height * form.Channels * form.BytesPerSample;
        return needed <= file.Length - position
            ? new PnmReader(form, file, position)
            : throw new InvalidDataException(
                $"{name}: the PNM file is truncated: {form.Width}x{form.Height} pixels need {needed} bytes, {file.Length - position} are there.");
    }

    public override void ReadRows(Func<SampleRow> begin)
    {
        SampleRow take = begin();
        int stride = Form.Width * Form.Channels * Form.BytesPerSample;
        byte[] buffer = new byte[stride];
        for (int y = 0; y < Form.Height; y++)
        {
            ReadOnlySpan<byte> row = _file.Bytes(_start + ((long)y * stride), buffer);
            CheckRange(y, row);
            take(new(y), row);
        }
    }

    private static (Raster Form, int Position) ReadHeader(ByteSource source, string name)
    {
        byte[] start = new byte[Math.Min(source.Length, MaxHeaderBytes)];
        ReadOnlySpan<byte> file = start.AsSpan(0, source.Read(0, start));
        if (!IsPnm(file))
        {
            throw new InvalidDataException($"{name}: not a binary PGM or PPM file: it starts with neither P5 nor P6.");
        }

        ColorModel color = file[1] == '5' ? ColorModel.Gray : ColorModel.Rgb;
        int position = 2;
        int width = ReadNumber(file, ref position, name, "width", int.MaxValue);
        int height = ReadNumber(file, ref position, name, "height", int.MaxValue);
        int maxValue = ReadNumber(file, ref position, name, "maximum value", ushort.MaxValue);
        return position < file.Length && IsSpace(file[position])
            ? (new Raster(name, width, height, color, maxValue, []), position + 1)
            : throw new InvalidDataException($"{name}: PNM header: one white space must follow the maximum value.");
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

    private void CheckRange(int y, ReadOnlySpan<byte> row)
    {
        if (Form.MaxValue is byte.MaxValue or ushort.MaxValue)
        {
            return;
        }

        for (int i = 0; i < Form.Width * Form.Channels; i++)
        {
            int value = Form.BytesPerSample == 1 ? row[i] : BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]);
            if (value > Form.MaxValue)
            {
                throw Form.Error((y * Form.Width) + (i / Form.Channels), $"value {value} is above the file's maximum value {Form.MaxValue}.");
            }
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (>= 9 and <= 13);
}
