using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Walks over the chunks of a PNG file held in memory and checks each one's bounds and CRC.</summary>
internal ref struct PngChunks
{
    private const int FrameBytes = 12; // length, type and CRC around the data

    private readonly ReadOnlySpan<byte> _file;
    private readonly string _name;
    private int _position;

    public PngChunks(ReadOnlySpan<byte> file, string name)
    {
        if (!file.StartsWith(Signature))
        {
            throw new InvalidDataException($"{name}: not a PNG file, or its first {Signature.Length} bytes are damaged.");
        }

        _file = file;
        _name = name;
        _position = Signature.Length;
    }

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Type of the current chunk, four ASCII letters.</summary>
    public string Type { get; private set; } = "";

    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>A lower-case first letter marks a chunk that a reader may skip.</summary>
    public readonly bool IsAncillary => char.IsAsciiLetterLower(Type[0]);

    public static InvalidDataException Error(string name, string chunk, string what)
        => new($"{name}: PNG chunk {chunk}: {what}");

    /// <summary>Moves to the next chunk; the file must not end before one.</summary>
    public void MoveNext()
    {
        ReadOnlySpan<byte> rest = _file[_position..];
        if (rest.Length < FrameBytes)
        {
            throw new InvalidDataException(
                $"{_name}: the PNG file is truncated: it ends at byte {_file.Length}, {(Type.Length == 0 ? "before its header" : $"after chunk {Type}")}, without an IEND chunk.");
        }

        ReadOnlySpan<byte> type = rest.Slice(4, 4);
        foreach (byte letter in type)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new InvalidDataException($"{_name}: damaged PNG file: no chunk name at byte {_position + 4}.");
            }
        }

        Type = Encoding.ASCII.GetString(type);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - FrameBytes)
        {
            throw Error(_name, Type, $"claims {length} bytes, but only {rest.Length - FrameBytes} are left: the file is truncated or damaged.");
        }

        Data = rest.Slice(8, (int)length);
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]);
        uint computed = PngCrc.Compute(type, Data);
        if (stored != computed)
        {
            throw Error(_name, Type, $"CRC {stored:x8} is stored, but the data give {computed:x8}: the file is damaged.");
        }

        _position += FrameBytes + (int)length;
    }
}
