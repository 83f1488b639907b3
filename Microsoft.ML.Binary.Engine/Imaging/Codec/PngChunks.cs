using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Walks over the chunks of a PNG file held in memory and checks each one's bounds and CRC.</summary>
internal sealed class PngChunks
{
    private const int FrameBytes = 12; // length, type and CRC around the data
    private const string ImageData = "IDAT";
    private const string End = "IEND";

    private readonly ReadOnlyMemory<byte> _file;
    private readonly string _name;
    private readonly Action<string>? _warn;
    private int _position;
    private bool _imageDataSeen;

    public PngChunks(ReadOnlyMemory<byte> file, string name, Action<string>? warn = null)
    {
        if (!file.Span.StartsWith(Signature))
        {
            throw new InvalidDataException($"{name}: not a PNG file, or its first {Signature.Length} bytes are damaged.");
        }

        _file = file;
        _name = name;
        _warn = warn;
        _position = Signature.Length;
    }

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Type of the current chunk, four ASCII letters.</summary>
    public string Type { get; private set; } = "";

    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>A lower-case first letter marks a chunk that a reader may skip.</summary>
    public bool IsAncillary => char.IsAsciiLetterLower(Type[0]);

    public static InvalidDataException Error(string name, string chunk, string what)
        => new($"{name}: PNG chunk {chunk}: {what}");

    /// <summary>Moves to the next chunk that is to be read.</summary>
    /// <returns>False at the end chunk, or where the file ends after its image data without one.</returns>
    public bool MoveNext()
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _file.Span[_position..];
            string type = rest.Length < FrameBytes ? "" : ReadType(rest.Slice(4, 4));
            long length = rest.Length < FrameBytes ? 0 : BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - FrameBytes || type.Length == 0)
            {
                return EndEarly(rest.Length, type, length);
            }

            Type = type;
            Data = _file.Slice(_position + 8, (int)length);
            _position += FrameBytes + (int)length;
            uint stored = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]);
            uint computed = PngCrc.Compute(rest.Slice(4, 4), Data.Span);
            if (stored != computed)
            {
                if (!IsAncillary && type != End)
                {
                    throw Error(_name, type, $"CRC {stored:x8} is stored, but the data give {computed:x8}: the file is damaged.");
                }

                _warn?.Invoke($"{_name}: PNG chunk {type}: its CRC is wrong, so it is left out; the image data are not affected.");
                if (type != End)
                {
                    continue;
                }
            }

            _imageDataSeen |= type == ImageData;
            return type != End;
        }
    }

    private bool EndEarly(int left, string type, long length)
    {
        if (type == ImageData || (type.Length > 0 && !_imageDataSeen))
        {
            throw Error(_name, type, $"claims {length} bytes, but only {left - FrameBytes} are left: the file is truncated or damaged.");
        }

        if (!_imageDataSeen)
        {
            throw new InvalidDataException(
                $"{_name}: the PNG file is truncated: it ends at byte {_file.Length}, {(Type.Length == 0 ? "before its header" : $"after chunk {Type}")}, without image data.");
        }

        _warn?.Invoke($"{_name}: the PNG file ends without an IEND chunk; its image data are whole.");
        return false;
    }

    private string ReadType(ReadOnlySpan<byte> type)
    {
        foreach (byte letter in type)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new InvalidDataException($"{_name}: damaged PNG file: no chunk name at byte {_position + 4}.");
            }
        }

        return Encoding.ASCII.GetString(type);
    }
}
