using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>Masks that are meant otherwise than they are read: said before the first step and with the figures of an evaluation.</summary>
[TestClass]
public sealed class MaskMeaningCommandTests
{
    [TestMethod]
    public void ZeroOne_IsNoSaliency()
    {
        using Workplace place = new();
        Rewrite(place, place.Objects, value => (byte)(value > 0 ? 1 : 0));
        CommandRun.Fails(CommandLineTool.Failure, place.TrainSaliency(place["a.network"]), "multiply the values by 255");
        CommandRun.Fails(CommandLineTool.Failure, place.TrainSaliency(place["a.network"], "--size", "16"), "multiply the values by 255");
        CommandRun.Fails(
            CommandLineTool.Failure, ["evaluate", "--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects], "multiply the values by 255");
        string[] labelled = ["--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects];
        CommandRun.Fails(CommandLineTool.Failure, ["extract", .. labelled, "--out", place["a.network"]], "multiply the values by 255");
        CommandRun.Fails(CommandLineTool.Failure, ["tokens", .. labelled, "--attention-reduction", "1"], "multiply the values by 255");
        Assert.IsFalse(File.Exists(place["a.network"]));
    }

    [TestMethod]
    public void Gray_IsSaidOfSaliency()
    {
        using Workplace place = new();
        Rewrite(place, place.Objects, value => (byte)(value > 0 ? 150 : 0));
        string[] labelled = ["--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects];
        foreach (string[] command in (string[][])[["extract", .. labelled, "--out", place["a.network"]], ["tokens", .. labelled, "--attention-reduction", "1,2", "--sizes", "own,20"]])
        {
            CommandRun run = CommandRun.Of(command);
            Assert.AreEqual(0, run.ExitCode, run.Error);
            StringAssert.StartsWith(run.Error, "mlbinary: warning: The values of the 3 masks are 0, 150: many are neither black nor white.");
            Assert.HasCount(1, run.Error.Trim().Split('\n'));
        }
    }

    [TestMethod]
    public void ClassIndices_AreNoSaliency()
    {
        using Workplace place = new();
        string[] train = ["train", "--task", "saliency", "--images", place.Images, "--masks", place.Masks, "--preset", "tiny", "--steps", "1", "--out", place["a.network"]];
        CommandRun.Fails(CommandLineTool.Failure, train, "class indices");
        CommandRun.Fails(CommandLineTool.Failure, [.. train, "--size", "16"], "class indices");
    }

    [TestMethod]
    public void BlackAndWhite_IsNoSegmentation()
    {
        using Workplace place = new();
        string[] train = ["train", "--task", "segmentation", "--images", place.Images, "--masks", place.Objects, "--preset", "tiny", "--steps", "1", "--out", place["a.network"]];
        CommandRun.Fails(CommandLineTool.Failure, train, "black-and-white");
        CommandRun.Fails(CommandLineTool.Failure, [.. train, "--classes", "2"], "black-and-white");
        CommandRun.Fails(CommandLineTool.Failure, [.. train, "--classes", "5"], "black-and-white");
        CommandRun.Fails(
            CommandLineTool.Failure, ["evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Objects], "black-and-white");
    }

    [TestMethod]
    public void GrayLevels_AreNoClassesOfTheirOwn()
    {
        using Workplace place = new();
        Rewrite(place, place.Masks, value => value == 255 ? value : (byte)(100 * value));
        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["a.network"]), "0, 100, 200", "gray levels", "--classes 201");
    }

    [TestMethod]
    public void SoftEdges_AreNoClasses()
    {
        using Workplace place = new();
        Rewrite(place, place.Masks, value => value == 2 ? byte.MaxValue : value, soft: true);
        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["a.network"]), "gray levels", "saliency");
    }

    [TestMethod]
    public void ClassWithoutPixels_IsSaidByName()
    {
        using Workplace place = new();
        File.WriteAllText(place["classes.txt"], "sea\nsand\nship\nshark\n");
        CommandRun run = CommandRun.Of(place.Train(place["a.network"], "--classes", place["classes.txt"]));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "warning: No pixel of the 3 masks is of class 3 'shark'");
        run = CommandRun.Of("evaluate", "--model", place["a.network"], "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "warning: No pixel of the 3 masks is of class 3 'shark'");
        StringAssert.Contains(File.ReadAllText(place["a.json"]), "\"warnings\"");
    }

    [TestMethod]
    public void MostlyIgnored_IsSaid()
    {
        using Workplace place = new();
        byte[] labels = [.. Enumerable.Repeat((byte)255, Workplace.Width * Workplace.Height)];
        (labels[0], labels[1], labels[2]) = (0, 1, 2);
        for (int i = 0; i < 3; i++)
        {
            MaskWriter.Save(place.Mask(i), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        }

        CommandRun run = CommandRun.Of(place.Train(place["a.network"]));
        StringAssert.Contains(run.Error, "have the ignored label 255");
    }

    [TestMethod]
    public void DamagedMaskToValidateOn_IsFoundBeforeTraining()
    {
        using Workplace place = new();
        using Workplace other = new();
        string[] command = place.Train(place["a.network"], "--val-images", other.Images, "--val-masks", other.Masks);
        File.WriteAllBytes(other.Mask(2), File.ReadAllBytes(other.Mask(2))[..^20]);
        CommandRun.Fails(CommandLineTool.Failure, command, other.Mask(2));
        byte[] labels = new byte[Workplace.Width * Workplace.Height];
        labels[7] = 9;
        MaskWriter.Save(other.Mask(2), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        CommandRun.Fails(CommandLineTool.Failure, command, other.Mask(2), "9");
        Assert.IsEmpty(place.Everything().Where(name => name.StartsWith("a.network", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public void ColorMasks_AreReadByTheColorsOfTheClassFile()
    {
        using Workplace place = new();
        RgbColor[] colors = [new(128, 128, 128), new(128, 64, 128), new(64, 0, 128)];
        CommandRun.Lines(place.Train(place["indices.network"], "--classes", "3"));
        for (int i = 0; i < 3; i++)
        {
            SegmentationMask mask = MaskReader.ReadClassIndices(place.Mask(i));
            RgbImage image = new(mask.Width, mask.Height);
            for (int p = 0; p < mask.Labels.Length; p++)
            {
                image[p % mask.Width, p / mask.Width] = mask.Labels[p] == 255 ? default : colors[mask.Labels[p]];
            }

            image.SavePng(place.Mask(i));
        }

        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["a.network"], "--classes", "3"), "class file with colours");
        File.WriteAllText(place["classes.txt"], string.Concat(colors.Select((color, i) => $"class {i}\t{color}\n")) + "255\t#000000\n");
        CommandRun.Lines(place.Train(place["colours.network"], "--classes", place["classes.txt"]));
        CollectionAssert.AreEqual(
            Binary.Graph.DenseNetwork.Load(place["indices.network"]).Graph.Parameters.SelectMany(p => p.Values ?? []).ToArray(),
            Binary.Graph.DenseNetwork.Load(place["colours.network"]).Graph.Parameters.SelectMany(p => p.Values ?? []).ToArray());

        // The network knows the colours of its classes, but not which one is to be ignored.
        string[] evaluate = ["evaluate", "--model", place["colours.network"], "--images", place.Images, "--masks", place.Masks];
        CommandRun.Fails(CommandLineTool.Failure, [.. evaluate, "--fail-fast"], "#000000 is none of the 3", "--classes");
        CommandRun.Lines([.. evaluate, "--classes", place["classes.txt"]]);
        CommandRun.Fails(CommandLineTool.Failure, [.. evaluate, "--classes", "3"], "a model has its own classes");
        File.WriteAllText(place["classes.txt"], "a\t#808080\nb\t#804080\nc\t#400081\n");
        CommandRun.Fails(CommandLineTool.Failure, place.Train(place["b.network"], "--classes", place["classes.txt"]), place.Masks, "pixel x=", "#400080");
    }

    private static void Rewrite(Workplace place, string folder, Func<byte, byte> change, bool soft = false)
    {
        foreach (string path in Directory.GetFiles(folder))
        {
            SegmentationMask mask = MaskReader.ReadClassIndices(path);
            byte[] values = [.. mask.Labels.Select(change)];
            if (soft)
            {
                Array.ForEach([.. Enumerable.Range(0, 40)], i => values[i] = (byte)(6 * i));
                values[^1] = byte.MaxValue;
                values.AsSpan(values.Length / 2).Fill(byte.MaxValue);
            }

            MaskWriter.Save(path, new SegmentationMask(mask.Width, mask.Height, values));
        }
    }
}
