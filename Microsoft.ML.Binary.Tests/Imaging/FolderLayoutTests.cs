using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Folders as people have them. Nothing is opened, so that empty files do.</summary>
[TestClass]
public sealed class FolderLayoutTests
{
    [TestMethod]
    [DataRow("a.png", "a_mask.png")]
    [DataRow("a.jpg", "a_gt.png")]
    [DataRow("a.png", "a_gtFine_labelIds.png")]
    [DataRow("a_leftImg8bit.png", "a_gtFine_labelIds.png")]
    [DataRow("0001TP_006690.png", "0001TP_006690_L.png")]
    [DataRow("100694_sat.jpg", "100694_mask.png")]
    [DataRow("ISIC_1.jpg", "ISIC_1_segmentation.png")]
    [DataRow("a.JPG", "a_Mask.PNG")]
    [DataRow("a.jfif", "a.bmp")]
    [DataRow("a.jpe", "a.pgm")]
    [DataRow("a.jpg", "A.png")]
    public void UsualNames_AreFoundInTwoFoldersAndSaid(string image, string mask)
    {
        using TemporaryFolder folder = new();
        (string first, string second) = (folder.Touch($"images/{image}"), folder.Touch($"masks/{mask}"));
        List<string> said = [];

        ImagePair pair = ImageFolder.Pair(folder.File("images"), folder.File("masks"), new() { Report = said.Add })[0];

        Assert.AreEqual((first, second), (pair.ImagePath, pair.MaskPath));
        Assert.AreEqual(Path.GetFileNameWithoutExtension(image), pair.Name);
        bool isPlain = string.Equals(Path.GetFileNameWithoutExtension(image), Path.GetFileNameWithoutExtension(mask), StringComparison.OrdinalIgnoreCase);
        Assert.HasCount(isPlain ? 0 : 1, said, string.Join('\n', said));
    }

    [TestMethod]
    [DataRow("a.jpg", "a.png")]
    [DataRow("a.png", "a_mask.png")]
    [DataRow("a_sat.jpg", "a_mask.png")]
    [DataRow("a.bmp", "a_L.bmp")]
    public void ImagesAndMasks_MayShareAFolder(string image, string mask)
    {
        using TemporaryFolder folder = new();
        (string first, string second) = (folder.Touch(image), folder.Touch(mask));
        ImagePair pair = ImageFolder.Pair(folder.Path, folder.Path + "/.").Single();
        Assert.AreEqual(Path.GetFileName(first), Path.GetFileName(pair.ImagePath));
        Assert.AreEqual(Path.GetFileName(second), Path.GetFileName(pair.MaskPath));
    }

    [TestMethod]
    public void SharedFolderWithoutARule_IsRefusedWithTheWayOut()
    {
        using TemporaryFolder folder = new();
        folder.Touch("a.png");
        folder.Touch("b.png");
        StringAssert.Contains(Refused(() => ImageFolder.Pair(folder.Path, folder.Path)), "--mask-suffix");
    }

