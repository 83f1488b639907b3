using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary><c>--exposure</c>.</summary>
[TestClass]
public sealed class ExposureOptionTests
{
    [TestMethod]
    public void Train_WritesTheExposureAndSaysSo()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines(place.Train(place["a.network"], "--exposure", "90"));
        Assert.IsTrue(lines.Any(line => line.EndsWith(", exposure 90", StringComparison.Ordinal)), string.Join('\n', lines));
        DenseNetwork trained = DenseNetwork.Load(place["a.network"]);
        Assert.AreEqual((ImageExposure.Of(90), "90"), (trained.Exposure, trained.Provenance["exposure"]));
        CommandRun.Lines(place.Train(place["plain.network"]));
        Assert.IsFalse(DenseNetwork.Load(place["plain.network"]).Provenance.ContainsKey("exposure"));
        Assert.IsFalse(trained.Freeze().Graph.Nodes.SelectMany(node => node.Parameters).SelectMany(parameter => parameter.Values).SequenceEqual(
            DenseNetwork.Load(place["plain.network"]).Freeze().Graph.Nodes.SelectMany(node => node.Parameters).SelectMany(parameter => parameter.Values)), "it learned from other pixels");

        string[] more = ["train", "--task", "segmentation", "--images", place.Images, "--masks", place.Masks, "--from", place["a.network"], "--steps", "1", "--batch", "2"];
        CommandRun.Lines([.. more, "--out", place["b.network"]]);
        Assert.AreEqual(ImageExposure.Of(90), DenseNetwork.Load(place["b.network"]).Exposure);
        CommandRun.Lines([.. more, "--out", place["c.network"], "--exposure", "as-is"]);
        Assert.AreEqual(ImageExposure.AsIs, DenseNetwork.Load(place["c.network"]).Exposure);
    }

    [TestMethod]
    public void Extract_WritesAnotherExposureAndInspectShowsIt()
    {
        using Workplace place = new();
        CommandRun.Lines("extract", "--model", place.SegmentationModel(), "--out", place["a.network"], "--exposure", "102");
        DenseNetwork before = DenseNetwork.Load(place.SegmentationModel()), after = DenseNetwork.Load(place["a.network"]);
        CollectionAssert.AreEqual(before.ToBytes(), after.WithExposure(ImageExposure.AsIs).ToBytes(), "nothing else changes");
        string[] lines = CommandRun.Lines("inspect", "--model", place["a.network"], "--json", place["a.json"]);
        Assert.IsTrue(lines.Any(line => line.EndsWith(", exposure 102", StringComparison.Ordinal)), string.Join('\n', lines));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.AreEqual(102, json.RootElement.GetProperty("exposure").GetInt32());
    }

    [TestMethod]
    public void Export_SaysWhatTheCallerMustDo()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines("export", "--model", Exposed(place), "--onnx", place["a.onnx"]);
        StringAssert.Contains(lines[1], "give it images brought to a mean of 102");
        Assert.IsGreaterThan(0, File.ReadAllBytes(place["a.onnx"]).AsSpan().IndexOf("exposure"u8));
    }

    [TestMethod]
    [DataRow()]
    [DataRow("--tile", "96+16")]
    public void Score_SeesImagesAtTheExposure(params string[] options)
    {
        using Workplace place = new();
        string model = Exposed(place);
        RgbImage image = new(330, 210);
        Random random = new(1);
        random.NextBytes(image.Pixels);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] /= 4;
        }

        image.SavePng(place["dark.png"]);
        CommandRun.Lines(["score", "--model", model, "--images", place["dark.png"], "--out", place["out"], .. options]);
        ViewOptions views = options.Length == 0 ? ViewOptions.AsTrained : ViewOptions.InTiles(new() { Side = 96, Halo = 16 });
        using CompiledNetwork compiled = CompiledNetwork.Compile(DenseNetwork.Load(model), new() { Views = views });
        byte[] expected = new byte[330 * 210];
        compiled.PredictLabels(image, expected);
        CollectionAssert.AreEqual(expected, MaskReader.ReadClassIndices(Path.Combine(place["out"], "dark.png")).Labels);
        CommandRun.Lines(["score", "--model", place.SegmentationModel(), "--images", place["dark.png"], "--out", place["plain"], .. options]);
        CollectionAssert.AreNotEqual(expected, MaskReader.ReadClassIndices(Path.Combine(place["plain"], "dark.png")).Labels);
    }

    [TestMethod]
    public void ATeacherOfAnotherExposureIsRefused()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure, place.Train(place["a.network"], "--teacher", Exposed(place)), "exposed.network: a teacher must see images at the exposure of what is trained, as-is, and this one sees them at 102");
        CommandRun.Lines(place.Train(place["a.network"], "--teacher", Exposed(place), "--exposure", "102"));
    }

    [TestMethod]
    [DataRow("0")]
    [DataRow("255")]
    [DataRow("bright")]
    public void AnExposureThatIsNoneIsRefused(string value)
    {
        using Workplace place = new();
        CommandRun.Fails(CommandLineTool.Usage, place.Train(place["a.network"], "--exposure", value), $"--exposure is '{value}'", "as-is, or a mean of pixel values from 1 to 254");
    }

    private static string Exposed(Workplace place)
    {
        CommandRun.Lines("extract", "--model", place.SegmentationModel(), "--out", place["exposed.network"], "--exposure", "102");
        return place["exposed.network"];
    }
}
