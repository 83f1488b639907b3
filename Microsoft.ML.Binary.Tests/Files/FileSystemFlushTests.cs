using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Tests.Files;

[TestClass]
public sealed class FileSystemFlushTests
{
    [TestMethod]
    public void FilesOfManyAreWholeBeforeAndAfterTheFlush()
    {
        using TemporaryFolder folder = new();
        string[] paths = [.. Enumerable.Range(0, 20).Select(i => folder.File($"{i}.txt"))];
        Array.ForEach(paths, path => AtomicFile.WriteOneOfMany(path, stream => stream.Write("whole"u8)));
        Assert.IsTrue(paths.All(path => File.ReadAllText(path) == "whole"));
        FileSystemFlush.Of(folder.Path);
        CollectionAssert.AreEquivalent(paths, Directory.GetFiles(folder.Path));
        Assert.ThrowsExactly<InvalidDataException>(() => AtomicFile.WriteOneOfMany(paths[0], _ => throw new InvalidDataException()));
        Assert.AreEqual("whole", File.ReadAllText(paths[0]));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux, IgnoreMessage = "Elsewhere each file is flushed.")]
    public void AFolderThatIsGoneIsNamed()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        IOException e = Assert.ThrowsExactly<IOException>(() => FileSystemFlush.Of(folder));
        StringAssert.StartsWith(e.Message, $"{folder}: not all that was written there reached the disk: No such file");
    }
}
