using System.Text.Json;
using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What a command writes takes the place of nothing that it reads, and two outputs are two files.</summary>
[TestClass]
public sealed class OutputFileTests
{
    [TestMethod]
    public void AModelIsNotReplacedByWhatIsSaidOfIt()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        byte[] before = File.ReadAllBytes(model);
        File.CreateSymbolicLink(place["link.json"], model);

        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", model, "--json", model], model, "--json would replace this file, which --model names");
        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", model, "--json", place["link.json"]], "--json would replace this file, which --model names");
        CommandRun.Fails(CommandLineTool.Failure, ["export", "--model", model, "--onnx", model], "--onnx would replace this file, which --model names");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(model));
    }

    [TestMethod]
    public void APictureIsReplacedByNothing()
    {
        using Workplace place = new();
        string model = place.SegmentationModel(), mask = place.Mask(0);
        byte[] before = File.ReadAllBytes(mask);

        CommandRun.Fails(
            CommandLineTool.Failure, ["evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--html", mask], mask, "--html would replace this file, which is an image");
        CommandRun.Fails(CommandLineTool.Failure, place.Train(mask), "--out would replace this file, which is an image");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(mask));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [DataRow("evaluate", "/dev/stdout", "images, ")]
    [DataRow("compare", "/dev/fd/1", "paired bootstrap")]
    [DataRow("inspect", "/dev/stdout", "parameters")]
    public async Task WhatIsWrittenToTheOutput_StandsThereAlone(string command, string output, string text)
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        string[] data = ["--images", place.Images, "--masks", place.Masks];
        CommandRun run = await CommandRun.OfProcess(
            [command, "--model", model, .. command switch { "compare" => (string[])["--model", model, .. data], "evaluate" => data, _ => [] }, "--json", output]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        StringAssert.Contains(run.Error, text);
    }

    [TestMethod]
    public void ADashIsNoFile()
    {
        using Workplace place = new();
        CommandRun.Fails(CommandLineTool.Usage, ["inspect", "--model", place.SegmentationModel(), "--json", "-"], "--json is '-'; write /dev/stdout");
        CommandRun.Fails(
            CommandLineTool.Usage, ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", "-"], "--out is '-', which is no folder");
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void TheOutputTakesOneFile()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure,
            ["evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks, "--json", "/dev/stdout", "--csv", "/dev/fd/1"],
            "--csv: the standard output takes one file");
    }

    [TestMethod]
    public void TwoOutputsAreTwoFiles()
    {
        using Workplace place = new();
        string same = Path.Combine(place.Images, "..", "a.txt");

        CommandRun.Fails(
            CommandLineTool.Failure,
            ["evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks, "--json", place["a.txt"], "--csv", same],
            "--json and --csv name the same file");

        Assert.IsFalse(File.Exists(same));
    }

    [TestMethod]
    public void AModelMayTakeItsOwnPlace()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        byte[] before = File.ReadAllBytes(model);

        CommandRun.Lines("extract", "--model", model, "--out", model, "--working-size", "64");

        CollectionAssert.AreNotEqual(before, File.ReadAllBytes(model));
    }

    /// <summary>Names that no file system takes are refused before the first step, not after the last.</summary>
    [TestMethod]
    [DataRow(251)]
    [DataRow(246)]
    public void NamesThatAreTooLongAreRefusedAtOnce(int length)
    {
        using Workplace place = new();

        CommandRun.Fails(CommandLineTool.Failure, place.Train(place[new string('a', length) + ".mlbn"]), "longer than 255 bytes", "shorter");

        Assert.IsFalse(place.Everything().Any(name => name.StartsWith("aaa", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void ATableTakesThePlaceOfNothingThatIsRead()
    {
        using Workplace place = new();
        string model = place.SegmentationModel(), csv = place["model.csv"];
        File.Copy(model, csv);
        byte[] before = File.ReadAllBytes(csv);
        string[] score = ["score", "--images", place.Images, "--out", place["out"], "--table"];

        CommandRun.Fails(CommandLineTool.Failure, [.. score, csv, "--model", csv], "--table would replace this file, which --model names");
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", model, "--images", place.Images, "--out", place["a.csv"], "--table", place["a.csv"]], "--table and --out name the same place");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(csv));
        Assert.IsFalse(Directory.Exists(place["out"]) || Directory.Exists(place["a.csv"]));
    }

    /// <summary>Of every command that writes into a folder: one that cannot take its files is refused before the first step, and nothing is made.</summary>
    [TestMethod]
    [DataRow("score")]
    [DataRow("search")]
    [DataRow("map-search")]
    public void AFolderThatIsAFileIsRefusedAtOnce(string name)
    {
        using Workplace place = new();
        string file = place["file"];
        File.WriteAllText(file, "mine");
        string[] before = place.Everything();
        string[] command = name switch
        {
            "score" => ["score", "--model", "none", "--images", place.Images, "--out"],
            "search" => ["search", "--images", place.Images, "--masks", place.Masks, "--out"],
            _ => ["map-search", "--model", "none", "--images", place.Images, "--masks", place.Masks, "--arch", "eyeriss", "--out"],
        };

        CommandRun.Fails(CommandLineTool.Failure, [.. command, file], file, "--out names a folder", "this is a file");
        CommandRun.Fails(CommandLineTool.Failure, [.. command, Path.Combine(file, "sub", "out")], "--out names a folder", $"{file} is a file");

        Assert.AreEqual("mine", File.ReadAllText(file));
        CollectionAssert.AreEqual(before, place.Everything());
    }

    [TestMethod]
    [DataRow("search", "front.csv")]
    [DataRow("map-search", "front.json")]
    public void AFolderWhereAResultCannotBeWrittenIsRefusedAtOnce(string name, string result)
    {
        using Workplace place = new();
        Directory.CreateDirectory(Path.Combine(place["out"], result));
        string[] model = name == "search" ? [] : ["--model", "none", "--arch", "eyeriss"];

        CommandRun.Fails(CommandLineTool.Failure, [name, .. model, "--images", place.Images, "--masks", place.Masks, "--out", place["out"]], result, "it is a folder");

        CollectionAssert.AreEqual(new[] { Path.Combine(place["out"], result) }, Directory.GetFileSystemEntries(place["out"]));
    }

    /// <summary>What a search writes has names that only its work tells, so that nothing is read from where they go.</summary>
    [TestMethod]
    public void NothingIsReadFromTheFolderThatItsOwnKindIsWrittenInto()
    {
        using Workplace place = new();
        string folder = place["out"], model = Path.Combine(folder, "lambda-3.mlbn"), table = Path.Combine(folder, "front.csv");
        Directory.CreateDirectory(folder);
        File.Copy(place.SegmentationModel(), model);
        File.WriteAllText(table, "mine");
        File.CreateSymbolicLink(place["link.mlbn"], model);
        File.CreateSymbolicLink(place["same"], folder);
        byte[] before = File.ReadAllBytes(model);
        string[] search = ["search", "--images", place.Images, "--masks", place.Masks, "--steps", "2", "--out"];

        CommandRun.Fails(CommandLineTool.Failure, [.. search, folder, "--from", model], model, "--out may replace this file, which --from names");
        CommandRun.Fails(CommandLineTool.Failure, [.. search, place["same"], "--from", place["link.mlbn"]], "--out may replace this file, which --from names");
        CommandRun.Fails(CommandLineTool.Failure, [.. search, folder, "--cost", $"latency:{table}"], table, "--out may replace this file, which --cost names");

        CollectionAssert.AreEqual(before, File.ReadAllBytes(model));
        Assert.AreEqual("mine", File.ReadAllText(table));
        Assert.HasCount(2, Directory.GetFileSystemEntries(folder));
    }
}
