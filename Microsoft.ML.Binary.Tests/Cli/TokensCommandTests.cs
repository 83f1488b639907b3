using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class TokensCommandTests
{
    [TestMethod]
    public void Segmentation_IsWhatEvaluateMeasures()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        string[] lines = CommandRun.Lines(
            "tokens", "--model", model, "--images", place.Images, "--masks", place.Masks, "--sizes", "own,200", "--attention-reduction", "1,2,auto", "--json", place["a.json"]);
        Assert.AreEqual(2 + 6, lines.Length, string.Join('\n', lines));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        JsonElement[] points = [.. json.RootElement.GetProperty("points").EnumerateArray()];
        CollectionAssert.AreEqual(
            new[] { "own 1", "own 2", "own auto", "200 1", "200 2", "200 auto" }, points.Select(point => $"{Text(point, "size")} {Text(point, "reduction")}").ToArray());
        foreach (JsonElement point in points)
        {
            CommandRun.Lines(
                "evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--working-size", Text(point, "size"),
                "--attention-reduction", Text(point, "reduction"), "--json", place["b.json"]);
            using JsonDocument evaluated = JsonDocument.Parse(File.ReadAllText(place["b.json"]));
            Assert.AreEqual(evaluated.RootElement.GetProperty("meanIoU").GetDouble(), point.GetProperty("meanIoU").GetDouble());
            double agreement = point.GetProperty("agreement").GetDouble();
            Assert.IsTrue(Text(point, "reduction") == "1" ? agreement == 1 : agreement is > 0 and <= 1, $"{agreement}");
            Assert.IsGreaterThan(0, point.GetProperty("milliseconds").GetDouble());
        }

        CollectionAssert.AreEqual(new[] { 6, 2, 1 }, points[..3].Select(point => point.GetProperty("keys").GetInt32()).ToArray(), "3x2 tokens, 2x1, and 1 as trained");
    }

    [TestMethod]
    public void Saliency_AndImagesWithoutMasks()
    {
        using Workplace place = new();
        string[] labelled = CommandRun.Lines(
            "tokens", "--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects, "--attention-reduction", "1,4", "--json", place["a.json"]);
        StringAssert.Contains(labelled[1], "max F");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        Assert.IsTrue(json.RootElement.GetProperty("points")[1].GetProperty("meanAbsoluteError").GetDouble() is > 0 and < 1);
        string[] bare = CommandRun.Lines("tokens", "--model", place.SaliencyModel(), "--images", place.Images, "--attention-reduction", "1,4");
        Assert.IsTrue(bare[1].EndsWith("agreement", StringComparison.Ordinal), bare[1]);
        Assert.AreEqual(4, bare.Length);
    }

    [TestMethod]
    public void LooksThatWereSavedWithTheModel_AreSaidToBeLeftOut()
    {
        using Workplace place = new(images: 1);
        MLContext ml = new(1);
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = new() { Mirrored = true } }), null, place["mirrored.zip"]);
        CommandRun run = CommandRun.Of("tokens", "--model", place["mirrored.zip"], "--images", place.Images, "--attention-reduction", "1");
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "mirrored too; here it looks once");
    }

    [TestMethod]
    [DataRow("--sizes", "0")]
    [DataRow("--sizes", "own,")]
    [DataRow("--attention-reduction", "1,0")]
    public void AListThatIsNoneIsAUsageError(string option, string value)
    {
        using Workplace place = new();
        CommandRun.Fails(CommandLineTool.Usage, ["tokens", "--model", place.SegmentationModel(), "--images", place.Images, option, value], $"{option} is '{value}'");
    }

    private static string Text(JsonElement point, string name) => point.GetProperty(name).GetString()!;
}
