using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Walks over the chunks of a PNG file and checks each one's bounds and CRC. Of a file that is not in memory, a block is there at a time.</summary>
internal sealed class PngChunks
{
    /// <summary>Length, type and CRC around the data.</summary>
    public const int FrameBytes = 12;

    private const string ImageData = "IDAT";
    private const string End = "IEND";

    private const int BlockBytes = 1 << 16;

    private readonly ByteSource _file;
    private readonly string _name;
    private readonly Action<string>? _warn;
    private long _position;
    private bool _imageDataSeen;

    public PngChunks(ByteSource file, string name, Action<string>? warn = null)
    {
        Span<byte> start = stackalloc byte[Signature.Length];
        if (!start[..file.Read(0, start)].SequenceEqual(Signature))
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

    /// <summary>Where the data of the current chunk are.</summary>
    public FilePiece Piece { get; private set; }

    /// <summary>The data of the current chunk.</summary>
    public ReadOnlySpan<byte> Data()
    {
        if (_file.InMemory(Piece.Position, Piece.Length) is { } data)
        {
            return data.Span;
        }

        byte[] bytes = new byte[Piece.Length];
        _file.ReadExactly(Piece.Position, bytes);
        return bytes;
    }

    /// <summary>Chunks that a reader may skip, and may not where they are damaged: without them the result is another.</summary>
    public string[] Needed { get; set; } = [];

    /// <summary>A lower-case first letter marks a chunk that a reader may skip.</summary>
    public bool IsAncillary => char.IsAsciiLetterLower(Type[0]);

    public static InvalidDataException Error(string name, string chunk, string what)
        => new($"{name}: PNG chunk {chunk}: {what}");

    /// <summary>Moves to the next chunk that is to be read.</summary>
    /// <returns>False at the end chunk, or where the file ends after its image data without one.</returns>
    public bool MoveNext()
    {
        Span<byte> frame = stackalloc byte[8];
        while (true)
        {
            long left = _file.Length - _position;
            string type = left < FrameBytes || _file.Read(_position, frame) < frame.Length ? "" : ReadType(frame[4..]);
            long length = type.Length == 0 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(frame);
            if (length > left - FrameBytes || length > int.MaxValue || type.Length == 0)
            {
                return EndEarly(left, type, length);
            }

            Type = type;
            Piece = new(_position + frame.Length, (int)length);
            _position += FrameBytes + length;
            uint stored = (uint)_file.UInt32(Piece.Position + length, littleEndian: false);
            uint computed = Crc(frame[4..]);
            if (stored != computed)
            {
                if ((!IsAncillary && type != End) || IsNeeded(type, stored))
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

    // A damaged name hides what the chunk is, but not from its CRC.
    private bool IsNeeded(string type, uint stored) => Needed.Any(needed => needed == type || Crc(Encoding.ASCII.GetBytes(needed)) == stored);

    private uint Crc(ReadOnlySpan<byte> type)
    {
        uint crc = PngCrc.Update(PngCrc.Start, type);
        if (_file.InMemory(Piece.Position, Piece.Length) is { } data)
        {
            return PngCrc.End(PngCrc.Update(crc, data.Span));
        }

        byte[] block = new byte[Math.Min(BlockBytes, Piece.Length)];
        for (int done = 0; done < Piece.Length;)
        {
            Span<byte> part = block.AsSpan(0, Math.Min(block.Length, Piece.Length - done));
            _file.ReadExactly(Piece.Position + done, part);
            crc = PngCrc.Update(crc, part);
            done += part.Length;
        }

        return PngCrc.End(crc);
    }

    private bool EndEarly(long left, string type, long length)
    {
        if (type == ImageData || Needed.Contains(type) || (type.Length > 0 && !_imageDataSeen))
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
