using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Imaging;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>How commands read images: limit and warnings hold for the whole process, so nothing else runs beside these tests.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ImageReadingTests
{
    [TestMethod]
    public void FaultBesideThePixelsIsAWarningOnTheErrorStream()
    {
        using Workplace place = new(images: 1);
        byte[] file = File.ReadAllBytes(place.Image(0));
        File.WriteAllBytes(place.Image(0), file[..^12]);

        CommandRun run = CommandRun.Of("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);

        Assert.AreEqual(0, run.ExitCode);
        Assert.AreEqual($"mlbinary: warning: {place.Image(0)}: the PNG file ends without an IEND chunk; its image data are whole.", run.Error.Trim());
        Assert.IsTrue(File.Exists(Path.Combine(place["out"], "000.png")));
        Assert.IsNull(ImageReadOptions.Default.OnWarning, "a command that is over is told no more");
    }

    /// <summary>While a bar is drawn a line of anybody else's would be drawn over; where errors go to a file, they are in it.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void WarningWhileABarIsDrawn_StandsAboveItOrInTheFileOfErrors(bool onScreen)
    {
        using Workplace place = new(images: 1);
        File.WriteAllBytes(place.Image(0), File.ReadAllBytes(place.Image(0))[..^12]);
        using StringWriter error = new();
        using LiveScreen screen = new(onScreen ? null : error);
        Terminal terminal = onScreen ? screen.Terminal with { Error = error } : screen.Terminal;

        Assert.AreEqual(0, CommandRun.On(terminal, "score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]));

        string warning = $"mlbinary: warning: {place.Image(0)}: the PNG file ends without an IEND chunk";
        Assert.AreEqual(onScreen, screen.Text.Contains(warning, StringComparison.Ordinal), screen.Text);
        Assert.AreEqual(!onScreen, error.ToString().Contains(warning, StringComparison.Ordinal), error.ToString());
    }

    [TestMethod]
    public void WarningIsGivenOnceHoweverOftenAFileIsRead()
    {
        using Workplace place = new(images: 2);
        File.WriteAllBytes(place.Image(1), File.ReadAllBytes(place.Image(1))[..^12]);

        CommandRun run = CommandRun.Of(place.Train(place["model.mlbn"], "--steps", "4"));

        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.HasCount(1, run.Error.Trim().Split('\n'));
        StringAssert.Contains(run.Error, "001.png: the PNG file ends without an IEND chunk");
    }

    [TestMethod]
    public void LimitOnPixelsIsAnOption()
    {
        using Workplace place = new(images: 1);
        string[] command = ["score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"], "--max-pixels"];

        CommandRun refused = CommandRun.Of([.. command, "1279"]);
        Assert.AreEqual(1, refused.ExitCode);
        StringAssert.Contains(refused.Error, "000.png: the PNG header claims 40x32 pixels; at most 1279 are read");
        Assert.AreEqual(0, CommandRun.Of([.. command, "1280"]).ExitCode);
        Assert.AreEqual(2, CommandRun.Of([.. command, "0"]).ExitCode);
    }

    [TestMethod]
    public void PhotoIsScoredAndTrainedOnUpright()
    {
        using Workplace place = new(images: 1);
        RgbImage picture = EncodedImages.Picture(Workplace.Height, Workplace.Width);
        File.WriteAllBytes(place.Image(0), EncodedImages.Png(picture, TestPng.Chunk("eXIf", EncodedImages.Exif(ImageOrientation.Rotated90))));

        CommandRun.Lines("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);
        CommandRun.Lines(place.Train(place["model.mlbn"]));

        SegmentationMask mask = MaskReader.ReadClassIndices(Path.Combine(place["out"], "000.png"));
        Assert.AreEqual((Workplace.Width, Workplace.Height), (mask.Width, mask.Height));
    }
}
