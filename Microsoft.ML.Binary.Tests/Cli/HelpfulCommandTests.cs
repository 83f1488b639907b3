using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What helps whoever types: completion, suggestions, doctor, view.</summary>
[TestClass]
public sealed class HelpfulCommandTests
{
    [TestMethod]
    [DataRow("scroe", "score")]
    [DataRow("trian", "train")]
    [DataRow("evalute", "evaluate")]
    [DataRow("map-serach", "map-search")]
    public void MisspeltCommand_IsSuggested(string typed, string meant) => CommandRun.Fails(CommandLineTool.Usage, [typed], $"'{typed}'", $"Did you mean '{meant}'?");

    [TestMethod]
    [DataRow("score", "--modle", "--model")]
    [DataRow("train", "--step", "--steps")]
    [DataRow("score", "--max-pixel", "--max-pixels")]
    public void MisspeltOption_IsSuggested(string command, string typed, string meant) =>
        CommandRun.Fails(CommandLineTool.Usage, [command, typed, "1"], $"'{typed}'", $"Did you mean '{meant}'?");

    [TestMethod]
    public void WhatIsLikeNothing_GetsNoSuggestion()
    {
        CommandRun run = CommandRun.Of("bicycle");
        Assert.AreEqual(CommandLineTool.Usage, run.ExitCode);
        Assert.DoesNotContain("Did you mean", run.Error);
    }

    [TestMethod]
    [DataRow("kitten", "sitting", 3)]
    [DataRow("scroe", "score", 1)]
    [DataRow("", "abc", 3)]
    [DataRow("Road", "road", 0)]
    public void Distance_CountsChanges(string first, string second, int expected) => Assert.AreEqual(expected, Suggestion.Distance(first, second));

