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

        foreach ((string name, bool isBroken) in new[]
        {
            ("file", false), ("good", false), ("folder", false), ("none", false), ("none/none", false), ("file/none", false), ("nowhere", true), ("second", true), ("circle", true),
        })
        {
            Assert.AreEqual(isBroken, FileKind.IsBrokenLink(folder.File(name)), name);
        }
    }
}
