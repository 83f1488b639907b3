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
}