    [TestMethod]
    public void OwnSuffix_IsProposedAndTaken()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch("masks/a_road9.png");
        string message = Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks")));
        StringAssert.Contains(message, "a.png: the image has no mask");
        StringAssert.Contains(message, "--mask-suffix _road9");
        Assert.EndsWith("a_road9.png", ImageFolder.Pair(folder.File("images"), folder.File("masks"), new() { MaskSuffix = "_road9" })[0].MaskPath);
    }

    [TestMethod]
    public void TwoKindsOfMasks_AreAChoiceForTheUser()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch("masks/a_gtFine_labelIds.png");
        folder.Touch("masks/a_gtFine_labelTrainIds.png");
        StringAssert.Contains(Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks"))), "2 ways");
        Assert.EndsWith(
            "TrainIds.png", ImageFolder.Pair(folder.File("images"), folder.File("masks"), new() { MaskSuffix = "_gtFine_labelTrainIds" })[0].MaskPath);
    }

    [TestMethod]
    public void EmptySuffix_TakesTheSameNameOnly()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch("masks/a_mask.png");
        Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks"), new() { MaskSuffix = "" }));
    }

    [TestMethod]
    public void SuffixOfSomeImagesOnly_NamesTheFirstWithoutAndTheirNumber()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "a", "b", "c", "d" })
        {
            folder.Touch($"images/{name}.png");
        }

        folder.Touch("masks/a_mask.png");
        folder.Touch("masks/c_mask.png");
        string message = Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks")));
        StringAssert.Contains(message, "b.png: the image has no mask");
        StringAssert.Contains(message, "b_mask.png");
        StringAssert.Contains(message, "2 of 4 images");
    }

    [TestMethod]
    public void Subfolders_AreCountedAndReadWhenAskedFor()
    {
        using TemporaryFolder folder = new();
        foreach (string city in new[] { "ulm", "bonn" })
        {
            for (int i = 0; i < 3; i++)
            {
                folder.Touch($"images/{city}/{i}.png");
                folder.Touch($"masks/{city}/{i}.png");
            }
        }

        string message = Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks")));
        StringAssert.Contains(message, "bonn with 3 images");
        StringAssert.Contains(message, "--recursive");
        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(folder.File("images"), folder.File("masks"), new() { Recursive = true });
        CollectionAssert.AreEqual(new[] { "bonn/0", "bonn/1", "bonn/2", "ulm/0", "ulm/1", "ulm/2" }, pairs.Select(pair => pair.Name).ToArray());
        Assert.IsTrue(pairs.All(pair => pair.MaskPath.EndsWith($"{pair.Name}.png".Replace('/', Path.DirectorySeparatorChar), StringComparison.Ordinal)));
    }

    [TestMethod]
    public void MaskFolderInsideTheImages_IsNotReadAsImages()
    {
        using TemporaryFolder folder = new();
        folder.Touch("data/a.png");
        folder.Touch("data/masks/a.png");
        Assert.HasCount(1, ImageFolder.Pair(folder.File("data"), folder.File("data/masks"), new() { Recursive = true }));
    }

    [TestMethod]
    public void ExcludedFolder_IsReadNeitherAsImagesNorAsMasks()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch("images/results/b.png");
        folder.Touch("masks/a.png");
        ImageFolderOptions options = new() { Recursive = true, ExcludedFolder = folder.File("images/results") };
        Assert.AreEqual("a", ImageFolder.Pair(folder.File("images"), folder.File("masks"), options).Single().Name);

        // Below the masks, they would be masks without an image; in one folder for both, images without a mask.
        List<string> said = [];
        folder.Touch("masks/results/b.png");
        ImageFolder.Pair(folder.File("images"), folder.File("masks"), options with { ExcludedFolder = folder.File("masks/results"), Report = said.Add, OtherMaskFolders = [folder.File("images/results")] });
        Assert.IsEmpty(said);
        folder.Touch("both/a.jpg");
        folder.Touch("both/a_mask.png");
        folder.Touch("both/results/b.jpg");
        Assert.HasCount(1, ImageFolder.Pair(folder.File("both"), folder.File("both"), options with { ExcludedFolder = folder.File("both/results") }));
    }

    [TestMethod]
    public void FoldersThatDoNotCount_AreNotSaidToBeLeftOut()
    {
        using TemporaryFolder folder = new();
        folder.Touch("data/a.png");
        folder.Touch("data/masks/a.png");
        folder.Touch("data/results/a.png");
        List<string> said = [];
        ImageFolderOptions options = new() { ExcludedFolder = folder.File("data/results"), Report = said.Add };
        Assert.HasCount(1, ImageFolder.Pair(folder.File("data"), folder.File("data/masks"), options));
        Assert.IsEmpty(said);
        Assert.HasCount(1, ImageFolder.ListImages(folder.File("data"), options));
        StringAssert.Contains(said.Single(), "the subfolder masks with 1 image;");

        File.Delete(folder.File("data/a.png"));
        string message = Refused(() => ImageFolder.Pair(folder.File("data"), folder.File("data/masks"), options));
        Assert.EndsWith($"{string.Join(", ", ImageFolder.ImageExtensions)}.", message);
    }

    [TestMethod]
    public void LinksInACircle_End()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/sub/a.png");
        Directory.CreateSymbolicLink(folder.File("images/sub/up"), folder.File("images"));
        Directory.CreateSymbolicLink(folder.File("images/self"), ".");
        Assert.HasCount(1, ImageFolder.ListImages(folder.File("images"), new() { Recursive = true }));
    }

    [TestMethod]
    [DataRow("caf\u00E9", "cafe\u0301")]
    [DataRow("Vie\u0323\u0302t", "Vi\u1EC7t")]
    [DataRow("\u304C", "\u304B\u3099")]
    [DataRow("\uD55C", "\u1112\u1161\u11AB")]
    [DataRow("\u0439", "\u0438\u0306")]
    [DataRow("IMG_\u00C9", "img_e\u0301")]
    public void NamesThatLookEqual_BelongTogether(string image, string mask)
    {
        using TemporaryFolder folder = new();
        folder.Touch($"images/{image}.jpg");
        folder.Touch($"masks/{mask}.png");
        Assert.HasCount(1, ImageFolder.Pair(folder.File("images"), folder.File("masks")));
    }

    [TestMethod]
    public void ExactName_GoesBeforeOneThatLooksEqual()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/A.jpg");
        folder.Touch("images/a.jpg");
        folder.Touch("masks/a.png");
        StringAssert.Contains(Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks"))), "A.jpg: the image has no mask");
        folder.Touch("masks/A.png");
        Assert.IsTrue(ImageFolder.Pair(folder.File("images"), folder.File("masks"))
            .All(pair => Path.GetFileNameWithoutExtension(pair.MaskPath) == pair.Name));
    }

    [TestMethod]
    [DataRow("jpg", "lossy")]
    [DataRow("jpeg", "lossy")]
    [DataRow("jfif", "lossy")]
    [DataRow("webp", "as a rule it is lossy, and changes values near every edge. Convert lossless files to PNG")]
    [DataRow("gif", "Convert")]
    [DataRow("heic", "Convert")]
    [DataRow("npy", "Convert")]
    public void MasksOfOtherFormats_AreExplained(string extension, string reason)
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch($"masks/a.{extension}");
        StringAssert.Contains(Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks"))), reason);
        folder.Touch("masks/other.png");
        StringAssert.Contains(Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks"))), reason);
    }

    [TestMethod]
    public void MasksOfOtherNames_AreToldWhatTheirsShouldBe()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch("masks/mask_a.png");
        StringAssert.EndsWith(
            Refused(() => ImageFolder.Pair(folder.File("images"), folder.File("masks"))), "mask_a.png for example. Give each the name of its image, to which an ending may be added (--mask-suffix; MaskSuffix).");
    }

    [TestMethod]
    public void WhatIsLeftOut_IsCountedAndNamed()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "a.png", "b.heic", "c.heif", "d.avif", "notes.txt", ".hidden.png", "sub/x.png", "sub/y.png" })
        {
            folder.Touch(name);
        }

        List<string> said = [];
        Assert.HasCount(1, ImageFolder.ListImages(folder.Path, new() { Report = said.Add }));
        string all = string.Join('\n', said);
        foreach (string part in new[] { "2 HEIF files (b.heic, c.heif)", "1 AVIF file (d.avif)", "1 file that is no image: notes.txt", "1 hidden file: .hidden.png", "sub with 2 images" })
        {
            StringAssert.Contains(all, part);
        }
    }

    [TestMethod]
    public void MasksWithoutImages_AreCountedAndNamed()
    {
        using TemporaryFolder folder = new();
        folder.Touch("images/a.png");
        folder.Touch("masks/a.png");
        folder.Touch("masks/b.png");
        List<string> said = [];
        ImageFolder.Pair(folder.File("images"), folder.File("masks"), new() { Report = said.Add });
        StringAssert.Contains(said.Single(), "1 mask without an image: b.png");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public void PipesDevicesAndBrokenLinks_AreSkippedWithAWord()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("Pipes are made by Linux here.");
        }

        using TemporaryFolder folder = new();
        folder.Touch("a.png");
        folder.Pipe("pipe.png");
        File.CreateSymbolicLink(folder.File("zero.png"), "/dev/zero");
        File.CreateSymbolicLink(folder.File("linked-pipe.png"), folder.File("pipe.png"));
        File.CreateSymbolicLink(folder.File("gone.png"), folder.File("nowhere.png"));
        List<string> said = [];
        Assert.HasCount(1, ImageFolder.ListImages(folder.Path, new() { Report = said.Add }));
        string all = string.Join('\n', said);
        StringAssert.Contains(all, "3 entries that are a pipe, a socket or a device: linked-pipe.png, pipe.png, zero.png");
        StringAssert.Contains(all, "1 link that leads nowhere: gone.png");
    }

    [TestMethod]
    public void FileInPlaceOfAFolder_IsNamed()
    {
        using TemporaryFolder folder = new();
        string file = folder.Touch("a.png");
        StringAssert.Contains(Assert.ThrowsExactly<DirectoryNotFoundException>(() => ImageFolder.ListImages(file)).Message, "this is a file");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<InvalidDataException>(action).Message;
}
