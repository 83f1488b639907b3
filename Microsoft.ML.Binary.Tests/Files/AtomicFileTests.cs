using System.Runtime.Versioning;
using System.Text;
using Microsoft.ML.Binary.Files;

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

    /// <summary>What is read while the file is written may be missing or denied, too.</summary>
    [TestMethod]
    public void AFaultOfTheSource_IsNotSaidOfTheFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x.bin");
        File.WriteAllBytes(path, Before);
        foreach (Exception fault in (Exception[])[new FileNotFoundException("a.png: there is no such image"), new UnauthorizedAccessException("a.png"), new InvalidDataException("a.png")])
        {
            Exception thrown = Assert.Throws<Exception>(() => AtomicFile.Write(path, Source(fault), (stream, rows) => rows.ToList().ForEach(row => stream.WriteByte(row))));
            Assert.AreSame(fault, thrown);
            CollectionAssert.AreEqual(Before, File.ReadAllBytes(path));
            AssertOnly(path, folder);
        }

        AtomicFile.Write(path, After, (stream, rows) => rows.ToList().ForEach(row => stream.WriteByte(row)));
        CollectionAssert.AreEqual(After, File.ReadAllBytes(path));
        StringAssert.Contains(
            Assert.Throws<IOException>(() => AtomicFile.Write(path, After, (_, rows) => throw new IOException($"{rows.Count()} bytes", 28))).Message, "the disk is full");

        static IEnumerable<byte> Source(Exception fault)
        {
            yield return 1;
            throw fault;
        }
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

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void AFolderThatCannotBeListed()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Folder permissions do not bind this user.");
        }

        using TemporaryFolder folder = new();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            AtomicFile.Write(folder.File("x.bin"), After);
            CollectionAssert.AreEqual(After, File.ReadAllBytes(folder.File("x.bin")));
        }
        finally
        {
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [TestMethod]
    public void LongNames()
    {
        using TemporaryFolder folder = new();
        string path = folder.File(new string('x', 251) + ".bin");
        AtomicFile.Write(path, After);
        AssertOnly(path, folder);
    }

    [TestMethod]
    public void ALinkStaysAndWhatItLeadsToIsWritten()
    {
        using TemporaryFolder folder = new();
        string other = Directory.CreateDirectory(folder.File("other")).FullName, target = Path.Combine(other, "target.bin");
        string link = Link(folder.File("link.bin"), target), second = Link(folder.File("second.bin"), "link.bin");
        AtomicFile.CheckWritable(second);
        Assert.IsFalse(File.Exists(target), "a link to what is not there yet");
        AtomicFile.Write(second, Before);
        AtomicFile.Write(link, After);
        CollectionAssert.AreEqual(After, File.ReadAllBytes(target));
        Assert.AreEqual(target, new FileInfo(link).LinkTarget);
        Assert.AreEqual("link.bin", new FileInfo(second).LinkTarget);
        CollectionAssert.AreEqual(new[] { target }, Directory.GetFileSystemEntries(other));
        Assert.HasCount(3, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void ALinkInALinkedFolderLeadsWhereTheSystemGoes()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("real/deep"));
        Link(folder.File("short"), Path.Combine("real", "deep"));
        Link(folder.File("real/deep/link.bin"), Path.Combine("..", "target.bin"));
        AtomicFile.Write(folder.File("short/link.bin"), After);
        CollectionAssert.AreEqual(After, File.ReadAllBytes(folder.File("real/target.bin")));
        Assert.IsFalse(File.Exists(folder.File("target.bin")));
    }

    [TestMethod]
    public void LinksThatLeadNowhere()
    {
        using TemporaryFolder folder = new();
        string round = Link(folder.File("a"), "b"), nowhere = Link(folder.File("c"), Path.Combine("none", "x"));
        Link(folder.File("b"), "a");
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(round, After)).Message, $"'{round}' cannot be written");
        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(() => AtomicFile.Write(nowhere, After)).Message, "does not exist. Create it");
        Assert.AreEqual("b", new FileInfo(round).LinkTarget);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task APipeGetsTheBytesAndStaysOne()
    {
        using TemporaryFolder folder = new();
        string pipe = folder.Pipe("pipe");
        AtomicFile.CheckWritable(pipe);
        Task<byte[]> read = Task.Run(() => File.ReadAllBytes(pipe));
        AtomicFile.Write(pipe, After);
        CollectionAssert.AreEqual(After, await read);
        Assert.AreEqual(PathKind.Stream, FileKind.KindOf(pipe));
        AssertOnly(pipe, folder);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void DevicesAreWrittenToAndStayDevices()
    {
        using TemporaryFolder folder = new();
        string link = Link(folder.File("null"), "/dev/null");
        AtomicFile.Write(link, After);
        AtomicFile.Write("/dev/null", stream => stream.Write(After));
        Assert.AreEqual(PathKind.Stream, FileKind.KindOf("/dev/null"));
        Assert.AreEqual("/dev/null", new FileInfo(link).LinkTarget);
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => AtomicFile.Write("/dev/full", After)).Message, "'/dev/full' cannot be written: the disk is full");
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void PermissionsOfAFileStay()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x.bin");
        AtomicFile.Write(path, Before);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AtomicFile.Write(path, After);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    /// <summary>A writer may be about to lock its file, or be on a disk that knows no locks.</summary>
    [TestMethod]
    public void WhatAKilledWriterLeftIsDeletedAfterADayAndWhatALivingOneHasIsNot()
    {
        using TemporaryFolder folder = new();
        string left = folder.File(".mlb-aaaaaaaa.tmp"), held = folder.File(".mlb-bbbbbbbb.tmp"), young = folder.File(".mlb-cccccccc.tmp"), mine = folder.File(".mlb-notes.txt");
        foreach (string path in new[] { left, held, young, mine })
        {
            File.WriteAllBytes(path, Before);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(path == young ? -23 : -25));
        }

        using (new FileStream(held, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            AtomicFile.Write(folder.File("x.bin"), After);
            CollectionAssert.AreEquivalent(new[] { held, young, mine, folder.File("x.bin") }, Directory.GetFiles(folder.Path));
        }
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AFileOfAFolderOfDevicesIsReplaced()
    {
        if (!Directory.Exists("/dev/shm"))
        {
            Assert.Inconclusive("There is no /dev/shm.");
        }

        string folder = Directory.CreateDirectory($"/dev/shm/{Path.GetRandomFileName()}").FullName, path = Path.Combine(folder, "x.bin");
        try
        {
            AtomicFile.Write(path, Before);
            Assert.IsTrue(AtomicFile.Replaces(path));
            AtomicFile.Write(path, After);
            CollectionAssert.AreEqual(After, File.ReadAllBytes(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AFileThatIsOpenUnderANameOfItsOwnIsAddedTo()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x.log");
        using FileStream log = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        log.Write(Before);
        foreach (string name in new[] { $"/dev/fd/{log.SafeFileHandle.DangerousGetHandle()}", $"/proc/{Environment.ProcessId}/fd/{log.SafeFileHandle.DangerousGetHandle()}" })
        {
            Assert.IsFalse(AtomicFile.Replaces(name), name);
            AtomicFile.Write(name, After);
        }

        CollectionAssert.AreEqual((byte[])[.. Before, .. After, .. After], File.ReadAllBytes(path));
        AssertOnly(path, folder);
    }

    private static string Link(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            Assert.Inconclusive("This user may not make links.");
        }

        return path;
    }

    private static void AssertOnly(string path, TemporaryFolder folder) =>
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFileSystemEntries(folder.Path));
}
