using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>mlbinary score</c> with manifests, shards, tables, and after a kill.</summary>
[TestClass]
public sealed class ScoreBatchTests
{
    [TestMethod]
    public void Manifest_NamesTheMasks()
    {
        using Workplace place = new(images: 3);
        File.WriteAllText(place["list.csv"], "path,name\nimages/002.png,b/two\nimages/000.png,zero\n");
        string[] command = ["score", "--model", place.SegmentationModel(), "--manifest", place["list.csv"], "--out", place["out"]];
        Assert.AreEqual($"Wrote 2 masks to {place["out"]}", CommandRun.Lines(command).Single());
        CollectionAssert.AreEquivalent(new[] { place["out/b/two.png"], place["out/zero.png"] }, Directory.GetFiles(place["out"], "*", SearchOption.AllDirectories));
        Assert.AreEqual($"Wrote 0 masks to {place["out"]}; 2 images had theirs already", CommandRun.Lines([.. command, "--resume"]).Single());

        File.AppendAllText(place["list.csv"], "images/001.png\n");
        CommandRun.Fails(CommandLineTool.Failure, command, place["list.csv"], "line 4");
    }

    [TestMethod]
    public void Manifest_MissingImagesAreListed()
    {
        using Workplace place = new(images: 1);
        File.WriteAllText(place["list.txt"], "images/000.png\nimages/none.png\n");
        CommandRun run = CommandRun.Of("score", "--model", place.SegmentationModel(), "--manifest", place["list.txt"], "--out", place["out"], "--table", place["a.csv"]);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Error, "1 of 2 images could not be scored");
        StringAssert.Contains(run.Error, "none.png");
        StringAssert.Contains(File.ReadAllLines(place["a.csv"])[2], ",failed,");
    }

    [TestMethod]
    [DataRow("a.csv")]
    [DataRow("a.parquet")]
    public void FailFast_NamesTheImageAndNotTheTable(string table)
    {
        using Workplace place = new(images: 1);
        File.WriteAllText(place["list.txt"], "images/000.png\nimages/none.png\n");
        CommandRun run = CommandRun.Of("score", "--model", place.SegmentationModel(), "--manifest", place["list.txt"], "--out", place["out"], "--table", place[table], "--fail-fast");
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Error, "none.png");
        Assert.DoesNotContain(table, run.Error);
        Assert.IsFalse(File.Exists(place[table]));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AnErrorThatEndsTheRun_HidesNoFailure()
    {
        using Workplace place = new(images: 3);
        File.WriteAllText(place.Image(1), "not an image");
        File.CreateSymbolicLink(place["full.csv"], "/dev/full");
        foreach (string[] command in (string[][])[
            ["score", "--images", place.Images, "--out", place["out"], "--table", place["full.csv"]],
            ["evaluate", "--images", place.Images, "--masks", place.Masks, "--csv", place["full.csv"]]])
        {
            CommandRun run = CommandRun.Of([.. command, "--model", place.SegmentationModel()]);
            Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
            string[] lines = run.Error.TrimEnd().ReplaceLineEndings("\n").Split('\n');
            Assert.HasCount(3, lines);
            StringAssert.StartsWith(lines[0], "mlbinary: 1 of 3 images could not be");
            StringAssert.Contains(lines[1], place.Image(1));
            StringAssert.Contains(lines[2], "the disk is full");
        }
    }

    [TestMethod]
    public async Task Parquet_HoldsTheRowsOfTheCsv()
    {
        using Workplace place = new(images: 4);
        File.WriteAllText(place.Image(2), "not an image");
        string[] command = ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"], "--table"];
        CommandRun.Of([.. command, place["a.csv"]]);
        CommandRun.Of([.. command, place["a.parquet"], "--resume"]);

        // Commas within quotation marks are no separators.
        string[][] csv = [.. File.ReadAllLines(place["a.csv"]).Select(line => Regex.Split(line, ",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)").Select(field => field.Trim('"')).ToArray())];
        await using ParquetReader reader = await ParquetReader.CreateAsync(place["a.parquet"]);
        DataField[] fields = reader.Schema.GetDataFields();
        CollectionAssert.AreEqual(csv[0], fields.Select(field => field.Name).ToArray());
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        Assert.AreEqual(4, (int)group.RowCount);
        for (int column = 0; column < fields.Length; column++)
        {
            string[] expected = [.. csv[1..].Select(row => row[column])];
            object?[] values = fields[column].ClrType == typeof(int) ? await Numbers<int>(fields[column])
                : fields[column].ClrType == typeof(long) ? await Numbers<long>(fields[column])
                : await Texts(fields[column]);
            Assert.AreEqual(
                string.Join('|', expected), string.Join('|', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))), csv[0][column]);
        }

        async Task<object?[]> Texts(DataField field)
        {
            string?[] values = new string?[group.RowCount];
            await group.ReadAsync(field, values.AsMemory());
            return values;
        }

        async Task<object?[]> Numbers<T>(DataField field)
            where T : struct
        {
            T?[] values = new T?[group.RowCount];
            await group.ReadAsync(field, values.AsMemory());
            return [.. values.Select(value => (object?)value)];
        }
    }

    [TestMethod]
    public void WrongOptions_AreUsageErrors()
    {
        using Workplace place = new(images: 1);
        string[] start = ["score", "--model", place.SegmentationModel(), "--out", place["out"]];
        CommandRun.Fails(CommandLineTool.Usage, start, "--images", "--manifest");
        CommandRun.Fails(CommandLineTool.Usage, [.. start, "--images", place.Images, "--manifest", "a.csv"], "Either");
        CommandRun.Fails(CommandLineTool.Usage, [.. start, "--manifest", "a.csv", "--recursive"], "--recursive");
        CommandRun.Fails(CommandLineTool.Usage, [.. start, "--images", place.Images, "--shard", "5/4"], "--shard is '5/4'", "1/N to N/N");
        CommandRun.Fails(CommandLineTool.Usage, [.. start, "--images", place.Images, "--table", "a.xlsx"], ".parquet");
        CommandRun.Fails(CommandLineTool.Usage, [.. start, "--images", place.Images, "--threads", "0"], "--threads");
    }

    [TestMethod]
    public void TheTable_DoesNotReplaceTheManifest_AndIsTriedFirst()
    {
        using Workplace place = new(images: 1);
        File.WriteAllText(place["list.csv"], "path\nimages/000.png\n");
        string[] command = ["score", "--model", place.SegmentationModel(), "--manifest", place["list.csv"], "--out", place["out"], "--table"];
        CommandRun.Fails(CommandLineTool.Failure, [.. command, place["list.csv"]], "--table would replace this file, which --manifest names");
        CommandRun.Fails(CommandLineTool.Failure, [.. command, place["none/a.csv"]], place["none"]);
        Assert.IsFalse(Directory.Exists(place["out"]));
    }

    [TestMethod]
    public void AnotherModel_IsRefusedWhereARunIsToGoOn()
    {
        using Workplace place = new(images: 2);
        CommandRun.Lines("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", place.SaliencyModel(), "--images", place.Images, "--out", place["out"], "--resume"],
            place["out/000.png"], "another network", "--resume");
    }

    [TestMethod]
    public void AfterAKill_TheRestIsMade_AndNothingTwice()
    {
        using Workplace place = new(images: 0);
        string model = place.SegmentationModel();
        const int count = 400;
        RgbImage image = Pipeline.PipelineNetworks.Image(96, 80);
        image.SavePng(place.Image(0));
        byte[] file = File.ReadAllBytes(place.Image(0));
        for (int i = 1; i < count; i++)
        {
            File.WriteAllBytes(place.Image(i), file);
        }

        string[] command = ["score", "--model", model, "--images", place.Images, "--threads", "2", "--out"];
        CommandRun.Of([.. command, place["whole"], "--table", place["whole.csv"]]);
        using (Process process = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(CommandLineTool).Assembly.Location, .. command, place["out"], "--table", place["out.csv"]])
        { RedirectStandardOutput = true })!)
        {
            SpinWait.SpinUntil(() => process.HasExited || (Directory.Exists(place["out"]) && Directory.GetFiles(place["out"], "*.png").Length >= 20), TimeSpan.FromSeconds(120));
            process.Kill();
            process.WaitForExit();
        }

        // What was half-written goes when it is a day old.
        foreach (string left in Directory.GetFiles(place["out"], AtomicFile.TemporaryPattern))
        {
            File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));
        }

        Dictionary<string, DateTime> done = Directory.GetFiles(place["out"], "*.png").ToDictionary(path => path, File.GetLastWriteTimeUtc);
        Assert.IsTrue(done.Count is >= 20 and < count, $"{done.Count} were done when the process was killed");
        Assert.IsFalse(File.Exists(place["out.csv"]), "a table of half a run");

        CommandRun run = CommandRun.Of([.. command, place["out"], "--resume", "--table", place["out.csv"]]);
        StringAssert.Contains(run.Output, $"Wrote {count - done.Count} masks to {place["out"]}; {done.Count} images had theirs already");
        foreach ((string path, DateTime time) in done)
        {
            Assert.AreEqual(time, File.GetLastWriteTimeUtc(path), path);
        }

        CollectionAssert.AreEqual(File.ReadAllBytes(place["whole.csv"]), File.ReadAllBytes(place["out.csv"]));
        Assert.HasCount(count, Directory.GetFiles(place["out"]));
        foreach (string path in Directory.GetFiles(place["whole"]))
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(place["out"], Path.GetFileName(path))));
        }
    }
}
