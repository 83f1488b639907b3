using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>How commands are told at which size images are looked at.</summary>
[TestClass]
public sealed class ViewOptionTests
{
    [TestMethod]
    public void Score_LooksAtImagesAsItIsTold()
    {
        using Workplace place = new(images: 1);
        string model = Sized(place, 24);
        DenseNetwork network = DenseNetwork.Load(model);
        foreach ((string[] options, ViewOptions views) in new (string[], ViewOptions)[]
        {
            ([], ViewOptions.AsTrained),
            (["--working-size", "trained"], ViewOptions.AsTrained),
            (["--working-size", "own"], ViewOptions.AsIs),
            (["--working-size", "64"], ViewOptions.At(64)),
            (["--scales", "0.75,1.5", "--mirror"], new() { Scales = [0.75, 1.5], Mirrored = true }),
            (["--mirror", "no"], ViewOptions.AsTrained),
            (["--attention-reduction", "1"], new() { AttentionReduction = AttentionReduction.Fixed(1) }),
            (["--attention-reduction", "auto", "--working-size", "own"], ViewOptions.AsIs with { AttentionReduction = AttentionReduction.BySize() }),
        })
        {
            CommandRun.Lines(["score", "--model", model, "--images", place.Image(0), "--out", place["out"], .. options]);
            using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Views = views });
            RgbImage image = RgbImage.Load(place.Image(0));
            byte[] expected = new byte[image.Width * image.Height];
            compiled.PredictLabels(image, expected);
            CollectionAssert.AreEqual(expected, MaskReader.ReadClassIndices(Path.Combine(place["out"], "000.png")).Labels, string.Join(' ', options));
        }
    }

    [TestMethod]
    public void Score_DrawsOnTheWholeOfAPictureThatWasDecodedSmaller()
    {
        using Workplace place = new();
        RgbImage picture = EncodedImages.Picture(640, 488);
        File.WriteAllBytes(place["photo.jpg"], EncodedImages.Jpeg(picture));
        foreach (string model in new[] { Sized(place, 24), place.SaliencyModel() })
        {
            CommandRun.Lines("score", "--model", model, "--images", place["photo.jpg"], "--out", place["out"], "--overlay", "--working-size", "24");
            RgbImage mask = RgbImage.Load(Path.Combine(place["out"], "photo.png")), overlay = RgbImage.Load(Path.Combine(place["out"], "photo.overlay.png"));
            Assert.AreEqual((640, 488), (mask.Width, mask.Height));
            Assert.IsTrue(overlay.Width >= 640 && overlay.Height >= 488, $"{overlay.Width}x{overlay.Height}");
        }
    }

    [TestMethod]
    public void Score_TakesTheViewsThatWereSavedWithTheModel()
    {
        using Workplace place = new(images: 1);
        MLContext ml = new(1);
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = ViewOptions.At(20) }), null, place["model.zip"]);
        CommandRun.Lines("score", "--model", place["model.zip"], "--images", place.Image(0), "--out", place["saved"]);
        CommandRun.Lines("score", "--model", place.SegmentationModel(), "--images", place.Image(0), "--out", place["told"], "--working-size", "20");
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(place["told"], "000.png")), File.ReadAllBytes(Path.Combine(place["saved"], "000.png")));
    }

    [TestMethod]
    public void TheSizeThatWasSavedWithAModel_IsThatOfAllCommands()
    {
        using Workplace place = new();
        MLContext ml = new(1);
        string zip = place["sized.zip"];
        ml.Model.Save(ml.Segmentation.FromNetwork(DenseNetwork.Load(place.SegmentationModel()), new() { Views = ViewOptions.At(20) }), null, zip);
        CommandRun.Lines("inspect", "--model", zip, "--json", place["a.json"]);
        Assert.AreEqual(20, JsonDocument.Parse(File.ReadAllText(place["a.json"])).RootElement.GetProperty("workingSize").GetInt32());
        CommandRun.Lines("tokens", "--model", zip, "--images", place.Images, "--attention-reduction", "1", "--json", place["a.json"]);
        Assert.AreEqual("20", JsonDocument.Parse(File.ReadAllText(place["a.json"])).RootElement.GetProperty("points")[0].GetProperty("size").GetString());

        string[] train = ["train", "--images", place.Images, "--batch", "2", "--steps", "1", "--out", place["a.network"]];
        CommandRun.Lines([.. train, "--task", "segmentation", "--masks", place.Masks, "--from", zip]);
        Assert.AreEqual(WorkingSize.Of(20), DenseNetwork.Load(place["a.network"]).WorkingSize);
        File.WriteAllText(place["tasks.json"], """[{"name": "classes", "kind": "segmentation", "masks": "masks", "classes": "3"}]""");
        CommandRun.Lines([.. train, "--tasks", place["tasks.json"], "--preset", "tiny", "--transfer", zip]);
        Assert.AreEqual(WorkingSize.Of(20), DenseNetwork.Load(place["a.network"]).WorkingSize);
    }

    [TestMethod]
    public void Compare_TakesViewsForEachModel()
    {
        using Workplace place = new(images: 2);
        string model = Sized(place, 24);
        string[] command = ["compare", "--model", model, "--model", model, "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]];
        Assert.AreEqual(0, Difference([.. command, "--working-size", "48"]));
        Assert.AreNotEqual(0, Difference([.. command, "--working-size", "trained", "--working-size", "own"]));
        Assert.AreNotEqual(0, Difference([.. command, "--mirror", "no", "--mirror", "yes"]));

        double Difference(string[] args)
        {
            CommandRun.Lines(args);
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
            return json.RootElement.GetProperty("measures")[0].GetProperty("difference").GetDouble();
        }
    }

    [TestMethod]
    public void Evaluate_SaysInItsReportHowImagesWereSeen()
    {
        using Workplace place = new(images: 2);
        CommandRun.Lines(
            "evaluate", "--model", Sized(place, 24), "--images", place.Images, "--masks", place.Masks, "--html", place["a.html"], "--scales", "1,1.5");
        StringAssert.Contains(File.ReadAllText(place["a.html"]), "longest side 24 (as trained), scales 1, 1.5");
    }

    [TestMethod]
    public void Bench_SaysHowTheImageIsSeen()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines("bench", "--model", Sized(place, 24), "--size", "120x80", "--runs", "1", "--threads", "1", "--mirror", "--profile");
        Assert.AreEqual("seen at 24x16, 24x16 mirrored", lines[1]);
        Assert.IsTrue(lines.Any(line => line.Contains("(view)", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Score_InTilesWritesTheMasksOfTheTiles()
    {
        using Workplace place = new();
        RgbImage picture = EncodedImages.Picture(330, 210);
        picture.SavePng(place["large.png"]);
        Directory.CreateDirectory(place["in"]);
        picture.SavePng(Path.Combine(place["in"], "b.png"));
        File.WriteAllBytes(Path.Combine(place["in"], "c.jpg"), EncodedImages.Jpeg(picture));
        File.WriteAllBytes(Path.Combine(place["in"], "a.png"), File.ReadAllBytes(place["large.png"])[..^200]);
        string model = Sized(place, 24);
        CommandRun run = CommandRun.Of("score", "--model", model, "--images", place["in"], "--out", place["out"], "--tile", "96+16");
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Contains(run.Error, "a.png");
        CollectionAssert.AreEquivalent(new[] { "b.png", "c.png" }, Directory.GetFiles(place["out"]).Select(Path.GetFileName).ToArray());
        using CompiledNetwork compiled = CompiledNetwork.Compile(DenseNetwork.Load(model), new() { Views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) });
        foreach (string name in new[] { "b.png", "c.jpg" })
        {
            byte[] expected = new byte[330 * 210];
            compiled.PredictLabels(RgbImage.Load(Path.Combine(place["in"], name)), expected);
            CollectionAssert.AreEqual(expected, MaskReader.ReadClassIndices(Path.Combine(place["out"], Path.ChangeExtension(name, ".png"))).Labels, name);
        }

        // Gone on with, they are not made again; by another way of looking they are not gone on with.
        CommandRun again = CommandRun.Of("score", "--model", model, "--images", place["in"], "--out", place["out"], "--tile", "96+16", "--resume");
        StringAssert.Contains(again.Output, "2 images had theirs already");
        CommandRun.Fails(CommandLineTool.Failure, ["score", "--model", model, "--images", place["in"], "--out", place["out"], "--resume"], "tiles 96+16");

        CommandRun.Lines("score", "--model", place.SaliencyModel(), "--images", place["large.png"], "--out", place["gray"], "--tile", "auto");
        CommandRun.Lines("score", "--model", place.SaliencyModel(), "--images", place["large.png"], "--out", place["whole"], "--working-size", "own");
        CollectionAssert.AreEqual(
            MaskReader.ReadGray(Path.Combine(place["whole"], "large.png")).Values, MaskReader.ReadGray(Path.Combine(place["gray"], "large.png")).Values, "an image no larger than a tile");
    }

    [TestMethod]
    public void TilesThatMakeNoSenseAreRefused()
    {
        using Workplace place = new(images: 1);
        string[] command = ["score", "--model", Sized(place, 24), "--images", place.Images, "--out", place["out"]];
        CommandRun.Fails(CommandLineTool.Usage, [.. command, "--tile", "0"], "--tile is '0'", "a side and a halo like 1024+128");
        CommandRun.Fails(CommandLineTool.Failure, [.. command, "--tile", "64+40"], "leaves nothing");
        string[] evaluation = ["evaluate", "--model", command[2], "--images", place.Images, "--masks", place.Masks];
        string[][] others = [["--working-size", "300"], ["--scales", "1,2"], ["--mirror"], ["--mirror", "yes"]];
        foreach (string[] other in others)
        {
            CommandRun.Fails(CommandLineTool.Usage, [.. command, "--tile", "auto", .. other], "--tile looks at images as they are, once: leave it out, or --working-size, --scales and --mirror");
            CommandRun.Fails(CommandLineTool.Usage, [.. evaluation, "--tile", "auto", .. other], "--tile looks at images as they are, once");
        }

        CommandRun.Fails(CommandLineTool.Usage, [.. command, "--tile", "auto", "--overlay"], "--overlay", "--tile");
        CommandRun.Lines([.. command, "--tile", "no", "--working-size", "30", "--mirror", "--overlay"]);
        CommandRun.Lines([.. command, "--tile", "auto", "--working-size", "own", "--scales", "1.0", "--mirror", "no"]);
        CommandRun.Lines(
            "compare", "--model", Sized(place, 24), "--model", Sized(place, 24), "--images", place.Images, "--masks", place.Masks, "--tile", "auto", "--tile", "no", "--working-size", "own", "--working-size", "30");
    }

    [TestMethod]
    public void Bench_ComparesReductionsOfAttention()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(
            "bench", "--model", "tiny", "--size", "160x128", "--runs", "2", "--threads", "1", "--attention-reduction", "1,2,trained", "--json", place["a.json"]);
        StringAssert.StartsWith(lines[0], "Tiny (Binary), 160x128, 1 thread, 2 runs each, in turn");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        JsonElement[] rows = [.. json.RootElement.GetProperty("reductions").EnumerateArray()];
        CollectionAssert.AreEqual(new[] { "1", "2", "trained" }, rows.Select(row => row.GetProperty("reduction").GetString()).ToArray());
        CollectionAssert.AreEqual(new[] { 80, 20, 1 }, rows.Select(row => row.GetProperty("keys").GetInt32()).ToArray());
        Assert.IsTrue(rows.All(row => row.GetProperty("minMilliseconds").GetDouble() > 0 && row.GetProperty("attentionShare").GetDouble() is > 0 and < 1));
        CommandRun.Fails(
            CommandLineTool.Failure, ["bench", "--model", "tiny", "--size", "40x32", "--attention-reduction", "1,2", "--profile"], "--profile", "one reduction");
    }

    [TestMethod]
    [DataRow("score", "0")]
    [DataRow("score", "1,2")]
    [DataRow("score", "65")]
    [DataRow("bench", "2.5")]
    [DataRow("bench", "1,x")]
    public void AReductionThatIsNoneIsAUsageError(string command, string value)
    {
        using Workplace place = new(images: 1);
        string[] rest = command == "bench" ? ["--size", "40x32"] : ["--images", place.Images, "--out", place["out"]];
        CommandRun.Fails(
            CommandLineTool.Usage, [command, "--model", place.SegmentationModel(), .. rest, "--attention-reduction", value],
            $"--attention-reduction is '{value}'", "trained, auto, or an integer from 1 to 64");
    }

    [TestMethod]
    public void Extract_WritesAnotherWorkingSizeAndInspectShowsIt()
    {
        using Workplace place = new();
        CommandRun.Lines("extract", "--model", place.SegmentationModel(), "--out", place["sized.network"], "--working-size", "480");
        DenseNetwork before = DenseNetwork.Load(place.SegmentationModel()), after = DenseNetwork.Load(place["sized.network"]);
        CollectionAssert.AreEqual(before.ToBytes(), after.WithWorkingSize(WorkingSize.Own).ToBytes(), "nothing else changes");
        CommandRun.Lines("inspect", "--model", place["sized.network"], "--json", place["a.json"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(480, json.RootElement.GetProperty("workingSize").GetInt32());
    }

    [TestMethod]
    public void Train_ProposesASizeAndSaysSo()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.Train(place["a.network"]));
        Assert.IsTrue(lines.Any(line => line.StartsWith("working size 40: the longest sides of the training images are all 40", StringComparison.Ordinal)), string.Join('\n', lines));
        Assert.AreEqual(WorkingSize.Of(40), DenseNetwork.Load(place["a.network"]).WorkingSize);
        CommandRun.Lines(place.Train(place["b.network"], "--size", "24"));
        Assert.AreEqual(WorkingSize.Of(24), DenseNetwork.Load(place["b.network"]).WorkingSize);
        CommandRun.Lines(place.Train(place["c.network"], "--size", "own"));
        Assert.AreEqual(WorkingSize.Own, DenseNetwork.Load(place["c.network"]).WorkingSize);
        lines = CommandRun.Lines("train", "--task", "segmentation", "--images", place.Images, "--masks", place.Masks, "--from", place["b.network"], "--steps", "1", "--batch", "2", "--out", place["d.network"]);
        Assert.IsTrue(lines.Any(line => line.StartsWith("working size 24, that of ", StringComparison.Ordinal)), string.Join('\n', lines));
        Assert.AreEqual(WorkingSize.Of(24), DenseNetwork.Load(place["d.network"]).WorkingSize);
    }

    [TestMethod]
    public void Export_SaysWhatTheCallerMustDo()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines("export", "--model", Sized(place, 24), "--onnx", place["a.onnx"]);
        StringAssert.Contains(lines[1], "longest side of 24 pixels");
        Assert.IsGreaterThan(0, File.ReadAllBytes(place["a.onnx"]).AsSpan().IndexOf("working_size"u8));
    }

    [TestMethod]
    [DataRow("--working-size", "0", "it must be trained, own, or an integer from 1 to 16384")]
    [DataRow("--working-size", "480x360", "it must be trained, own, or an integer")]
    [DataRow("--scales", "1;2", "numbers from 0.1 to 8 with commas between")]
    [DataRow("--scales", "1,9", "numbers from 0.1 to 8")]
    [DataRow("--mirror", "maybe", "it must be yes or no")]
    public void WrongValues_AreUsageErrors(string option, string value, string problem)
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Usage, ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"], option, value], problem);
    }

    [TestMethod]
    public void TooManyValues_AreUsageErrors()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        CommandRun.Fails(
            CommandLineTool.Usage,
            ["score", "--model", model, "--images", place.Images, "--out", place["out"], "--working-size", "own", "--working-size", "32"], "must be given once");
        CommandRun.Fails(
            CommandLineTool.Usage,
            ["evaluate", "--predictions", place.Masks, "--task", "segmentation", "--masks", place.Masks, "--working-size", "own"], "belong to --model");
    }

    /// <summary>What is given for each model needs a value each time: else a single one would count for all.</summary>
    [TestMethod]
    public void AValueForOneOfTwoModels_IsAUsageError()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        string[] compare = ["compare", "--model", model, "--model", model, "--images", place.Images, "--masks", place.Masks];
        string[][] mirrors = [["--mirror", "--mirror", "no"], ["--mirror", "no", "--mirror"], ["--mirror", "--mirror"]];
        foreach (string[] mirror in mirrors)
        {
            CommandRun.Fails(CommandLineTool.Usage, [.. compare, .. mirror], "--mirror is given 2 times, and not each time with a value", "yes|no");
        }

        CommandRun.Fails(CommandLineTool.Usage, [.. compare, "--mirror", "--mirror", "no", "--mirror"], "--mirror is given 3 times", "or 2 times");
        CommandRun.Lines([.. compare, "--mirror"]);
    }

    private static string Sized(Workplace place, int side)
    {
        string path = place["sized.network"];
        DenseNetwork.Load(place.SegmentationModel()).WithWorkingSize(WorkingSize.Of(side)).Save(path);
        return path;
    }
}
