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
            JsonElement row = expected.GetProperty("perImage").GetProperty(image.Name);
            ReferenceFiles.AssertEqual(row.GetProperty("mae"), image.MeanAbsoluteError, $"{image.Name} MAE");
            ReferenceFiles.AssertEqual(row.GetProperty("maxF"), image.MaxF, $"{image.Name} max F");
            ReferenceFiles.AssertEqual(row.GetProperty("meanF"), image.MeanF, $"{image.Name} mean F");
            ReferenceFiles.AssertEqual(row.GetProperty("adaptiveF"), image.AdaptiveF, $"{image.Name} adaptive F");
            ReferenceFiles.AssertEqual(row.GetProperty("weightedF"), image.WeightedF, $"{image.Name} weighted F");
            ReferenceFiles.AssertEqual(row.GetProperty("sMeasure"), image.SMeasure, $"{image.Name} S");
            ReferenceFiles.AssertEqual(row.GetProperty("maxE"), image.MaxE, $"{image.Name} max E");
            ReferenceFiles.AssertEqual(row.GetProperty("meanE"), image.MeanE, $"{image.Name} mean E");
            ReferenceFiles.AssertEqual(row.GetProperty("adaptiveE"), image.AdaptiveE, $"{image.Name} adaptive E");
        }

        JsonElement aggregate = expected.GetProperty("aggregate");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("mae"), metrics.MeanAbsoluteError, "MAE");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("maxF"), metrics.MaxF, "max F");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("meanF"), metrics.MeanF, "mean F");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("adaptiveF"), metrics.AdaptiveF, "adaptive F");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("weightedF"), metrics.WeightedF, "weighted F");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("sMeasure"), metrics.SMeasure, "S");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("maxE"), metrics.MaxE, "max E");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("meanE"), metrics.MeanE, "mean E");
        ReferenceFiles.AssertEqual(aggregate.GetProperty("adaptiveE"), metrics.AdaptiveE, "adaptive E");
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
            ReferenceFiles.AssertEqual(row.GetProperty("meanIoU"), image.MeanIoU, $"{image.Name} row: mean IoU");
            ReferenceFiles.AssertEqual(row.GetProperty("pixelAccuracy"), image.PixelAccuracy, $"{image.Name} row: pixel accuracy");
            ReferenceFiles.AssertEqual(row.GetProperty("meanAccuracy"), image.MeanAccuracy, $"{image.Name} row: mean accuracy");
            ReferenceFiles.AssertEqual(row.GetProperty("meanDice"), image.MeanDice, $"{image.Name} row: mean Dice");
            ReferenceFiles.AssertEqual(row.GetProperty("meanBoundaryIoU"), image.MeanBoundaryIoU, $"{image.Name} row: boundary IoU");
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
            ReferenceFiles.AssertEqual(expected.GetProperty("maxF"), metrics.MaxF, "max F");
            ReferenceFiles.AssertEqual(expected.GetProperty("averagePrecision"), metrics.AveragePrecision, "average precision");
            ReferenceFiles.AssertEqual(expected.GetProperty("threshold"), metrics.Threshold, "threshold");
            ReferenceFiles.AssertEqual(expected.GetProperty("precision"), metrics.Precision, "precision");
            ReferenceFiles.AssertEqual(expected.GetProperty("recall"), metrics.Recall, "recall");
            ReferenceFiles.AssertEqual(expected.GetProperty("falsePositiveRate"), metrics.FalsePositiveRate, "false positive rate");
            ReferenceFiles.AssertEqual(expected.GetProperty("falseNegativeRate"), metrics.FalseNegativeRate, "false negative rate");
        }
    }

    private static double[] EveryFifteenth(IEnumerable<double> curve) => [.. curve.Where((_, t) => t % 15 == 0)];

    private static void AssertEqual(JsonElement expected, SegmentationMetrics actual, string what)
    {
        ReferenceFiles.AssertEqual(expected.GetProperty("meanIoU"), actual.MeanIoU, $"{what}: mean IoU");
        ReferenceFiles.AssertEqual(expected.GetProperty("pixelAccuracy"), actual.PixelAccuracy, $"{what}: pixel accuracy");
        ReferenceFiles.AssertEqual(expected.GetProperty("meanAccuracy"), actual.MeanAccuracy, $"{what}: mean accuracy");
        ReferenceFiles.AssertEqual(expected.GetProperty("meanDice"), actual.MeanDice, $"{what}: mean Dice");
        ReferenceFiles.AssertEqual(expected.GetProperty("frequencyWeightedIoU"), actual.FrequencyWeightedIoU, $"{what}: frequency-weighted IoU");
        ReferenceFiles.AssertEqual(expected.GetProperty("meanBoundaryIoU"), actual.MeanBoundaryIoU, $"{what}: boundary IoU");
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
