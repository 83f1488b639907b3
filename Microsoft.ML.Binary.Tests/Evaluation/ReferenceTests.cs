using System.Text.Json;

namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>Every measure against the values of an independent plain script, Reference/reference.py.</summary>
[TestClass]
public sealed class ReferenceTests
{
    [TestMethod]
    public void Saliency_OracleOfThePlainScript_IsReproduced()
    {
        JsonElement expected = ReferenceFiles.Expected("saliency");
        SaliencyMeasure[] measures = [.. SaliencyMeasure.All.Where(measure => measure.IsOfImages)];
        var accumulator = new SaliencyMetricsAccumulator();
        foreach ((string name, int width, int height, byte[] prediction, byte[] mask) in ReferenceFiles.Pairs("saliency"))
        {
            accumulator.Add(name, prediction, mask, width, height);
        }

        SaliencyMetrics metrics = accumulator.ToMetrics();
        Assert.IsGreaterThanOrEqualTo(20, metrics.Images.Length);
        Assert.HasCount(expected.GetProperty("perImage").EnumerateObject().Count(), metrics.Images);
        foreach (SaliencyImageMetrics image in metrics.Images)
        {
            AssertFigures(9, expected.GetProperty("perImage").GetProperty(image.Name), image, measures.Select(measure => (measure.Name, measure.JsonName, measure.Of(image))), image.Name);
        }

        JsonElement aggregate = expected.GetProperty("aggregate");
        AssertFigures(9, aggregate, metrics, measures.Select(measure => (measure.Name, measure.JsonName, measure.Of(metrics))), "aggregate");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("precision"), EveryFifteenth(metrics.PrecisionCurve), "precision");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("recall"), EveryFifteenth(metrics.RecallCurve), "recall");
    }

    [TestMethod]
    public void Segmentation_OracleOfThePlainScript_IsReproduced()
    {
        JsonElement expected = ReferenceFiles.Expected("segmentation");
        int numberOfClasses = expected.GetProperty("classCount").GetInt32();
        var options = new SegmentationMetricsOptions { BoundaryIoU = true };
        var all = new SegmentationMetricsAccumulator(numberOfClasses, options);
        JsonElement perImage = expected.GetProperty("perImage");
        foreach ((string name, int width, int height, byte[] prediction, byte[] labels) in ReferenceFiles.Pairs("segmentation"))
        {
            all.Add(name, labels, prediction, width, height);
            var alone = new SegmentationMetricsAccumulator(numberOfClasses, options);
            alone.Add(name, labels, prediction, width, height);
            AssertEqual(perImage.GetProperty(name), alone.ToMetrics(), name);
        }

        SegmentationMetrics metrics = all.ToMetrics();
        AssertEqual(expected.GetProperty("aggregate"), metrics, "aggregate");
        Assert.HasCount(perImage.EnumerateObject().Count(), metrics.Images);
        foreach (SegmentationImageMetrics image in metrics.Images)
        {
            JsonElement row = perImage.GetProperty(image.Name);
            AssertFigures(
                5, row, image, SegmentationMeasure.All.Where(measure => measure.IsOfImages).Select(measure => (measure.Name, measure.JsonName, measure.Of(image))), $"{image.Name} row");
            Assert.AreEqual(row.GetProperty("ignoredPixelCount").GetInt64(), image.IgnoredPixelCount);
        }
    }

    [TestMethod]
    public void Road_OracleOfThePlainScript_IsReproduced()
    {
        JsonElement expected = ReferenceFiles.Expected("road");
        var fromBytes = new RoadMetricsAccumulator();
        var fromFloats = new RoadMetricsAccumulator();
        foreach ((string name, int width, int height, byte[] scores, byte[] labels) in ReferenceFiles.Pairs("road"))
        {
            fromBytes.Add(name, scores, labels, width, height);
            fromFloats.Add(name, [.. scores.Select(level => level / 255f)], labels, width, height);
        }

        foreach (RoadMetrics metrics in new[] { fromBytes.ToMetrics(), fromFloats.ToMetrics() })
        {
            AssertFigures(6, expected, metrics, RoadMeasure.All.Select(measure => (measure.Name, measure.JsonName, measure.Of(metrics))), "road");
            ReferenceFiles.AssertEqual(expected.GetProperty("threshold"), metrics.Threshold, "threshold");
        }
    }

    /// <summary>Figures by the table of measures, each of which is the property of its name, too.</summary>
    private static void AssertFigures(int count, JsonElement expected, object metrics, IEnumerable<(string Name, string JsonName, double Value)> figures, string what)
    {
        Assert.HasCount(count, figures);
        foreach ((string name, string jsonName, double value) in figures)
        {
            ReferenceFiles.AssertEqual(expected.GetProperty(jsonName), value, $"{what}: {name}");
            Assert.AreEqual(metrics.GetType().GetProperty(name)!.GetValue(metrics), value, $"{what}: {name}");
        }
    }

    private static double[] EveryFifteenth(IEnumerable<double> curve) => [.. curve.Where((_, t) => t % 15 == 0)];

    private static void AssertEqual(JsonElement expected, SegmentationMetrics actual, string what)
    {
        AssertFigures(6, expected, actual, SegmentationMeasure.All.Select(measure => (measure.Name, measure.JsonName, measure.Of(actual))), what);
        ReferenceFiles.AssertEqual(expected.GetProperty("perClassIoU"), actual.PerClassIoU, $"{what}: IoU");
        ReferenceFiles.AssertEqual(expected.GetProperty("perClassAccuracy"), actual.PerClassAccuracy, $"{what}: accuracy");
        ReferenceFiles.AssertEqual(expected.GetProperty("perClassAccuracy"), actual.PerClassRecall, $"{what}: recall");
        ReferenceFiles.AssertEqual(expected.GetProperty("perClassPrecision"), actual.PerClassPrecision, $"{what}: precision");
        ReferenceFiles.AssertEqual(expected.GetProperty("perClassDice"), actual.PerClassDice, $"{what}: Dice");
        ReferenceFiles.AssertEqual(expected.GetProperty("perClassBoundaryIoU"), actual.PerClassBoundaryIoU, $"{what}: boundary IoU per class");
        Assert.AreEqual(expected.GetProperty("ignoredPixelCount").GetInt64(), actual.IgnoredPixelCount, what);
        for (int label = 0; label < actual.NumberOfClasses; label++)
        {
            long[] row = [.. expected.GetProperty("confusionMatrix")[label].EnumerateArray().Select(count => count.GetInt64())];
            CollectionAssert.AreEqual(row, actual.ConfusionMatrix.Row(label).ToArray(), what);
        }
    }
}
