using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Tests.Files;

[TestClass]
public sealed class FileKindTests
{
    [TestMethod]
    public void WhatIsNotThereAndAFolderAreNoRegularFiles()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("file"), "a");
        Assert.IsTrue(FileKind.IsRegular(folder.File("file")));
        Assert.IsFalse(FileKind.IsRegular(folder.File("none")));
        Assert.IsFalse(FileKind.IsRegular(folder.Path));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void OnlyLinksAreBrokenLinks()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("file"), "a");
        foreach ((string name, string target) in new[] { ("good", "file"), ("nowhere", "none"), ("second", "nowhere"), ("circle", "circle"), ("folder", ".") })
        {
            File.CreateSymbolicLink(folder.File(name), target);
        }

        // Without its links, the way would be another.
        Directory.CreateDirectory(folder.File("real/deep"));
        File.CreateSymbolicLink(folder.File("short"), "real/deep");
        File.CreateSymbolicLink(folder.File("real/deep/up"), "../target");
        File.WriteAllText(folder.File("real/target"), "a");
        foreach ((string name, bool isBroken) in new[]
        {
            ("file", false), ("good", false), ("folder", false), ("none", false), ("none/none", false), ("file/none", false), ("nowhere", true), ("second", true), ("circle", true), ("short/up", false),
        })
        {
            Assert.IsTrue(!isBroken || !FileKind.IsRegular(folder.File(name)), name);
            Assert.AreEqual(isBroken, FileKind.IsBrokenLink(folder.File(name)), name);
        }
    }
}
