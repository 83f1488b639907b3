using System.Diagnostics;

namespace Microsoft.ML.Binary.Tests.Files;

/// <summary>eng/hold-out.sh, run by bash.</summary>
[TestClass]
public sealed class HoldOutScriptTests
{
    [TestMethod]
    public void EveryFifthImage_IsInValAlone_AndASecondRunIsRefused()
    {
        using TemporaryFolder folder = new();
        string[] names = ["a 1", "b", "c", "d", "e  2", "f", "g", "h", "i", "j"];
        foreach (string name in names)
        {
            folder.Touch($"images/{name}.jpg");
            folder.Touch($"masks/{name}.png");
        }

        (int exitCode, string output, string error) = Run(folder);
        Assert.AreEqual(0, exitCode, error);
        StringAssert.Contains(output, "8 to train on, 2 held out");
        AssertParts(folder);

        // The first by name: every other image would move on by one.
        folder.Touch("images/0.jpg");
        folder.Touch("masks/0.png");
        (exitCode, _, error) = Run(folder);
        Assert.AreEqual(1, exitCode);
        StringAssert.Contains(error, $"{folder.File("out")}/train/images: the folder has entries already");
        AssertParts(folder);
    }

    [TestMethod]
    public void EmptyFolders_AreTaken_AndNoImagesRefused()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks"));
        Directory.CreateDirectory(folder.File("out/val/masks"));
        (int exitCode, _, string error) = Run(folder);
        Assert.AreEqual(1, exitCode);
        StringAssert.Contains(error, "images: the folder of the images is empty");

        folder.Touch("images/a.png");
        Assert.AreEqual(0, Run(folder).ExitCode);
    }

    private static void AssertParts(TemporaryFolder folder)
    {
        CollectionAssert.AreEqual(new[] { "a 1.jpg", "b.jpg", "c.jpg", "d.jpg", "f.jpg", "g.jpg", "h.jpg", "i.jpg" }, Names("train/images"));
        CollectionAssert.AreEqual(new[] { "a 1.png", "b.png", "c.png", "d.png", "f.png", "g.png", "h.png", "i.png" }, Names("train/masks"));
        CollectionAssert.AreEqual(new[] { "e  2.jpg", "j.jpg" }, Names("val/images"));
        CollectionAssert.AreEqual(new[] { "e  2.png", "j.png" }, Names("val/masks"));

        // Of the links that lead somewhere.
        string[] Names(string part) =>
            [.. Directory.GetFiles(folder.File($"out/{part}")).Where(File.Exists).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
    }

    private static (int ExitCode, string Output, string Error) Run(TemporaryFolder folder)
    {
        string? bash = ((string[])["/bin/bash", "/usr/bin/bash"]).FirstOrDefault(File.Exists);
        if (bash is null)
        {
            Assert.Inconclusive("There is no bash here.");
        }

        using Process run = Process.Start(new ProcessStartInfo(
            bash, [Path.Combine(Sources.Folder, "eng", "hold-out.sh"), folder.File("images"), folder.File("masks"), folder.File("out")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        (string output, string error) = (run.StandardOutput.ReadToEnd(), run.StandardError.ReadToEnd());
        run.WaitForExit();
        return (run.ExitCode, output, error);
    }
}
