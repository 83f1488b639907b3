using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.Binary.Tests.Samples;

/// <summary><c>samples/Batch/spark/score.py</c> without Spark: what it calls the images of a manifest.</summary>
[TestClass]
public sealed class SparkScoreTests
{
    [TestMethod]
    [DataRow("path", "a.png", "deep/b é.jpg", "../c.png", "/data/x/d.e.tif", "./f", "FOLDER/below/g.png")]
    [DataRow("weight, Image ,NAME", "1,a.png,first", "2,/data/b.png, deep/second ")]
    public void Images_HaveTheNamesThatTheToolGivesThem(string columns, params string[] rows)
    {
        using TemporaryFolder folder = new();
        string manifest = folder.File("images.csv");
        rows = [.. rows.Select(row => row.Replace("FOLDER", folder.Path, StringComparison.Ordinal))];
        File.WriteAllLines(manifest, [columns, .. rows]);
        (string Path, string Name)[] expected = [.. ImageManifest.Open(manifest).Select(image => (Path.GetFullPath(image.Path), image.Name))];
        CollectionAssert.AreEqual(expected, Named(folder.Path, columns.Split(','), [.. rows.Select(row => row.Split(','))]));
    }

    private static (string Path, string Name)[] Named(string root, string[] columns, string[][] rows)
    {
        string? python = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists);
        if (python is null)
        {
            Assert.Inconclusive("There is no Python here.");
        }

        const string program = """
            import json, sys
            sys.dont_write_bytecode = True
            sys.path.insert(0, sys.argv[1])
            import score
            root, columns, rows = json.loads(sys.argv[2])
            print(json.dumps([score.images(columns, root)(row) for row in rows]))
            """;
        string input = JsonSerializer.Serialize(new object[] { root, columns, rows });
        using Process run = Process.Start(new ProcessStartInfo(
            python, ["-c", program, Path.Combine(Sources.Folder, "samples", "Batch", "spark"), input])
        {
            RedirectStandardOutput = true,
        })!;
        return [.. JsonSerializer.Deserialize<string[][]>(run.StandardOutput.ReadToEnd())!.Select(image => (image[0], image[1]))];
    }
}
