
namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class RoadMetricsTests
{
    [TestMethod]
    public void FigureAtEachThreshold_EqualsCountingScoresAtLeastIt()
    {
        var random = new Random(9);
        float[] scores = [.. Enumerable.Range(0, 3000).Select(i => i < 256 ? i / 255f : random.NextSingle())];
        byte[] labels = [.. scores.Select(score => random.Next(10) == 0 ? (byte)255 : random.NextSingle() < score ? (byte)1 : (byte)0)];
        var accumulator = new RoadMetricsAccumulator();
        accumulator.Add("a", scores.AsSpan(0, 1000), labels.AsSpan(0, 1000), 100, 10);
        accumulator.Add("b", scores.AsSpan(1000), labels.AsSpan(1000), 100, 20);
        RoadMetrics metrics = accumulator.ToMetrics();

        double best = 0;
        for (int k = 0; k < 256; k++)
        {
            double hits = scores.Zip(labels).Count(pixel => pixel.First >= k / 255f && pixel.Second == 1);
            double predicted = scores.Zip(labels).Count(pixel => pixel.First >= k / 255f && pixel.Second != 255);
            double recall = hits / labels.Count(label => label == 1);
            Assert.AreEqual(hits / (predicted + 1e-10), metrics.PrecisionCurve[k], 1e-9);
            Assert.AreEqual(recall, metrics.RecallCurve[k], 1e-9);
            best = Math.Max(best, 2 * hits / (predicted + labels.Count(label => label == 1)));
        }

        Assert.AreEqual(best, metrics.MaxF, 1e-9);
        Assert.AreEqual(1 - metrics.Recall, metrics.FalseNegativeRate, 1e-9);
        Assert.AreEqual(labels.Count(label => label == 255), metrics.IgnoredPixelCount);
        Assert.AreEqual(2, metrics.ImageCount);
    }

    [TestMethod]
    public void PerfectScores_GivePerfectFigures()
    {
        var accumulator = new RoadMetricsAccumulator();
        accumulator.Add("image", [0.1f, 0.9f, 0.2f, 0.8f], [0, 1, 0, 1], 2, 2);
        RoadMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(1, metrics.MaxF, 1e-9);
        Assert.AreEqual(1, metrics.AveragePrecision, 1e-9);
        Assert.AreEqual(0, metrics.FalsePositiveRate);
        Assert.AreEqual(52 / 255.0, metrics.Threshold, 1e-9);
    }

    [TestMethod]
    public void WithoutRoadPixels_FiguresAreNaN()
    {
        var accumulator = new RoadMetricsAccumulator();
        accumulator.Add("image", [0.1f, 0.9f], [0, 255], 2, 1);
        RoadMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(double.NaN, metrics.MaxF);
        Assert.AreEqual(double.NaN, metrics.AveragePrecision);
        Assert.AreEqual(double.NaN, metrics.Precision);
        Assert.AreEqual(double.NaN, metrics.Recall);
        Assert.AreEqual(double.NaN, metrics.Threshold);
        Assert.AreEqual(1, metrics.OtherPixelCount);
    }

    [TestMethod]
    public void Merge_EqualsAddingAllToOne()
    {
        RoadMetricsAccumulator[] parts = [new(), new(), new()];
        foreach ((string name, int width, int height, byte[] scores, byte[] labels) in ReferenceFiles.Pairs("road"))
        {
            parts[0].Add(name, scores, labels, width, height);
            parts[name == "road-a" ? 1 : 2].Add(name, scores, labels, width, height);
        }

        parts[1].Merge(parts[2]);
        Assert.AreEqual(parts[0].ToMetrics().ToJson(), parts[1].ToMetrics().ToJson());
    }

    [TestMethod]
    public void Add_NamesBadLabelAndBadScore()
    {
        var accumulator = new RoadMetricsAccumulator();
        var error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", [0f, 0f, 0f, 0f], [0, 1, 255, 2], 2, 2));
        StringAssert.Contains(error.Message, "Image 'a.png': the label at pixel x=1, y=1 is 2; allowed is 0 (not road), 1 (road), or 255 (ignored)");

        error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", [0f, float.NaN], [0, 1], 2, 1));
        StringAssert.Contains(error.Message, "Image 'a.png': the score at pixel x=1, y=0 is NaN");

        Assert.ThrowsExactly<InvalidOperationException>(() => accumulator.ToMetrics());
    }
}
