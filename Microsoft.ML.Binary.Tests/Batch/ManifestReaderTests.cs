using System.Text;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Batch;

/// <summary>The quick ways through a manifest find what the plain ones do.</summary>
[TestClass]
public sealed class ManifestReaderTests
{
    // What names are made of, with everything that has a meaning to a path, a table or UTF-8.
    private static readonly string[] Pieces = ["a", "B", "7", "name", "é", "漢", "\u0085", "\u00A0", "\u3000", "/", "//", ".", "..", "./", "/.", "\\", ":", "C:", " ", "\"", ".png", ".jpg", "\t", "\u0001", "\u007F"];

    [TestMethod]
    public void Lines_AreThoseOfATextReader()
    {
        using TemporaryFolder folder = new();
        Random random = new(5);
        for (int trial = 0; trial < 40; trial++)
        {
            StringBuilder text = new(trial % 2 == 0 ? "\uFEFF" : "");
            for (int line = random.Next(6); line >= 0; line--)
            {
                // Ends of lines fall on both sides of those of buffers, of 65,536 bytes and twice as many.
                text.Append('x', random.Next(4) switch { 0 => 0, 1 => random.Next(9), 2 => 65_530 + random.Next(12), _ => 131_065 + random.Next(14) });
                text.Append(random.Next(5) switch { 0 => "\r", 1 => "\n", 2 => "\r\n", 3 => "\n\r", _ => "" });
            }

            string path = folder.File("lines.txt");
            File.WriteAllText(path, text.ToString(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            using ByteLineReader lines = new(path);
            foreach (string expected in File.ReadLines(path))
            {
                Assert.IsTrue(lines.Read(), $"{trial}: {lines.Number}");
                Assert.AreEqual(expected, Encoding.UTF8.GetString(lines.Line), $"{trial}: {lines.Number}");
            }

            Assert.IsFalse(lines.Read(), $"{trial}");
        }
    }

    [TestMethod]
    [DataRow("list.txt", "")]
    [DataRow("table.csv", "path\n")]
    [DataRow("table.csv", "name,path,more\n")]
    [DataRow("table.tsv", "weight\tpath\tname\n")]
    public void QuickNames_AreThoseOfParsedLines(string name, string head)
    {
        using TemporaryFolder folder = new();
        Random random = new(7);
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(head)];
        for (int line = 0; line < 20_000; line++)
        {
            char[] separators = [.. head.Where(c => c is ',' or '\t')];
            string fields = string.Join(separators.FirstOrDefault(), Enumerable.Range(0, separators.Length + 1).Select(_ => FieldOf(random)));
            bytes.AddRange([.. Encoding.UTF8.GetBytes(fields), .. random.Next(50) == 0 ? [(byte)0xFF] : Array.Empty<byte>(), (byte)'\n']);
        }

        File.WriteAllBytes(folder.File(name), [.. bytes]);
        (int quick, int slow) = (0, 0);
        using ManifestReader reader = new(folder.File(name));
        while (reader.Read())
        {
            ManifestLine line = reader.Parse();
            if (reader.TryGetName(out ReadOnlySpan<byte> found))
            {
                Assert.AreEqual(line.Image?.Name, Encoding.UTF8.GetString(found), $"line {reader.Number}: {line.Problem}");
                quick++;
            }
            else
            {
                slow++;
            }
        }

        Assert.IsTrue(quick > 300 && slow > 300, $"{quick} quick, {slow} not");
    }

    [TestMethod]
    [DataRow("list.txt")]
    [DataRow("table.csv")]
    public void Shards_AreThoseOfTheirNames_InTheOrderOfTheLines(string name)
    {
        using TemporaryFolder folder = new();
        string[] paths = [.. Enumerable.Range(0, 500).Select(i => i % 7 == 0 ? $"/elsewhere/é{i}.png" : i % 5 == 0 ? $"./{i}/b.png" : $"deep/{i}.tar.png")];
        File.WriteAllLines(folder.File(name), name.EndsWith("csv", StringComparison.Ordinal) ? ["path", .. paths] : paths);
        ImageManifest manifest = ImageManifest.Open(folder.File(name));
        NamedFile[] all = [.. manifest];
        Assert.AreEqual(paths.Length, all.Length);
        for (int index = 1; index <= 3; index++)
        {
            Shard shard = new(index, 3);
            CollectionAssert.AreEqual(all.Where(shard.Contains).ToArray(), manifest.Of(shard).ToArray());
        }
    }

    [TestMethod]
    public void ALineOfAnotherShardThatWasAdded_IsNoticed()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("list.txt");
        File.WriteAllLines(path, Enumerable.Range(0, 20).Select(i => $"{i}.png"));
        ImageManifest manifest = ImageManifest.Open(path);
        File.AppendAllText(path, "20.png\n");
        for (int index = 1; index <= 2; index++)
        {
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => manifest.Of(new Shard(index, 2)).ToArray()).Message, "line 21: one image more");
        }
    }

    private static string FieldOf(Random random) => random.Next(2) == 0 ? $"a/b.{random.Next()}.png" : string.Concat(random.GetItems(Pieces, random.Next(6)));
}
