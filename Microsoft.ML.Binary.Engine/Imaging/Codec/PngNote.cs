using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Text in a PNG file, a tEXt chunk right behind the header, where it is found without reading the rest.</summary>
/// <param name="Keyword">What the text is about: 1 to 79 printable characters of ASCII.</param>
/// <param name="Text">The text, of ASCII.</param>
internal sealed record PngNote(string Keyword, string Text)
{
    public const string Chunk = "tEXt";

    private const int FrameBytes = PngChunks.FrameBytes, MaxBytes = 1024;

    private static int At => PngChunks.Signature.Length + FrameBytes + PngHeader.Length;

    private static ReadOnlySpan<byte> End => [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];

    public byte[] ToBytes() => Encoding.ASCII.GetBytes($"{Keyword}\0{Text}");

    /// <summary>The note of a file, and whether the file goes on to its end chunk; (null, false) where it is no PNG file.</summary>
    /// <param name="path">A regular file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (PngNote? Note, bool IsWhole) Read(string path)
    {
        using FileStream file = FileReading.Open(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        Span<byte> start = stackalloc byte[At + FrameBytes + MaxBytes], end = stackalloc byte[FrameBytes];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (!start.StartsWith(PngChunks.Signature) || file.Length < At + FrameBytes)
        {
            return (null, false);
        }

        file.Seek(-FrameBytes, SeekOrigin.End);
        return (Parse(start[At..]), file.ReadAtLeast(end, FrameBytes, throwOnEndOfStream: false) == FrameBytes && end.SequenceEqual(End));
    }

    private static PngNote? Parse(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < FrameBytes || !chunk[4..8].SequenceEqual("tEXt"u8)
            || BinaryPrimitives.ReadUInt32BigEndian(chunk) is var length && length > chunk.Length - FrameBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> data = chunk.Slice(8, (int)length);
        int zero = data.IndexOf((byte)0);
        return zero > 0 && PngCrc.Compute(chunk[4..8], data) == BinaryPrimitives.ReadUInt32BigEndian(chunk[(8 + (int)length)..])
            ? new(Encoding.Latin1.GetString(data[..zero]), Encoding.Latin1.GetString(data[(zero + 1)..]))
            : null;
    }
}
