using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Tests.Files;

[TestClass]
public sealed class RealPathTests
{
    [TestMethod]
    public void LinksOnTheWayAreFollowed()
    {
        using TemporaryFolder folder = new();
        string real = RealPath.Of(folder.Path);
        Directory.CreateDirectory(folder.File("a/b"));
        Directory.CreateSymbolicLink(folder.File("link"), "a");
        Directory.CreateSymbolicLink(folder.File("a/again"), "../link/b");
        File.CreateSymbolicLink(folder.File("a/b/file"), "../../target");
        Assert.AreEqual(Path.Combine(real, "target"), RealPath.Of(folder.File("link/again/file")));
        Assert.AreEqual(Path.Combine(real, "a", "none"), RealPath.Of(folder.File("link/./none")), "what does not exist stays as it is");
        Assert.IsTrue(RealPath.AreSame(folder.File("link/b"), folder.File("a/b/")));
    }

    [TestMethod]
    public void ACircleOfLinksIsAnError()
    {
        using TemporaryFolder folder = new();
        Directory.CreateSymbolicLink(folder.File("x"), "y");
        Directory.CreateSymbolicLink(folder.File("y"), "x");
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => RealPath.Of(folder.File("x/z"))).Message, "circle");
    }

    [TestMethod]
    public void TheTableOfDecompositionsIsWhole()
    {
        // Counted in Unicode 16 by a runtime with ICU: canonical decompositions outside Hangul and CJK compatibility ideographs.
        int decomposed = Enumerable.Range(0x80, 0xAC00 - 0x80).Count(c => LookalikeName.Fold($"{(char)c}", ignoreCase: false) != $"{(char)c}");
        Assert.AreEqual(984 + 13, decomposed);
        Assert.AreEqual("e\u0301", LookalikeName.Fold("\u00E9", ignoreCase: false));
        Assert.AreEqual(LookalikeName.Fold("\u1EC7", false), LookalikeName.Fold("e\u0302\u0323", false), "marks in another order");
        Assert.AreEqual("\u1112\u1161\u11AB", LookalikeName.Fold("\uD55C", false));
        Assert.AreNotEqual(LookalikeName.Fold("\u00E9", false), LookalikeName.Fold("\u00E8", false));
    }
}
