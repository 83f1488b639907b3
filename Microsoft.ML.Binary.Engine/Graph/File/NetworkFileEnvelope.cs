using System.Buffers.Binary;
using System.Security.Cryptography;
using static Microsoft.ML.Binary.Graph.NetworkFileLayout;

namespace Microsoft.ML.Binary.Graph;

/// <summary>The two parts inside a network file whose magic, version, lengths and checksum are right.</summary>
internal readonly ref struct NetworkFileEnvelope
{
    private NetworkFileEnvelope(uint version, ReadOnlySpan<byte> header, ReadOnlySpan<byte> tensors)
    {
        Version = version;
        Header = header;
        Tensors = tensors;
    }

    public uint Version { get; }

    public ReadOnlySpan<byte> Header { get; }

    public ReadOnlySpan<byte> Tensors { get; }

    /// <summary>Reads a stream to the end of the network, as far as the bytes agree with the lengths in front.</summary>
    public static NetworkFileEnvelope Read(Stream stream, string name)
    {
        byte[] start = new byte[HeaderOffset];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        long declared = DeclaredLength(start.AsSpan(0, length), name);

        // The declared length is only trusted as far as bytes arrive: a short file cannot ask for a large array.
        using MemoryStream bytes = new();
        bytes.Write(start);
        byte[] chunk = new byte[1 << 16];
        while (bytes.Length <= declared && (length = stream.Read(chunk, 0, (int)Math.Min(chunk.Length, declared + 1 - bytes.Length))) > 0)
        {
            bytes.Write(chunk, 0, length);
        }

        return Check(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name);
    }

    /// <summary>Checks the whole file.</summary>
    public static NetworkFileEnvelope Check(ReadOnlySpan<byte> bytes, string name)
    {
        long declared = DeclaredLength(bytes, name);
        if (bytes.Length < declared)
        {
            throw new NetworkFileException(
                name, $"the file is truncated: it says that it has {declared} bytes, and {bytes.Length} are there. Copy or download it again.");
        }

        if (bytes.Length > declared)
        {
            throw new NetworkFileException(
                name, $"bytes follow the end of the network, which has {declared} bytes: something was appended. Take the original file.");
        }

        ReadOnlySpan<byte> content = bytes[..^ChecksumBytes];
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes[^ChecksumBytes..]))
        {
            throw new NetworkFileException(name, "the file is corrupt: its checksum does not match its content. Copy or download it again.");
        }

        int headerBytes = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderLengthOffset..]);
        return new NetworkFileEnvelope(BinaryPrimitives.ReadUInt32LittleEndian(bytes[VersionOffset..]), content.Slice(HeaderOffset, headerBytes), content[(HeaderOffset + headerBytes)..]);
    }

    private static long DeclaredLength(ReadOnlySpan<byte> start, string name)
    {
        CheckMagic(start, name);
        if (start.Length < HeaderOffset)
        {
            throw new NetworkFileException(
                name, $"the file is truncated: {start.Length} bytes are there, less than the start of a network file. Copy or download it again.");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(start[VersionOffset..]);
        if (version > FormatVersion)
        {
            throw new NetworkFileException(
                name, $"the file has format version {version}, and {Writer} reads versions up to {FormatVersion}: a newer release wrote it. " +
                "Update the package, or write the file again with this release.");
        }

        uint header = BinaryPrimitives.ReadUInt32LittleEndian(start[HeaderLengthOffset..]);
        ulong tensors = BinaryPrimitives.ReadUInt64LittleEndian(start[TensorLengthOffset..]);
        if (version == 0 || header == 0 || header > MaxHeaderBytes || tensors > (ulong)MaxFileBytes - ChecksumBytes - HeaderOffset - header)
        {
            throw new NetworkFileException(
                name, $"the file is corrupt: version {version}, a header of {header} bytes and tensors of {tensors} bytes are not possible " +
                $"(a header has at most {MaxHeaderBytes} bytes, a file {MaxFileBytes}). Copy or download it again.");
        }

        return HeaderOffset + header + (long)tensors + ChecksumBytes;
    }

    private static void CheckMagic(ReadOnlySpan<byte> start, string name)
    {
        if (start.IsEmpty)
        {
            throw new NetworkFileException(name, "the file is empty. Write or copy it again.");
        }

        int common = start.CommonPrefixLength(Magic);
        if (common == Magic.Length || common == start.Length)
        {
            return;
        }

        throw new NetworkFileException(name, common >= 4
            ? "the file was changed by a transfer that converts line ends. Copy it again in binary mode."
            : start.StartsWith("PK"u8)
            ? "this is a zip, not a network file. If it is an ML.NET model, load it with ml.Model.Load, or take the network out with 'mlbinary extract'."
            : start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
            ? "this is an image, not a network file. Give the path of a network file here."
            : "this is not a network file: it does not begin with 'MLBN'. Give the path of a file that was written by 'Save' or 'mlbinary train'.");
    }
}
