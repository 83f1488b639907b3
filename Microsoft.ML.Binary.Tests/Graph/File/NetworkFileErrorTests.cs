using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>What is wrong with a file as a whole: each case has a message of its own that says what to do.</summary>
[TestClass]
public sealed class NetworkFileErrorTests
{
    private readonly byte[] _file = EveryNodeNetwork.Create().ToBytes();

    [TestMethod]
    public void AnEmptyFile() => Expect("the file is empty", []);

    [TestMethod]
    [DataRow(3)]
    [DataRow(8)]
    [DataRow(23)]
    public void AFileThatEndsInItsFirstBytes(int length) => Expect($"truncated: {length} bytes are there", _file[..length]);

    [TestMethod]
    [DataRow(24)]
    [DataRow(1000)]
    public void AFileThatEndsEarly(int length) => Expect($"truncated: it says that it has {_file.Length} bytes, and {length} are there", _file[..length]);

    [TestMethod]
    public void AFileThatLacksItsLastByte() => Expect("truncated", _file[..^1]);

    [TestMethod]
    public void AFileWithSomethingAppended() => Expect($"bytes follow the end of the network, which has {_file.Length} bytes", [.. _file, 0]);

    [TestMethod]
    [DataRow(40)]
    [DataRow(3000)]
    [DataRow(-1, DisplayName = "in the checksum itself")]
    public void AFileWithOneBitFlipped(int at)
    {
        _file[at < 0 ? ^-at : at] ^= 1;
        Expect("the file is corrupt: its checksum", _file);
    }

    [TestMethod]
    public void LengthsBeyondTheBounds()
    {
        byte[] headerTooLong = [.. _file], noHeader = [.. _file], tensorsTooLong = [.. _file], versionZero = [.. _file];
        BinaryPrimitives.WriteUInt32LittleEndian(headerTooLong.AsSpan(12), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(noHeader.AsSpan(12), 0);
        BinaryPrimitives.WriteUInt64LittleEndian(tensorsTooLong.AsSpan(16), ulong.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(versionZero.AsSpan(8), 0);
        Expect($"a header of {uint.MaxValue} bytes", headerTooLong);
        Expect("a header of 0 bytes", noHeader);
        Expect($"tensors of {ulong.MaxValue} bytes", tensorsTooLong);
        Expect("version 0", versionZero);
    }

    [TestMethod]
    public void AFileOfANewerVersion()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_file.AsSpan(8), 9);
        NetworkFileException e = Expect("the file has format version 9", _file);
        StringAssert.Contains(e.Message, "reads versions up to 8");
        StringAssert.Contains(e.Message, "Update the package");
    }

    [TestMethod]
    public void AFileSentAsText()
    {
        byte[] withoutReturn = [.. _file[..4], .. _file[5..]], withReturns = [.. _file[..7], 0x0D, .. _file[7..]];
        Expect("converts line ends. Copy it again in binary mode", withoutReturn);
        Expect("converts line ends", withReturns);
    }

    [TestMethod]
    public void AZip()
    {
        using MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("TransformerChain/Model.key");
        }

        NetworkFileException e = Expect("this is a zip", zip.ToArray());
        StringAssert.Contains(e.Message, "ml.Model.Load");
        StringAssert.Contains(e.Message, "mlbinary extract");
    }

    [TestMethod]
    public void AnImage()
    {
        Expect("this is an image", [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]);
        Expect("this is an image", [0xFF, 0xD8, 0xFF, 0xE0]);
    }

    [TestMethod]
    public void AnythingElse() => Expect("this is not a network file: it does not begin with 'MLBN'", Encoding.ASCII.GetBytes("hello, world"));

    [TestMethod]
    public void AFolder()
    {
        using TemporaryFolder folder = new();
        NetworkFileException e = Assert.ThrowsExactly<NetworkFileException>(() => DenseNetwork.Load(folder.Path));
        StringAssert.Contains(e.Message, "this is a folder");
        StringAssert.Contains(e.Message, folder.Path);
    }

    [TestMethod]
    public void AMissingFile()
    {
        using TemporaryFolder folder = new();
        FileNotFoundException e = Assert.ThrowsExactly<FileNotFoundException>(() => DenseNetwork.Load(folder.File("none.mlbn")));
        StringAssert.Contains(e.Message, folder.File("none.mlbn"));
    }

    [TestMethod]
    public void AStreamIsCheckedLikeAFile()
    {
        foreach (byte[] bytes in (byte[][])[[], _file[..10], _file[..^1], [.. _file, 0], "PK\u0003\u0004 and more than a few bytes"u8.ToArray()])
        {
            NetworkFileException expected = NetworkBytes.Refused(bytes);
            using MemoryStream stream = new(bytes);
            NetworkFileException e = Assert.ThrowsExactly<NetworkFileException>(() => DenseNetwork.Load(stream, "some.mlbn"));
            Assert.AreEqual(expected.Message, e.Message);
        }
    }

    [TestMethod]
    public void AStreamWithoutEndIsNotReadToItsEnd()
    {
        byte[] start = new byte[1 << 20];
        _file.CopyTo(start, 0);
        using MemoryStream stream = new(start);
        Assert.ThrowsExactly<NetworkFileException>(() => DenseNetwork.Load(stream, "some.mlbn"));
        Assert.IsLessThanOrEqualTo(_file.Length + 1, stream.Position);
    }

    [TestMethod]
    public void AShortFileThatClaimsToBeLongAllocatesLittle()
    {
        byte[] bytes = _file[..1000];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), 1_000_000_000);
        using MemoryStream stream = new(bytes);
        Assert.IsLessThan(1_000_000, Allocation.Of(() => Assert.ThrowsExactly<NetworkFileException>(() => DenseNetwork.Load(stream, "some.mlbn"))));
    }

    private static NetworkFileException Expect(string problem, byte[] file)
    {
        NetworkFileException e = NetworkBytes.Refused(file);
        StringAssert.Contains(e.Message, problem);
        return e;
    }
}
