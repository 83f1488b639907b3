using System.Text.Json;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>Values published by PySODMetrics for its own example images.</summary>
[TestClass]
public sealed class SaliencyOracleTests
{
    private const double Tolerance = 1e-9;

    [TestMethod]
    public void OracleAggregatesAndImages_AreReproduced()
    {
        string folder = SharedData.PathOf("oracles", "saliency");
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var accumulator = new SaliencyMetricsAccumulator();
        foreach (string path in Directory.GetFiles(Path.Combine(folder, "masks"), "*.png").Order(StringComparer.Ordinal))
        {
            SaliencyMask mask = MaskReader.ReadGray(path);
            SaliencyMask saliency = MaskReader.ReadGray(Path.Combine(folder, "preds", Path.GetFileName(path)));
            accumulator.Add(Path.GetFileNameWithoutExtension(path), saliency.Values, mask.Values, mask.Width, mask.Height);
        }

        SaliencyMetrics metrics = accumulator.ToMetrics();
        AssertEqual("aggregate", expected.RootElement.GetProperty("aggregate"), new()
        {
            ["MAE"] = metrics.MeanAbsoluteError,
            ["Smeasure"] = metrics.SMeasure,
            ["wFmeasure"] = metrics.WeightedF,
            ["adpFm"] = metrics.AdaptiveF,
            ["meanFm"] = metrics.MeanF,
            ["maxFm"] = metrics.MaxF,
            ["adpEm"] = metrics.AdaptiveE,
            ["meanEm"] = metrics.MeanE,
            ["maxEm"] = metrics.MaxE,
        });

        JsonElement perImage = expected.RootElement.GetProperty("perImage");
        Assert.HasCount(perImage.EnumerateObject().Count(), metrics.Images);
        foreach (SaliencyImageMetrics image in metrics.Images)
        {
            AssertEqual(image.Name, perImage.GetProperty(image.Name), new()
            {
                ["MAE"] = image.MeanAbsoluteError,
                ["Smeasure"] = image.SMeasure,
                ["wFmeasure"] = image.WeightedF,
                ["adpFm"] = image.AdaptiveF,
                ["meanFm"] = image.MeanF,
                ["maxFm"] = image.MaxF,
                ["adpEm"] = image.AdaptiveE,
                ["meanEm"] = image.MeanE,
                ["maxEm"] = image.MaxE,
            });
        }
    }

    private static void AssertEqual(string what, JsonElement expected, Dictionary<string, double> actual)
    {
        Assert.HasCount(expected.EnumerateObject().Count(), actual);
        foreach (JsonProperty measure in expected.EnumerateObject())
        {
            Assert.AreEqual(measure.Value.GetDouble(), actual[measure.Name], Tolerance, $"{what} {measure.Name}");
        }
    }
}
