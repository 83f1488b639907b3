using System.Text.Json;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>Counts of the definition, and the figures that the Berkeley benchmark publishes for its own example maps.</summary>
[TestClass]
public sealed class EdgeOracleTests
{
    [TestMethod]
    public void BenchmarkExample_CountsAreEqualAndPublishedFiguresAreReproduced()
    {
        string folder = SharedData.PathOf("oracles", "s2", "bsds");
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("oracles", "s2", "boundary_benchmark.json")));
        EdgeMetricsAccumulator accumulator = new(new() { NumberOfThresholds = 5 });
        foreach (JsonElement image in expected.RootElement.GetProperty("images").EnumerateArray())
        {
            string name = image.GetProperty("image").GetRawText();
            SaliencyMask map = MaskReader.ReadGray(Path.Combine(folder, name + ".pb.png"));
            ReadOnlyMemory<byte>[] annotations =
            [
                .. Enumerable.Range(0, image.GetProperty("annotators").GetInt32())
                    .Select(a => (ReadOnlyMemory<byte>)MaskReader.ReadGray(Path.Combine(folder, $"{name}.gt{a}.png")).Values),
            ];
            accumulator.Add(name, map.Values, annotations, map.Width, map.Height);
        }

        EdgeMetrics metrics = accumulator.ToMetrics();
        int i = 0;
        foreach (JsonElement image in expected.RootElement.GetProperty("images").EnumerateArray())
        {
            long[][] counts = image.GetProperty("counts").Deserialize<long[][]>()!;
            for (int k = 0; k < counts.Length; k++)
            {
                EdgeCounts c = metrics.Images[i].Counts[k];
                Assert.AreSequenceEqual(counts[k], [c.MatchedLabels, c.Labels, c.MatchedPredictions, c.Predictions], $"image {metrics.Images[i].Name}, threshold {k}");
            }

            i++;
        }

        JsonElement published = expected.RootElement.GetProperty("published");
        double[][] rows = published.GetProperty("thr").Deserialize<double[][]>()!;
        for (int k = 0; k < rows.Length; k++)
        {
            Assert.AreEqual(rows[k][0], metrics.Thresholds[k], 1e-6);
            Assert.AreEqual(rows[k][1], metrics.Counts[k].Recall, 0.001, $"recall, threshold {k}");
            Assert.AreEqual(rows[k][2], metrics.Counts[k].Precision, 0.001, $"precision, threshold {k}");
            Assert.AreEqual(rows[k][3], metrics.Counts[k].F, 0.001, $"F, threshold {k}");
        }

        Assert.AreEqual(published.GetProperty("ods").GetProperty("F").GetDouble(), metrics.OdsF, 0.001);
        Assert.AreEqual(published.GetProperty("ois").GetProperty("F").GetDouble(), metrics.OisF, 0.001);
        Assert.AreEqual(published.GetProperty("area").GetDouble(), metrics.AveragePrecision, 0.001);
    }
}