    [TestMethod]
    public void Completion_KnowsCommandsOptionsModelsAndPaths()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("photos"));
        File.WriteAllText(folder.File("phone.zip"), "");
        CollectionAssert.AreEqual((string[])["score"], Completions("mlbinary sco"));
        CollectionAssert.Contains(Completions("mlbinary score --ov"), "--overlay");
        CollectionAssert.AreEquivalent((string[])["RoadScene", "Road"], Completions("mlbinary score --model Ro"));
        CollectionAssert.AreEqual((string[])["tiny"], Completions("mlbinary bench --model ti"));
        CollectionAssert.AreEquivalent((string[])[folder.File("phone.zip"), folder.File("photos") + "/"], Completions($"mlbinary score --model {folder.File("pho")}"));
        CollectionAssert.AreEqual((string[])[folder.File("photos") + "/"], Completions($"mlbinary train --images {folder.File("pho")}"));
        CollectionAssert.AreEqual(Array.Empty<string>(), Completions($"mlbinary train --images {folder.File("missing/x")}"));
        CollectionAssert.AreEquivalent((string[])["segmentation", "saliency"], Completions("mlbinary train --task s"));
        CollectionAssert.AreEquivalent((string[])["RoadScene", "Road"], Completions("mlbinary evaluate --model Ro"));
        CollectionAssert.AreEqual((string[])[folder.File("photos") + "/"], Completions($"mlbinary compare --predictions {folder.File("pho")}"));
        CollectionAssert.AreEqual((string[])["Nuclei"], Completions("mlbinary map-search --compare Nu"));
        StringAssert.StartsWith(CommandRun.Of("[suggest:37]", "mlbinary evaluate --single classes=Nu").Output, "classes=Nuclei");
    }

    [TestMethod]
    [DataRow("mlbinary score --model=Ro", "RoadScene", "Road")]
    [DataRow("mlbinary score --images photos --model=Nu", "Nuclei")]
    [DataRow("mlbinary bench --model=ti", "tiny")]
    [DataRow("mlbinary train --task=", "edges", "saliency", "segmentation")]
    [DataRow("mlbinary score --model=Road --ove", "--overlay")]
    public void Completion_OfAValueAfterAnEqualsSign_IsThatOfAValueAfterASpace(string line, params string[] expected)
    {
        CollectionAssert.IsSubsetOf(expected, Completions(line));
        CollectionAssert.AreEqual(Completions(line.Replace('=', ' ')), Completions(line));
    }

    [TestMethod]
    [DataRow("bash", "complete -o default -F")]
    [DataRow("zsh", "compdef")]
    [DataRow("pwsh", "Register-ArgumentCompleter")]
    public void Completion_HasAScriptForEachShell(string shell, string part) => Assert.Contains(part, string.Join('\n', CommandRun.Lines("completion", shell)));

    [TestMethod]
    public void Completion_OffersNoOtherNamesOfHelp() =>
        CollectionAssert.AreEquivalent((string[])["--help", "--max-pixels", "-h", "bash", "pwsh", "zsh"], Completions("mlbinary completion "));

    // The words are as bash divides them, at = too where that is in COMP_WORDBREAKS.
    [TestMethod]
    [DataRow("mlbinary score --images my", "mlbinary score --images my", @"my\ pictures/")]
    [DataRow("mlbinary score --images=my", "mlbinary score --images = my", @"my\ pictures/")]
    [DataRow("mlbinary score --images=my", "mlbinary score --images=my", @"--images=my\ pictures/")]
    [DataRow("mlbinary score --images=", "mlbinary score --images =", @"my\ pictures/", "mine.zip", "other")]
    public void Completion_InBash_QuotesWhatHasSpacesAndKeepsWhatBeginsAsTheWord(string line, string words, params string[] replies)
    {
        // The tool is played by a function, which says what it was asked; compopt works in a terminal only.
        string[] lines = Script(
            "bash",
            "mlbinary() { echo \"$1 $2\" >&3; printf '%s\\n' 'my pictures/' mine.zip other; }; compopt() { echo \"compopt $*\"; }",
            $"COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=({words}) COMP_CWORD={words.Split(' ').Length - 1}",
            "exec 3>&1; _mlbinary; wait; printf '%s\\n' \"${COMPREPLY[@]}\"");
        CollectionAssert.AreEquivalent((string[])[$"[suggest:{line.Length}] {line}", "compopt -o nospace", .. replies], lines);
    }

    /// <summary>A value NAME=MODEL is three words as a rule, of which bash replaces the last.</summary>
    [TestMethod]
    [DataRow("--single a=mi", "--single a = mi", "mine.zip")]
    [DataRow("--single a=", "--single a =", "mine.zip", "other")]
    [DataRow("--single=a=mi", "--single = a = mi", "mine.zip")]
    [DataRow("--single a=mi", "--single a=mi", "a=mine.zip")]
    public void Completion_InBash_OfAModelBehindItsName(string typed, string words, params string[] replies)
    {
        string line = $"mlbinary evaluate {typed}";
        string[] lines = Script(
            "bash",
            "mlbinary() { printf '%s\\n' a=mine.zip a=other; }; compopt() { :; }",
            $"COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=(mlbinary evaluate {words}) COMP_CWORD={words.Split(' ').Length + 1}",
            "_mlbinary; printf '%s\\n' \"${COMPREPLY[@]}\"");
        CollectionAssert.AreEqual(replies, lines);
    }

    [TestMethod]
    [DataRow("--images my", "my")]
    [DataRow("--images=my", "my")]
    [DataRow("--network=scaling=he", "scaling=he")]
    public void Completion_InZsh_IsThatOfTheValue(string words, string value)
    {
        string line = $"mlbinary score {words}";
        string[] lines = Script(
            "zsh",
            "mlbinary() { echo \"$1 $2\" >&3; printf '%s\\n' 'my pictures/' other; }; compadd() { echo \"$PREFIX:${@[-1]}\"; }; compset() { PREFIX=${PREFIX#*=}; }",
            $"words=({line}) CURRENT=${{#words}} PREFIX=${{words[-1]}}",
            "exec 3>&1; _mlbinary");
        CollectionAssert.AreEquivalent((string[])[$"[suggest:{line.Length}] {line}", $"{value}:my pictures/", $"{value}:other"], lines);
    }

    [TestMethod]
    public void Completion_OfAnotherShell_IsAnError() => CommandRun.Fails(CommandLineTool.Failure, ["completion", "fish"], "fish", "bash, zsh and pwsh");

    [TestMethod]
    public void Doctor_TestsEveryPathOfTheProcessor()
    {
        string[] lines = CommandRun.Lines("doctor");
        Assert.AreEqual($"mlbinary      {ToolVersion.Text}", lines[0]);
        foreach (KernelPath path in KernelPaths.Supported)
        {
            Assert.IsTrue(lines.Any(line => line.StartsWith($"self-test     {path}: right, ", StringComparison.Ordinal)), string.Join('\n', lines));
        }

        Assert.IsTrue(lines.Any(line => line.Trim() == "Nuclei: here"));
        Assert.AreEqual("All is well.", lines[^1]);
    }

    [TestMethod]
    public void View_ShowsImageOverlayAndMaskOfEach()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 3);
        string[] lines = CommandRun.Lines("view", "--images", saved[0], "--masks", saved[1], "--classes", saved[2], "--out", folder.File("page.html"));
        StringAssert.StartsWith(lines[0], "Wrote 3 images to ");
        string page = File.ReadAllText(folder.File("page.html"));
        Assert.HasCount(9, Regex.Matches(page, "src=\"data:image/png;base64,"));
        Assert.HasCount(3, Regex.Matches(page, "type=\"range\""));
        Assert.Contains("ground 75.0%, thing 25.0%", page);
        Assert.DoesNotContain("http", Regex.Replace(page, "base64,[^\"]*", ""));
    }

    /// <summary>Masks of other tools may store the colours of their classes.</summary>
    [TestMethod]
    public void View_ReadsMasksInTheColoursOfItsClasses()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 1);
        RgbImage image = RgbImage.Load(Directory.GetFiles(saved[0])[0]), mask = new(image.Width, image.Height);
        RgbColor ground = RgbColor.Parse("#102030"), thing = RgbColor.Parse("#C0A080");
        for (int i = 0; i < image.Width * image.Height; i++)
        {
            mask[i % image.Width, i / image.Width] = i < image.Width * image.Height / 2 ? ground : thing;
        }

        mask.SavePng(Directory.GetFiles(saved[1])[0]);
        File.WriteAllText(saved[2], $"ground\t{ground}\nthing\t{thing}\n");
        CommandRun.Lines("view", "--images", saved[0], "--masks", saved[1], "--classes", saved[2], "--out", folder.File("page.html"));
        Assert.Contains("ground 50.0%, thing 50.0%", File.ReadAllText(folder.File("page.html")));
        CommandRun.Fails(
            CommandLineTool.Failure, ["view", "--images", saved[0], "--masks", saved[1], "--classes", folder.File("none.txt"), "--out", folder.File("b.html")], "none.txt: there is no file of this name");
        CommandRun.Fails(
            CommandLineTool.Failure, ["view", "--images", saved[0], "--masks", saved[1], "--task", "saliency", "--classes", saved[2], "--out", folder.File("b.html")], "--classes belongs to segmentation");
    }

    [TestMethod]
    [DataRow("segmentation")]
    [DataRow("saliency")]
    public void View_OfAMaskOfAnotherSize_NamesIt(string task)
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 2);
        MaskWriter.Save(folder.File("masks/1.png"), new SegmentationMask(4, 4, new byte[16]));
        CommandRun.Fails(
            CommandLineTool.Failure, ["view", "--images", saved[0], "--masks", saved[1], "--task", task, "--out", folder.File("page.html")], folder.File("masks/1.png"), "4x4", "8x4");
        Assert.IsFalse(File.Exists(folder.File("page.html")));
    }

    [TestMethod]
    public void View_OfAClassWithoutAColour_NamesMaskAndPixel()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 2);
        MaskWriter.Save(folder.File("masks/1.png"), new SegmentationMask(8, 4, [.. Enumerable.Repeat((byte)7, 32)]));
        string[] view = ["view", "--images", saved[0], "--masks", saved[1], "--out", folder.File("page.html")];
        CommandRun.Fails(CommandLineTool.Failure, [.. view, "--classes", saved[2]], folder.File("masks/1.png"), "x=0, y=0", "7");
        CommandRun.Lines(view);
        Assert.Contains("class 7 100.0%", File.ReadAllText(folder.File("page.html")));
    }

    [TestMethod]
    public void View_OfManyImages_ShowsTheFirst()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 3);
        string[] lines = CommandRun.Lines("view", "--images", saved[0], "--masks", saved[1], "--task", "saliency", "--max-images", "2", "--out", folder.File("page.html"));
        StringAssert.StartsWith(lines[0], "Wrote 2 images of 3 (--max-images) to ");
    }

    [TestMethod]
    public void View_OfAModelOfTheOtherTask_IsAnError()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 1);
        CommandRun.Fails(
            CommandLineTool.Failure,
            ["view", "--images", saved[0], "--masks", saved[1], "--model", "Nuclei", "--task", "saliency", "--out", folder.File("page.html")],
            "--task", "Nuclei");
        Assert.IsFalse(File.Exists(folder.File("page.html")));
    }

    [TestMethod]
    public void View_OfAModelOfSeveralTasks_GoesByTheFolderOfTheMasks()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 1);
        string things = folder.File("things");
        Directory.Move(saved[1], things);
        MultiTaskNetwork.Build(
            NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 1),
            [new("parts", DenseTask.Segmentation, ["sky", "sea", "sand"]), new("Things", DenseTask.Segmentation, ["ground", "thing"]), new("edges", DenseTask.Edges)]).Freeze().Save(folder.File("several.mlbn"));
        string[] view = ["view", "--images", saved[0], "--model", folder.File("several.mlbn"), "--out", folder.File("page.html")];
        CommandRun.Lines([.. view, "--masks", things]);
        Assert.Contains("ground 75.0%, thing 25.0%", File.ReadAllText(folder.File("page.html")));

        Directory.Move(things, saved[1]);
        CommandRun.Fails(CommandLineTool.Failure, [.. view, "--masks", saved[1]], "has the tasks 'parts', 'Things', 'edges'", saved[1], "--task");
        CommandRun.Fails(CommandLineTool.Failure, [.. view, "--masks", saved[1], "--task", "segmentation"], "has the tasks 'parts', 'Things', 'edges'");
        CommandRun.Lines([.. view, "--masks", saved[1], "--task", "saliency"]);
        Assert.Contains("object 0.0%", File.ReadAllText(folder.File("page.html")));
    }

    [TestMethod]
    public void View_TakesColoursBesideAModelForItsOwnClassesAlone()
    {
        using TemporaryFolder folder = new();
        string[] saved = Predictions(folder, count: 1);
        new DenseNetwork(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 2)), DenseTask.Segmentation, ["ground", "thing"]).Freeze().Save(folder.File("two.mlbn"));
        string[] view = ["view", "--images", saved[0], "--masks", saved[1], "--model", folder.File("two.mlbn"), "--classes", saved[2], "--out", folder.File("page.html")];
        CommandRun.Lines(view);
        Assert.Contains("ground 75.0%, thing 25.0%", File.ReadAllText(folder.File("page.html")));
        File.WriteAllLines(saved[2], ["thing\t#F0A030", "ground\t#102030"]);
        CommandRun.Fails(CommandLineTool.Failure, view, saved[2], "these are not the classes of", "ground, thing");
    }

    [TestMethod]
    public void Samples_AreLabelledPicturesAndNotebooks()
    {
        using TemporaryFolder folder = new();
        string[] lines = CommandRun.Lines("samples", "--out", folder.Path);
        Assert.AreEqual($"{folder.File("nuclei")}: 28 pictures of cell nuclei with masks, in train and test", lines[0]);
        foreach ((string set, int count) in new[] { ("train", 20), ("test", 8) })
        {
            ImagePair[] pairs = [.. ImageFolder.Pair(folder.File($"nuclei/{set}/images"), folder.File($"nuclei/{set}/masks"))];
            Assert.HasCount(count, pairs);
            foreach (ImagePair pair in pairs)
            {
                RgbImage image = RgbImage.Load(pair.ImagePath);
                SegmentationMask mask = MaskReader.ReadClassIndices(pair.MaskPath);
                Assert.AreEqual((image.Width, image.Height), (mask.Width, mask.Height), pair.Name);
                mask.CheckRange(3, pair.Name);
            }
        }

        CollectionAssert.AreEquivalent((string[])["own-images.ipynb", "saliency.ipynb", "segmentation.ipynb"], Directory.GetFiles(folder.File("notebooks")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Samples_ReplaceNoFileOfTheUsersAndBringBackWhatIsMissing()
    {
        using TemporaryFolder folder = new();
        CommandRun.Lines("samples", "--out", folder.Path);
        string notebook = folder.File("notebooks/own-images.ipynb"), other = folder.File("notebooks/saliency.ipynb");
        File.Delete(other);
        CommandRun.Lines("samples", "--out", folder.Path);
        Assert.IsTrue(File.Exists(other));
        File.Delete(other);
        File.WriteAllText(notebook, "my own");
        CommandRun.Fails(CommandLineTool.Failure, ["samples", "--out", folder.Path], notebook, "--out");
        Assert.AreEqual("my own", File.ReadAllText(notebook));
        Assert.IsFalse(File.Exists(other));
    }

    /// <summary>What a shell prints that runs the tool's script for it, and then these lines.</summary>
    private static string[] Script(string shell, params string[] lines)
    {
        string? program = ((string[])["/bin", "/usr/bin"]).Select(folder => Path.Combine(folder, shell)).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Inconclusive($"There is no {shell} here.");
        }

        string script = string.Join('\n', ["compdef() { :; }", .. CommandRun.Lines("completion", shell), .. lines]);
        using Process run = Process.Start(new ProcessStartInfo(program, ["-c", script.Replace("2>/dev/null", "", StringComparison.Ordinal)]) { RedirectStandardOutput = true })!;
        return run.StandardOutput.ReadToEnd().TrimEnd().Split('\n');
    }

    private static string[] Completions(string line)
    {
        CommandRun run = CommandRun.Of($"[suggest:{line.Length}]", line);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        // The library also suggests what has the word inside; shells keep what begins with it.
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(value => value.StartsWith(line.Split(' ', '=')[^1], StringComparison.Ordinal))];
    }

    private static string[] Predictions(TemporaryFolder folder, int count)
    {
        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks"));
        for (int i = 0; i < count; i++)
        {
            new RgbImage(8, 4).SavePng(folder.File($"images/{i}.png"));
            MaskWriter.Save(folder.File($"masks/{i}.png"), new SegmentationMask(8, 4, [.. Enumerable.Range(0, 32).Select(p => (byte)(p < 8 ? 1 : 0))]));
        }

        File.WriteAllLines(folder.File("classes.txt"), ["ground\t#102030", "thing\t#F0A030"]);
        return [folder.File("images"), folder.File("masks"), folder.File("classes.txt")];
    }
}
