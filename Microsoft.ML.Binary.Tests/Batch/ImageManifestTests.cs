using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Batch;

[TestClass]
public sealed class ImageManifestTests
{
    [TestMethod]
    public void List_HasOnePathALine_FromTheFolderOfTheManifest()
    {
        using TemporaryFolder folder = new();
        string manifest = folder.File("list.txt");
        File.WriteAllText(manifest, "\uFEFFa.png\r\n\r\ndeep/b é.jpg\n../c.png\n/data/x/d.tif\nno-end.bmp");
        ImageManifest images = ImageManifest.Open(manifest);
        Assert.AreEqual(5, images.Count);
        string above = Path.GetDirectoryName(folder.Path)!.TrimStart('/');
        AreEqual(
            [
                new("a", folder.File("a.png")), new("deep/b é", folder.File("deep/b é.jpg")), new($"{above}/c", folder.File("../c.png")),
                new("data/x/d", "/data/x/d.tif"), new("no-end", folder.File("no-end.bmp")),
            ],
            images);
        AreEqual([.. images], images);
    }

    [TestMethod]
    [DataRow("a.csv", "Name,weight,PATH\nfirst,1,\"x, \"\"y\"\".png\"\n\"deep/second\",2,z.png\n")]
    [DataRow("a.TSV", "name\tweight\timage\nfirst\t1\tx, \"y\".png\ndeep/second\t2\tz.png\n")]
    public void Table_HasNamesOfItsOwn(string name, string text)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File(name), text);
        AreEqual([new("first", folder.File("x, \"y\".png")), new("deep/second", folder.File("z.png"))], ImageManifest.Open(folder.File(name)));
    }

    [TestMethod]
    public void BadLines_AreNamedByTheirNumbers()
    {
        using TemporaryFolder folder = new();
        string manifest = folder.File("bad.csv");
        File.WriteAllBytes(manifest, [
            .. "path,name\n"u8, .. "a.png,a\n"u8, .. ",b\n"u8, .. "c.png\n"u8, .. "d.png,../d\n"u8, .. "\"e.png,e\n"u8, .. "f\xFF.png,f"u8[..1], 0xFF, .. ".png,f\n"u8,
            .. "g.png,a\n"u8, .. "h.png,/h\n"u8, .. "i.png,\n"u8, .. "\n"u8, .. "j\0.png,j\n"u8]);
        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Open(manifest));
        StringAssert.StartsWith(error.Message, $"{manifest}: line 3: no path; line 4: 1 column where the first line has 2; line 5: the name '../d' cannot be");
        foreach (string part in new[] { "line 6: a quotation mark", "line 7: this is not UTF-8", "line 8: a second image named 'a', after line 2", "line 9: the name '/h'", "line 10: an empty name", "line 12: a character of code 0" })
        {
            StringAssert.Contains(error.Message, part);
        }

        File.WriteAllLines(manifest, ["path", .. Enumerable.Repeat("same.png", 40)]);
        error = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Open(manifest));
        StringAssert.EndsWith(error.Message, "in a column 'name'; and 29 more lines.");
    }

    [TestMethod]
    [DataRow("a.csv", "a.png\nb.png\n", "line 1", "called path")]
    [DataRow("a.csv", "\n\n", "lists no image", "a.csv")]
    [DataRow("a.txt", "", "lists no image", "a.txt")]
    [DataRow("a.csv", "path\n", "lists no image", "a.csv")]
    public void TablesWithoutPaths_AreRefused(string name, string text, string part, string another)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File(name), text);
        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Open(folder.File(name)));
        StringAssert.Contains(error.Message, part);
        StringAssert.Contains(error.Message, another);
    }

    [TestMethod]
    public void ChangedManifest_IsNoticed()
    {
        using TemporaryFolder folder = new();
        string manifest = folder.File("list.txt");
        File.WriteAllText(manifest, "a.png\n");
        ImageManifest images = ImageManifest.Open(manifest);
        File.AppendAllText(manifest, "b.png\n");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => images.ToArray()).Message, "line 2: one image more");
        File.WriteAllText(manifest, "\0.png");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => images.ToArray()).Message, "line 1: a character of code 0");
    }

    [TestMethod]
    public void ManifestThatWasCut_IsNoticed_ByEveryShard()
    {
        using TemporaryFolder folder = new();
        string manifest = folder.File("list.txt");
        File.WriteAllText(manifest, "a.png\nb.png\nc.png\n");
        ImageManifest images = ImageManifest.Open(manifest);
        File.WriteAllText(manifest, "a.png\n");
        for (int index = 1; index <= 2; index++)
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => images.Of(new Shard(index, 2)).ToArray()).Message;
            Assert.AreEqual($"{manifest}: 2 images fewer. The manifest was changed since it was checked.", message);
        }
    }

    [TestMethod]
    public void Folders_AreNoManifests()
    {
        using TemporaryFolder folder = new();
        StringAssert.StartsWith(Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Open(folder.Path)).Message, $"{folder.Path}: this is a folder;");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Devices_AreNoManifests() => StringAssert.StartsWith(
        Assert.ThrowsExactly<InvalidDataException>(() => ImageManifest.Open("/dev/null")).Message, "/dev/null: a pipe or a device, and a manifest is read several times");

    [TestMethod]
    public void Shards_AreAPartition_WhichNamesAloneDecide()
    {
        NamedFile[] images = [.. Enumerable.Range(0, 2000).Select(i => new NamedFile($"deep/{i}", $"/somewhere/{i}.png"))];
        int[] sizes = [.. Enumerable.Range(1, 7).Select(i => images.Count(new Shard(i, 7).Contains))];
        Assert.AreEqual(images.Length, sizes.Sum());
        foreach (NamedFile image in images)
        {
            Assert.AreEqual(1, Enumerable.Range(1, 7).Count(i => new Shard(i, 7).Contains(image)), image.Name);
        }

        Assert.IsTrue(sizes.All(size => size is > 200 and < 380), string.Join(", ", sizes));
        Assert.IsTrue(default(Shard).Contains(images[0]));

        // The documented rule, for other programs.
        byte[] hash = System.Security.Cryptography.SHA256.HashData("deep/0"u8);
        ulong number = hash.Take(8).Aggregate(0UL, (sum, value) => (sum << 8) | value);
        Assert.IsTrue(new Shard((int)(number % 16) + 1, 16).Contains(images[0]));
    }

    [TestMethod]
    public void Shard_IsReadFromText()
    {
        Assert.AreEqual(new Shard(3, 16), Shard.Parse("3/16"));
        Assert.AreEqual("3/16", new Shard(3, 16).ToString());
        foreach (string wrong in new[] { "0/4", "5/4", "1", "1/2/3", "-1/4", "a/b", "1/0", "", "1/9999999", " 1/2" })
        {
            Assert.IsNull(Shard.Parse(wrong), wrong);
        }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Shard(5, 4));
    }

    private static void AreEqual(NamedFile[] expected, IEnumerable<NamedFile> actual) => CollectionAssert.AreEqual(expected, actual.ToArray());
}
