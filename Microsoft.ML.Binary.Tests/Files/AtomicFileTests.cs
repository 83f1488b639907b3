using System.Runtime.Versioning;
using System.Text;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Tests.Imaging;

namespace Microsoft.ML.Binary.Tests.Files;

[TestClass]
public sealed class AtomicFileTests
{
    private static readonly byte[] Before = Encoding.ASCII.GetBytes("before"), After = Encoding.ASCII.GetBytes("after");

    [TestMethod]
    public void WritesANewFileAndReplacesAnOldOne()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x.bin");
        AtomicFile.Write(path, Before);
        CollectionAssert.AreEqual(Before, File.ReadAllBytes(path));
        AtomicFile.Write(path, After);
        CollectionAssert.AreEqual(After, File.ReadAllBytes(path));
        AssertOnly(path, folder);
    }

    [TestMethod]
    [DataRow(28, "the disk is full. Free some space")]
    [DataRow(unchecked((int)0x80070070), "the disk is full. Free some space")]
    [DataRow(5, "Input/output error")]
    public void AFailureKeepsWhatWasThereAndNothingElse(int code, string problem)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x.bin");
        File.WriteAllBytes(path, Before);
        IOException e = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(After);
            throw new IOException("Input/output error", code);
        }));
        StringAssert.Contains(e.Message, path);
        StringAssert.Contains(e.Message, problem);
        CollectionAssert.AreEqual(Before, File.ReadAllBytes(path));
        AssertOnly(path, folder);
    }

    [TestMethod]
    public void ADenialByTheSystemIsExplained()
    {
        using TemporaryFolder folder = new();
        IOException e = Assert.ThrowsExactly<IOException>(
            () => AtomicFile.Write(folder.File("x.bin"), _ => throw new UnauthorizedAccessException()));
        StringAssert.Contains(e.Message, $"'{folder.File("x.bin")}' cannot be written: the folder '{folder.Path}' does not allow it");
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void AnExceptionOfTheWriterLeavesNothingBehind()
    {
        using TemporaryFolder folder = new();
        Assert.ThrowsExactly<InvalidOperationException>(() => AtomicFile.Write(folder.File("x.bin"), _ => throw new InvalidOperationException()));
        Assert.IsEmpty(Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void AMissingFolder()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "none", "x.bin");
        DirectoryNotFoundException e = Assert.ThrowsExactly<DirectoryNotFoundException>(() => AtomicFile.Write(path, After));
        StringAssert.Contains(e.Message, $"'{path}' cannot be written: the folder '{Path.GetDirectoryName(path)}' does not exist. Create it");
    }

    [TestMethod]
    public void AFolderOfThatName()
    {
        using TemporaryFolder folder = new();
        IOException e = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(folder.Path, After));
        StringAssert.Contains(e.Message, $"'{folder.Path}' cannot be written: it is a folder");
    }

    [TestMethod]
    public void AReadOnlyFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x.bin");
        File.WriteAllBytes(path, Before);
        File.SetAttributes(path, FileAttributes.ReadOnly);
        try
        {
            IOException e = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(path, After));
            StringAssert.Contains(e.Message, $"'{path}' cannot be written: the file is read-only. Make it writable");
            CollectionAssert.AreEqual(Before, File.ReadAllBytes(path));
        }
        finally
        {
            File.SetAttributes(path, FileAttributes.Normal);
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void AFolderWithoutPermission()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Folder permissions do not bind this user.");
        }

        using TemporaryFolder folder = new();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            IOException e = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(folder.File("x.bin"), After));
            StringAssert.Contains(e.Message, "does not allow it. Change its permissions");
        }
        finally
        {
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void AssertOnly(string path, TemporaryFolder folder) =>
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(folder.Path));
}
