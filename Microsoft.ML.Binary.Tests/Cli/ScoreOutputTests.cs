using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What <c>score</c> must never write over.</summary>
[TestClass]
public sealed class ScoreOutputTests
{
    [TestMethod]
    public void FolderThatIsALinkToTheImages_IsRefused()
    {
        using Workplace place = new();
        Directory.CreateSymbolicLink(place["link"], "images");
        Directory.CreateSymbolicLink(place["further"], "link");
        foreach (string folder in new[] { place["link"], place["further"], place["masks/../further/."] })
        {
            Refused(place, folder, folder, "--out is the folder of --images");
        }
    }

    [TestMethod]
    public void ImagesBehindALink_AreKnown()
    {
        using Workplace place = new();
        Directory.CreateSymbolicLink(place["link"], "images");
        Unchanged(place, () => CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", place.SegmentationModel(), "--images", place["link"], "--out", place.Images], "--out"));
    }

    /// <summary>Masks beside photos would be images to the next run, under their names.</summary>
    [TestMethod]
    public void FolderOfTheImages_IsRefusedBeforeAnythingIsWritten()
    {
        using Workplace place = new();
        Directory.CreateDirectory(place["photos"]);
        File.WriteAllBytes(place["photos/a.jpg"], EncodedImages.Jpeg(EncodedImages.Picture(40, 32)));
        string[] score = ["score", "--model", place.SegmentationModel(), "--images", place["photos"], "--out", place["photos"]];
        CommandRun.Fails(CommandLineTool.Failure, score, place["photos"], "--out is the folder of --images");
        CollectionAssert.AreEqual(new[] { place["photos/a.jpg"] }, Directory.GetFiles(place["photos"]));
    }

    [TestMethod]
    public void LinkOfOneOutputToAnotherImage_IsRefused()
    {
        using Workplace place = new();
        Directory.CreateDirectory(place["out"]);
        File.CreateSymbolicLink(place["out/000.png"], place.Image(2));
        Refused(place, place["out"], place["out/000.png"]);
    }

    [TestMethod]
    public void SubfolderThatLeadsBack_IsRefused()
    {
        using Workplace place = new(images: 1);
        Directory.CreateDirectory(place["images/sub"]);
        File.Copy(place.Image(0), place["images/sub/000.png"]);
        Directory.CreateDirectory(place["out"]);
        Directory.CreateSymbolicLink(place["out/sub"], "../images/sub");
        Refused(place, place["out"], "000.png", "--recursive");
    }

    [TestMethod]
    public void PhotoOfTheMasksName_IsKept()
    {
        using Workplace place = new(images: 2);
        File.Copy(place.Image(0), place["a.ppm"]);
        File.Copy(place.Image(1), place["a.png"]);
        byte[] photo = File.ReadAllBytes(place["a.png"]);
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", place.SegmentationModel(), "--images", place["a.ppm"], "--out", Path.GetDirectoryName(place["a.png"])!],
            place["a.png"], "does not say that an earlier run made it");
        CollectionAssert.AreEqual(photo, File.ReadAllBytes(place["a.png"]));
    }

    [TestMethod]
    public void MaskThatSomebodyDrew_IsKept()
    {
        using Workplace place = new(images: 1);
        Directory.CreateDirectory(place["masks"]);
        MaskWriter.Save(place["masks/000.png"], new SegmentationMask(2, 1, [0, 1]));
        byte[] drawn = File.ReadAllBytes(place["masks/000.png"]);
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["masks"]], place["masks/000.png"], "an earlier run");
        CollectionAssert.AreEqual(drawn, File.ReadAllBytes(place["masks/000.png"]));
    }

    [TestMethod]
    public void OverlayThatSomebodyDrew_IsKept()
    {
        using Workplace place = new(images: 1);
        Directory.CreateDirectory(place["out"]);
        new RgbImage(4, 4).SavePng(place["out/000.overlay.png"]);
        byte[] drawn = File.ReadAllBytes(place["out/000.overlay.png"]);
        string[] command = ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]];
        CommandRun.Fails(CommandLineTool.Failure, [.. command, "--overlay"], place["out/000.overlay.png"], "the overlay of", "an earlier run");
        CollectionAssert.AreEqual(drawn, File.ReadAllBytes(place["out/000.overlay.png"]));
        CommandRun.Lines(command);
    }

    [TestMethod]
    public void MasksOfAnEarlierRun_AreReplaced()
    {
        using Workplace place = new();
        string[] command = ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"], "--overlay"];
        CommandRun.Lines(command);
        CommandRun.Lines(command);
    }

    [TestMethod]
    public void GrayImageOnAFolderMountedTwice_IsKnownByItsBytes()
    {
        // A copy stands for it: neither path leads to the other.
        using Workplace place = new(images: 1);
        MaskWriter.Save(place.Image(0), new SaliencyMask(8, 8, [.. Enumerable.Range(0, 64).Select(i => (byte)i)]));
        Directory.CreateDirectory(place["out"]);
        File.Copy(place.Image(0), place["out/000.png"]);
        Refused(place, place["out"], place.Image(0));
    }

    [TestMethod]
    public void TwoImagesOfOneName_AreRefused()
    {
        using Workplace place = new(images: 1);
        File.Copy(place.Image(0), place["images/000.ppm"]);
        Refused(place, place["out"], "000.ppm", "base names must be unique");
    }

    [TestMethod]
    public void NamesThatDifferInCase_AreTwoWhereTheDiskSaysSo()
    {
        using Workplace place = new(images: 1);
        File.Copy(place.Image(0), place["images/Photo.png"]);
        File.Copy(place.Image(0), place["images/photo.png"], overwrite: true);
        int images = Directory.GetFiles(place.Images).Length;
        CommandRun.Lines("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);
        Assert.HasCount(images, Directory.GetFiles(place["out"]));
        Assert.IsEmpty(Directory.GetDirectories(place["out"]), "the trial is cleaned up");
    }

    [TestMethod]
    public void FilesInPlaceOfFolders_AreNamed()
    {
        using Workplace place = new(images: 1);
        File.WriteAllText(place["out"], "");
        Refused(place, place["out"], "this is a file");
        Refused(place, place["mask.png"], "the name of a file");
        Directory.CreateDirectory(place["second/000.png"]);
        Refused(place, place["second"], "this is a folder");
    }

    private static void Refused(Workplace place, string folder, string part, string? another = null)
    {
        bool isOption = another?.StartsWith("--rec", StringComparison.Ordinal) ?? false;
        Unchanged(place, () => CommandRun.Fails(
            CommandLineTool.Failure,
            ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", folder, .. isOption ? [another!] : Array.Empty<string>()],
            isOption || another is null ? [part] : [part, another]));
    }

    private static void Unchanged(Workplace place, Action action)
    {
        string[] files = Directory.GetFiles(place.Images, "*", SearchOption.AllDirectories);
        byte[][] before = [.. files.Select(File.ReadAllBytes)];
        action();
        for (int i = 0; i < files.Length; i++)
        {
            CollectionAssert.AreEqual(before[i], File.ReadAllBytes(files[i]), files[i]);
        }
    }
}
