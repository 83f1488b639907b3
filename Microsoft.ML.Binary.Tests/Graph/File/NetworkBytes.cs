using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>Takes network files apart and puts damaged ones together, with the layout written out a second time.</summary>
internal static class NetworkBytes
{
    public const int HeaderOffset = 24, ChecksumLength = 32;

    public static string Header(byte[] file) => Encoding.UTF8.GetString(file, HeaderOffset, HeaderLength(file));

    public static byte[] Tensors(byte[] file) => file[(HeaderOffset + HeaderLength(file))..^ChecksumLength];

    public static byte[] Join(string header, byte[] tensors, uint version = 1)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[HeaderOffset + text.Length + tensors.Length + ChecksumLength];
        "MLBN\r\n\u001a\n"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), version);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), (uint)text.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), (ulong)tensors.Length);
        text.CopyTo(file, HeaderOffset);
        tensors.CopyTo(file, HeaderOffset + text.Length);
        return Seal(file);
    }

    /// <summary>Makes the checksum right again.</summary>
    public static byte[] Seal(byte[] file)
    {
        SHA256.HashData(file.AsSpan(..^ChecksumLength), file.AsSpan(^ChecksumLength..));
        return file;
    }

    /// <summary>The file with one text in its header replaced, which must occur.</summary>
    public static byte[] Replace(byte[] file, string old, string replacement)
    {
        string header = Header(file);
        StringAssert.Contains(header, old);
        int at = header.IndexOf(old, StringComparison.Ordinal);
        return Join(string.Concat(header.AsSpan(0, at), replacement, header.AsSpan(at + old.Length)), Tensors(file));
    }

    public static NetworkFileException Refused(byte[] file)
    {
        NetworkFileException e = Assert.ThrowsExactly<NetworkFileException>(() => DenseNetwork.FromBytes(file, "some.mlbn"));
        Assert.AreEqual("some.mlbn", e.File);
        StringAssert.StartsWith(e.Message, "'some.mlbn': ");
        return e;
    }

    private static int HeaderLength(byte[] file) => (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12));
}
