using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class TrainCommandErrorTests
{
    [TestMethod]
    public void MissingFolder_IsNamed()
    {
        using Workplace place = new();
        string missing = place["missing"];
        Fails(place, ["train", "--task", "saliency", "--images", missing, "--masks", place.Objects, "--out", place["a.network"]], missing, "does not exist");
    }

    [TestMethod]
    public void EmptyFolder_IsNamed()
    {
        using Workplace place = new(images: 0);
        Fails(place, place.Train(place["a.network"]), place.Images, "no file with one of the extensions");
    }

    [TestMethod]
    public void ImageWithoutMask_IsNamed()
    {
        using Workplace place = new();
        File.Delete(place.Mask(1));
        Fails(place, place.Train(place["a.network"]), place.Image(1), "no mask", place.Mask(1));
    }

    [TestMethod]
    public void MaskOfAnotherSize_IsNamedWithBothSizes()
    {
        using Workplace place = new();
        MaskWriter.Save(place.Mask(1), new SegmentationMask(20, 32, TestImages.Labels(20, 32, 1)));
        Fails(place, place.Train(place["a.network"]), place.Mask(1), "20x32", place.Image(1), "40x32");
    }

    [TestMethod]
    public void ClassIndexOutOfRange_IsNamedWithPixelAndValue()
    {
        using Workplace place = new();
        byte[] labels = TestImages.Labels(Workplace.Width, Workplace.Height, 1);
        labels[2 * Workplace.Width + 5] = 77;
        MaskWriter.Save(place.Mask(1), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        Fails(place, place.Train(place["a.network"], "--classes", "3"), place.Mask(1), "x=5, y=2", "77", "0 to 2");
    }

    [TestMethod]
    public void TruncatedImage_IsNamed()
    {
        using Workplace place = new();
        File.WriteAllBytes(place.Image(2), File.ReadAllBytes(place.Image(2))[..^20]);
        Fails(place, place.Train(place["a.network"]), place.Image(2), "truncated");
    }

    [TestMethod]
    public void ImageThatCannotBeDecoded_IsNamed()
    {
        using Workplace place = new();
        File.WriteAllText(place.Image(2), "not an image");
        Fails(place, place.Train(place["a.network"]), place.Image(2));
    }

    [TestMethod]
    public void EmptyImage_IsNamed()
    {
        using Workplace place = new();
        byte[] header = File.ReadAllBytes(place.Image(0));
        header.AsSpan(16, 4).Clear();
        File.WriteAllBytes(place.Image(0), header);
        Fails(place, place.Train(place["a.network"]), place.Image(0));
    }

    [TestMethod]
    public void MasksOfOneClass_AreNothingToLearnFrom()
    {
        using Workplace place = new(images: 1);
        MaskWriter.Save(place.Mask(0), new SegmentationMask(Workplace.Width, Workplace.Height, new byte[Workplace.Width * Workplace.Height]));
        Fails(place, place.Train(place["a.network"]), "nothing to tell apart");
    }

    [TestMethod]
    [DataRow("1", "from 2 to 255 classes")]
    [DataRow("-4", "from 2 to 255 classes")]
    [DataRow("no-such-file", "no-such-file")]
    public void WrongClasses_AreRefused(string classes, string message)
    {
        using Workplace place = new();
        Fails(place, place.Train(place["a.network"], "--classes", classes), message);
    }

    [TestMethod]
    [DataRow("sky\n\nroad\n", "line 2")]
    [DataRow("sky\nsky\n", "line 2 names the class 'sky' as line 1 does")]
    [DataRow("sky\troad\tgreen\nroad\n", "line 1")]
    [DataRow("sky\nroad\tgreen\n", "line 2: 'green' is no colour; write it as #RRGGBB")]
    [DataRow("sky\n", "from 2 to 255 lines")]
    public void WrongListOfClasses_IsNamedWithTheLine(string list, string message)
    {
        using Workplace place = new();
        File.WriteAllText(place["classes.txt"], list);
        Fails(place, place.Train(place["a.network"], "--classes", place["classes.txt"]), place["classes.txt"], message);
    }

    [TestMethod]
    public void OutputThatCannotBeWritten_FailsBeforeTraining()
    {
        using Workplace place = new();
        Fails(place, place.Train(place["missing/a.network"]), place["missing"], "does not exist");
        Fails(place, place.Train(place.Images), place.Images, "it is a folder");
        File.WriteAllText(place["locked.network"], "precious");
        File.SetAttributes(place["locked.network"], FileAttributes.ReadOnly);
        Fails(place, place.Train(place["locked.network"]), place["locked.network"], "read-only");
        Assert.AreEqual("precious", File.ReadAllText(place["locked.network"]));
        File.SetAttributes(place["locked.network"], FileAttributes.Normal);
    }

    [TestMethod]
    public async Task CropsThatNoMemoryHolds_AreRefusedAtOnce()
    {
        using Workplace place = new();
        CommandRun run = await CommandRun.OfProcess(place.Train(place["a.network"], "--crop", "2000x2000"), ("DOTNET_GCHeapHardLimit", "0x10000000"));
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        StringAssert.Matches(run.Error, new("^mlbinary: A batch of 2 crops of 2000x2000 needs more than [0-9]+ MiB of memory, and there are 256. Take fewer or smaller crops.\r?\n$"));
    }

    [TestMethod]
    public void TeacherOfAnotherTask_IsNamed()
    {
        using Workplace place = new();
        string teacher = place["teacher.network"];
        CommandRun.Lines("train", "--task", "saliency", "--images", place.Images, "--masks", place.Objects, "--preset", "tiny", "--steps", "1", "--out", teacher);
        Fails(place, place.Train(place["a.network"], "--teacher", teacher), teacher, "Saliency network of 1 output");
        Fails(place, place.Train(place["a.network"], "--teacher", place["none.network"]), place["none.network"]);
    }

    [TestMethod]
    public void TeacherWithoutTraining_IsRefused()
    {
        using Workplace place = new();
        Fails(place, place.Train(place["a.network"], "--classes", "11", "--teacher", "small"), "small", "neither a model file nor a pretrained network");
    }

    [TestMethod]
    public void TeacherOfOtherClasses_IsNamedWithTheFirst()
    {
        using Workplace place = new();
        string teacher = place["teacher.network"];
        File.WriteAllText(place["teacher.txt"], "sea\nsand\nship\n");
        File.WriteAllText(place["classes.txt"], "sea\nship\nsand\n");
        CommandRun.Lines(place.Train(teacher, "--classes", place["teacher.txt"]));
        Fails(place, place.Train(place["a.network"], "--classes", place["classes.txt"], "--teacher", teacher), teacher, "its class 1 is 'sand', not 'ship'");
    }

    [TestMethod]
    [DataRow("sea", "sand", "ship")]
    [DataRow("class 0", "class 1", "class 2")]
    [DataRow("0", "1", "2")]
    public void TeacherOfTheSameOrNumberedClasses_IsTaken(params string[] names)
    {
        using Workplace place = new();
        File.WriteAllLines(place["teacher.txt"], names);
        File.WriteAllText(place["classes.txt"], "sea\nsand\nship\n");
        CommandRun.Lines(place.Train(place["teacher.network"], "--classes", place["teacher.txt"]));
        CommandRun.Lines(place.Train(place["a.network"], "--classes", place["classes.txt"], "--teacher", place["teacher.network"]));
        CollectionAssert.AreEqual(new[] { "sea", "sand", "ship" }, DenseNetwork.Load(place["a.network"]).ClassNames.ToArray());
    }

    [TestMethod]
    public void Resume_WithFewerStepsThanDone_IsRefusedAndKeepsEverything()
    {
        using Workplace place = new();
        place.TrainTo(place["b.network.checkpoint"], steps: 3);
        byte[] before = File.ReadAllBytes(place["b.network.checkpoint"]);
        Fails(place, place.Train(place["b.network"], "--steps", "2", "--resume", place["b.network.checkpoint"]), "3 steps", "2 steps");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(place["b.network.checkpoint"]));
    }

    [TestMethod]
    public void Resume_OfAnotherRun_KeepsTheCheckpointThatIsThere()
    {
        using Workplace place = new();
        File.WriteAllText(place["a.network.checkpoint"], "precious");
        File.WriteAllText(place["other.checkpoint"], "something else");
        Fails(place, place.Train(place["a.network"], "--resume", place["other.checkpoint"]), place["other.checkpoint"], "not a training checkpoint");
        Assert.AreEqual("precious", File.ReadAllText(place["a.network.checkpoint"]));
    }

    [TestMethod]
    public void ClassNamesThatNoModelCanHold_AreFoundBeforeTraining()
    {
        using Workplace place = new();
        File.WriteAllLines(place["long.classes"], ["sky", new string('x', 300), "road"]);
        Fails(place, place.Train(place["a.network"], "--classes", place["long.classes"]), place["long.classes"], "line 2");
    }

    [TestMethod]
    public void ValidationMasksThatDoNotFit_AreFoundBeforeTraining()
    {
        using Workplace place = new(), other = new();
        byte[] labels = TestImages.Labels(Workplace.Width, Workplace.Height, 1);
        labels[7] = 99;
        MaskWriter.Save(other.Mask(1), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        string[] command = place.Train(place["a.network"], "--steps", "1000000", "--val-images", other.Images, "--val-masks", other.Masks);
        Fails(place, command, other.Mask(1), "99");
        MaskWriter.Save(other.Mask(1), new SegmentationMask(Workplace.Width, Workplace.Height, TestImages.Labels(Workplace.Width, Workplace.Height, 1)));
        File.WriteAllBytes(other.Image(2), File.ReadAllBytes(other.Image(2))[..^30]);
        Fails(place, command, other.Image(2), "truncated");
        Fails(place, [.. command, "--crop", "9000x9000"], "CropHeight is 9000");
    }

    [TestMethod]
    public void MinutesBeyondAllMeasure_AreRefused()
    {
        using Workplace place = new();
        Fails(place, place.Train(place["a.network"], "--minutes", "1e300"), "--minutes");
    }

    [TestMethod]
    public void Resume_WithoutCheckpoint_IsRefused()
    {
        using Workplace place = new();
        Fails(place, place.Train(place["a.network"], "--resume", place["nothing"]), place["nothing"], "no such checkpoint");
    }

    [TestMethod]
    public void Resume_FromWhatIsNoCheckpoint_IsRefused()
    {
        using Workplace place = new();
        File.WriteAllText(place["a.network.checkpoint"], "nonsense");
        Fails(place, place.Train(place["a.network"], "--resume", place["a.network.checkpoint"]), place["a.network.checkpoint"], "not a training checkpoint");
    }

    [TestMethod]
    public void LossThatIsNoNumber_StopsAndSaysWhen()
    {
        using Workplace place = new();
        Fails(place, place.Train(place["a.network"], "--learning-rate", "1e38", "--steps", "60"), "The loss became", "at step", "learning rate");
        Assert.IsFalse(File.Exists(place["a.network"]));
    }

    /// <summary>Checks the message, and that the folder is as it was.</summary>
    private static void Fails(Workplace place, string[] command, params string[] parts)
    {
        string[] before = place.Everything();
        CommandRun.Fails(CommandLineTool.Failure, command, parts);
        CollectionAssert.AreEqual(before, place.Everything());
    }
}
