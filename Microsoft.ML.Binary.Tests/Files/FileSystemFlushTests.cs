using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Tests.Files;

[TestClass]
public sealed class FileSystemFlushTests
{
    [TestMethod]
    public void FilesOfManyAreWholeBeforeAndAfterTheFlush()
    {
        string folder = Directory.CreateTempSubdirectory("flush-").FullName;
        try
        {
            string[] paths = [.. Enumerable.Range(0, 20).Select(i => Path.Combine(folder, $"{i}.txt"))];
            Array.ForEach(paths, path => AtomicFile.WriteOneOfMany(path, stream => stream.Write("whole"u8)));
            Assert.IsTrue(paths.All(path => File.ReadAllText(path) == "whole"));
            FileSystemFlush.Of(folder);
            CollectionAssert.AreEquivalent(paths, Directory.GetFiles(folder));
            Assert.ThrowsExactly<InvalidDataException>(() => AtomicFile.WriteOneOfMany(paths[0], _ => throw new InvalidDataException()));
            Assert.AreEqual("whole", File.ReadAllText(paths[0]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
