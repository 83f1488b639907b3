using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class EvaluateCommandTests
{
    [TestMethod]
    public void TwoClasses_AreMeasuredAsRoadBenchmarksDoToo()
    {
        using Workplace place = new(images: 3);
        for (int i = 0; i < 3; i++)
        {
            byte[] labels = [.. MaskReader.ReadClassIndices(place.Mask(i)).Labels.Select(label => Math.Min(label, (byte)1))];
            MaskWriter.Save(place.Mask(i), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        }

        string model = place["a.network"];
        CommandRun.Lines(place.Train(model));
        string printed = string.Join('\n', CommandRun.Lines(
            "evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]));

        using CompiledNetwork network = CompiledNetwork.Compile(DenseNetwork.Load(model).Graph);
        RoadMetricsAccumulator road = new();
        for (int i = 0; i < 3; i++)
        {
            float[] scores = new float[2 * Workplace.Width * Workplace.Height];
            network.PredictScores(RgbImage.Load(place.Image(i)), scores);
            road.Add($"{i}", [.. scores.Where((_, at) => at % 2 == 1)], MaskReader.ReadClassIndices(place.Mask(i)).Labels, Workplace.Width, Workplace.Height);
        }

        StringAssert.Contains(printed, "probability of 'class 1'");
        StringAssert.Contains(printed, road.ToMetrics().ToString().Split('\n')[0].Trim());
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        using JsonDocument expected = JsonDocument.Parse(road.ToMetrics().ToJson());
        Assert.IsTrue(JsonElement.DeepEquals(expected.RootElement, json.RootElement.GetProperty("road")));
        Assert.AreEqual(0, json.RootElement.GetProperty("failures").GetArrayLength());
        Assert.AreEqual(3, json.RootElement.GetProperty("imageCount").GetInt32());
    }

    [TestMethod]
    public void Regions_AreCountedWhereAskedFor()
    {
        using Workplace place = new(images: 3);
        string[] lines = CommandRun.Lines(
            "evaluate", "--predictions", place.Masks, "--masks", place.Masks, "--task", "segmentation", "--classes", "3", "--count", "1", "--contour", "2", "--keep-necks", "--json", place["a.json"]);
        StringAssert.StartsWith(lines.Single(line => line.StartsWith("regions", StringComparison.Ordinal)), "regions of '1', matched at an overlap above 0.5: F1 1.0000");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        JsonElement regions = json.RootElement.GetProperty("regions");
        Assert.AreEqual(1.0, regions.GetProperty("f1").GetDouble());
        Assert.AreEqual(regions.GetProperty("actual").GetInt32(), regions.GetProperty("matched").GetInt32());

        string[] command = ["evaluate", "--predictions", place.Masks, "--masks", place.Masks, "--task", "segmentation", "--classes", "3"];
        StringAssert.Contains(CommandRun.Of([.. command, "--count", "nucleus"]).Error, "--count is 'nucleus'; it must be a class or its index");
        StringAssert.Contains(CommandRun.Of([.. command, "--contour", "1"]).Error, "--contour belongs to --count");
        StringAssert.Contains(CommandRun.Of([.. command, "--count", "1", "--contour", "class 1"]).Error, "--count and --contour are both 'class 1'");
        StringAssert.Contains(CommandRun.Of([.. command, "--count", "1", "--keep-necks"]).Error, "--keep-necks belongs to --contour");
    }

    [TestMethod]
    [DataRow(new string[0], "2 found, 1 there")]
    [DataRow(new[] { "--keep-necks" }, "1 found, 1 there")]
    [DataRow(new[] { "--min-area", "14" }, "0 found, 1 there")]
    public void Regions_OfPredictionsAloneAreTakenApartAtNecks(string[] options, string expected)
    {
        using Workplace place = new(images: 1);
        byte[] dumbbell = [.. string.Concat("1112222111", "1111111111", "1112222111").Select(c => (byte)(c - '0'))];
        MaskWriter.Save(place.Mask(0), new SegmentationMask(10, 3, dumbbell));
        string[] lines = CommandRun.Lines(
            ["evaluate", "--predictions", place.Masks, "--masks", place.Masks, "--task", "segmentation", "--classes", "3", "--count", "1", "--contour", "2", .. options]);
        StringAssert.Contains(lines.Single(line => line.StartsWith("regions", StringComparison.Ordinal)), expected);
    }

    [TestMethod]
    public void Segmentation_GivesTheMetricsOfTheNetworksPredictions()
    {
        using Workplace place = new(images: 7);
        string model = place.SegmentationModel();
        string[] lines = CommandRun.Lines("evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]);

        using CompiledNetwork network = CompiledNetwork.Compile(DenseNetwork.Load(model).Graph);
        PixelConfusionMatrix expected = new(Workplace.Classes);
        for (int i = 0; i < 7; i++)
        {
            byte[] labels = new byte[Workplace.Width * Workplace.Height];
            network.PredictLabels(RgbImage.Load(place.Image(i)), labels);
            expected.Add(MaskReader.ReadClassIndices(place.Mask(i)).Labels, labels);
        }

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        double[] perClass = [.. json.RootElement.GetProperty("perClassIoU").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())];
        long correct = 0;
        for (int c = 0; c < Workplace.Classes; c++)
        {
            long row = 0, column = 0;
            for (int other = 0; other < Workplace.Classes; other++)
            {
                row += expected[c, other];
                column += expected[other, c];
            }

            correct += expected[c, c];
            Assert.AreEqual(expected[c, c] / (double)(row + column - expected[c, c]), perClass[c], 1e-12);
        }

        Assert.AreEqual(perClass.Where(value => !double.IsNaN(value)).Average(), json.RootElement.GetProperty("meanIoU").GetDouble(), 1e-12);
        Assert.AreEqual(correct / (double)expected.PixelCount, json.RootElement.GetProperty("pixelAccuracy").GetDouble(), 1e-12);
        Assert.AreEqual(7, json.RootElement.GetProperty("imageCount").GetInt32());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 7).Select(i => $"{i:D3}").ToArray(),
            json.RootElement.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("name").GetString()).ToArray(),
            "rows in the order of the names, whichever image was done first");
        Assert.IsFalse(json.RootElement.TryGetProperty("road", out _), "there are three classes");
        StringAssert.StartsWith(lines[0], FormattableString.Invariant($"mean IoU {json.RootElement.GetProperty("meanIoU").GetDouble():F4}"));
    }

    [TestMethod]
    public void Saliency_GivesTheMetricsOfTheNetworksPredictions()
    {
        using Workplace place = new();
        string model = place.SaliencyModel();
        string[] lines = CommandRun.Lines("evaluate", "--model", model, "--images", place.Images, "--masks", place.Objects, "--json", place["a.json"]);

        using CompiledNetwork network = CompiledNetwork.Compile(DenseNetwork.Load(model).Graph);
        SaliencyMetricsAccumulator expected = new();
        foreach (ImagePair pair in ImageFolder.Pair(place.Images, place.Objects))
        {
            float[] saliency = new float[Workplace.Width * Workplace.Height];
            network.PredictSaliency(RgbImage.Load(pair.ImagePath), saliency);
            expected.Add(pair.Name, saliency, MaskReader.ReadGray(pair.MaskPath).Values, Workplace.Width, Workplace.Height);
        }

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(expected.ToMetrics().MeanAbsoluteError, json.RootElement.GetProperty("mae").GetDouble(), 1e-12);
        Assert.AreEqual(expected.ToMetrics().MaxF, json.RootElement.GetProperty("maxF").GetDouble(), 1e-12);
        StringAssert.StartsWith(lines[1], FormattableString.Invariant($"{json.RootElement.GetProperty("mae").GetDouble():F4}"));
    }

    [TestMethod]
    public void MoreClassesInAMaskThanInTheModel_AreNamedWithFileAndPixel()
    {
        using Workplace place = new();
        byte[] labels = TestImages.Labels(Workplace.Width, Workplace.Height, 1);
        labels[3] = 9;
        MaskWriter.Save(place.Mask(1), new SegmentationMask(Workplace.Width, Workplace.Height, labels));
        CommandRun.Fails(
            CommandLineTool.Failure,
            ["evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"], "--fail-fast"],
            place.Mask(1), "x=3, y=0", "9");
        Assert.IsFalse(File.Exists(place["a.json"]));
    }

    [TestMethod]
    public void OnATerminal_FiguresComeAfterTheBar_WhichWouldBeDrawnOverThem()
    {
        using Workplace place = new();
        using LiveScreen screen = new();
        Assert.AreEqual(0, CommandRun.On(screen.Terminal, "evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks));
        Assert.AreNotEqual(screen.Text, screen.AfterTheLastCommand);
        StringAssert.Contains(screen.AfterTheLastCommand, "mean IoU");
    }

    [TestMethod]
    public void JsonThatCannotBeWritten_FailsFirst()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure,
            ["evaluate", "--model", place["no-model"], "--images", place.Images, "--masks", place.Masks, "--json", place["missing/a.json"]],
            place["missing"]);
    }

    [TestMethod]
    public void ManyImages_AreCountedWhileTheyAreEvaluated()
    {
        using Workplace place = new(images: 100);
        string[] lines = CommandRun.Lines("evaluate", "--model", place.SegmentationModel(), "--images", place.Images, "--masks", place.Masks);
        CollectionAssert.AreEqual(
            Enumerable.Range(1, 9).Select(tenth => $"evaluated {10 * tenth} of 100 images").ToArray(), lines[..9]);
    }
}
