
namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class ConfidenceTests
{
    [TestMethod]
    public void Interval_OfAMean_HasTheWidthThatTheoryGives()
    {
        // The bootstrap distribution of a mean of n values has standard deviation sigma / sqrt(n) and is close to normal.
        const int Count = 400;
        double[] values = [.. Enumerable.Range(0, Count).Select(i => (i + 0.5) / Count)];
        ConfidenceInterval interval = Bootstrap.Interval(
            values.Average(), Count, new() { Resamples = 20_000 }, draws => draws.Zip(values, (times, value) => times * value).Sum() / Count);

        double expected = 1.959964 * Math.Sqrt(1.0 / 12 / Count);

        // The end points of 20,000 resamples scatter by about 1 % of the half width.
        Assert.AreEqual(0.5 - expected, interval.Lower, 0.05 * expected);
        Assert.AreEqual(0.5 + expected, interval.Upper, 0.05 * expected);
    }

    [TestMethod]
    public void Interval_DependsOnTheSeedAlone()
    {
        SegmentationMetrics metrics = Segmentation(seed: 1, images: 12);
        ConfidenceInterval first = metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, new() { Seed = 5 });

        Assert.AreEqual(first, metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, new() { Seed = 5 }));
        Assert.AreNotEqual(first, metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, new() { Seed = 6 }));
    }

    [TestMethod]
    public void Interval_OfOneImage_IsItsFigure()
    {
        SegmentationMetrics segmentation = Segmentation(seed: 1, images: 1);
        foreach (SegmentationMeasure measure in SegmentationMeasure.All)
        {
            double value = measure.Of(segmentation);
            ConfidenceInterval interval = segmentation.ConfidenceInterval(measure);
            Assert.AreEqual(new ConfidenceInterval(value, interval.Lower, interval.Upper, 0.95), interval);
            Assert.AreEqual(value, interval.Lower, 1e-12, $"{measure}");
            Assert.AreEqual(value, interval.Upper, 1e-12, $"{measure}");
        }

        SaliencyMetrics saliency = Saliency(seed: 1, images: 1);
        foreach (SaliencyMeasure measure in SaliencyMeasure.All.Where(measure => measure.IsOfImages))
        {
            ConfidenceInterval interval = saliency.ConfidenceInterval(measure);

            // Curves are kept in single precision.
            Assert.AreEqual(measure.Of(saliency), interval.Lower, 1e-7, $"{measure}");
            Assert.AreEqual(measure.Of(saliency), interval.Upper, 1e-7, $"{measure}");
        }
    }

    [TestMethod]
    public void Interval_PoolsThePixelsOfTheDrawnImages()
    {
        // With two images a resample is one of (a, a), (a, b), (b, b), so the ends are the figures of a alone and b alone.
        var accumulator = new SegmentationMetricsAccumulator(2);
        accumulator.Add("a", [0, 1, 0, 1], [0, 1, 1, 1], 2, 2);
        accumulator.Add("b", [0, 0, 0, 1], [0, 0, 0, 1], 2, 2);
        SegmentationMetrics metrics = accumulator.ToMetrics();
        ConfidenceInterval interval = metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU);

        Assert.AreEqual(metrics.Images[0].MeanIoU, interval.Lower, 1e-12);
        Assert.AreEqual(1, interval.Upper, 1e-12);
        Assert.AreEqual(metrics.MeanIoU, interval.Estimate);
    }

    [TestMethod]
    public void CompareTo_Itself_IsNoDifference()
    {
        SaliencyMetrics metrics = Saliency(seed: 4, images: 9);
        foreach (SaliencyMeasure measure in SaliencyMeasure.All.Where(measure => measure.IsOfImages))
        {
            PairedComparison comparison = metrics.CompareTo(metrics, measure);
            Assert.AreEqual(new ConfidenceInterval(0, 0, 0, 0.95), comparison.Difference, $"{measure}");
            Assert.AreEqual(1, comparison.PValue);
        }
    }

    [TestMethod]
    public void CompareTo_ABetterModel_IsSignificant_InEitherOrder()
    {
        SegmentationMetrics worse = Segmentation(seed: 8, images: 30);
        SegmentationMetrics better = Segmentation(seed: 8, images: 30, repaired: 0.5, reverse: true);
        PairedComparison forward = worse.CompareTo(better, SegmentationMeasure.MeanIoU);
        PairedComparison backward = better.CompareTo(worse, SegmentationMeasure.MeanIoU);

        Assert.IsGreaterThan(0, forward.Difference.Lower);
        Assert.AreEqual(better.MeanIoU - worse.MeanIoU, forward.Difference.Estimate);
        Assert.AreEqual(2 / 1001.0, forward.PValue, 1e-12);
        Assert.AreEqual(30, forward.ImageCount);
        Assert.IsLessThan(0, backward.Difference.Upper);
        Assert.AreEqual(forward.PValue, backward.PValue);
    }

    [TestMethod]
    public void CompareTo_NamesAnImageThatOneSideLacks()
    {
        SegmentationMetrics few = Segmentation(seed: 1, images: 3);
        SegmentationMetrics more = Segmentation(seed: 1, images: 4);

        var error = Assert.ThrowsExactly<ArgumentException>(() => few.CompareTo(more, SegmentationMeasure.MeanIoU));
        StringAssert.Contains(error.Message, "Image '3' was evaluated for the second model only");
        error = Assert.ThrowsExactly<ArgumentException>(() => more.CompareTo(few, SegmentationMeasure.MeanIoU));
        StringAssert.Contains(error.Message, "Image '3' was evaluated for the first model only");
    }

    [TestMethod]
    public void CompareTo_NamesAnImageOfOtherTruth()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => Segmentation(seed: 1, images: 3).CompareTo(Segmentation(seed: 2, images: 3), SegmentationMeasure.MeanIoU));
        StringAssert.Contains(error.Message, "Image '0' has other labels");
        error = Assert.ThrowsExactly<ArgumentException>(
            () => Saliency(seed: 1, images: 3).CompareTo(Saliency(seed: 2, images: 3), SaliencyMeasure.MeanAbsoluteError));
        StringAssert.Contains(error.Message, "Image '0' has another mask");
    }

    [TestMethod]
    public void CompareTo_NamesAnImageOfOtherBoundaries()
    {
        SegmentationMetrics narrow = Segmentation(seed: 1, images: 2), wide = Segmentation(seed: 1, images: 2, boundaryWidth: 0.1);
        var error = Assert.ThrowsExactly<ArgumentException>(() => narrow.CompareTo(wide, SegmentationMeasure.MeanBoundaryIoU));
        StringAssert.Contains(error.Message, "one BoundaryWidth");
        Assert.AreEqual(1, narrow.CompareTo(wide, SegmentationMeasure.MeanIoU).PValue);
    }

    [TestMethod]
    public void CompareTo_NamesAnImageEvaluatedTwice()
    {
        var accumulator = new SaliencyMetricsAccumulator();
        accumulator.Add("twin", [0, 255], [0, 255], 2, 1);
        accumulator.Add("twin", [0, 255], [0, 255], 2, 1);
        SaliencyMetrics metrics = accumulator.ToMetrics();

        var error = Assert.ThrowsExactly<ArgumentException>(() => metrics.CompareTo(metrics, SaliencyMeasure.MeanAbsoluteError));
        StringAssert.Contains(error.Message, "Image 'twin' was evaluated twice");
    }

    [TestMethod]
    public void Interval_OfWhatWasNotKept_SaysWhatToKeep()
    {
        var segmentation = new SegmentationMetricsAccumulator(2);
        segmentation.Add("image", [0, 1], [0, 1], 2, 1);
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => segmentation.ToMetrics().ConfidenceInterval(SegmentationMeasure.MeanBoundaryIoU));
        StringAssert.Contains(error.Message, "KeepImages and BoundaryIoU");

        var saliency = new SaliencyMetricsAccumulator(new() { KeepCurves = false, Measures = SaliencyMeasures.ErrorAndF });
        saliency.Add("image", [0, 255], [0, 255], 2, 1);
        SaliencyMetrics metrics = saliency.ToMetrics();
        Assert.ThrowsExactly<InvalidOperationException>(() => metrics.ConfidenceInterval(SaliencyMeasure.MaxF));
        Assert.ThrowsExactly<InvalidOperationException>(() => metrics.ConfidenceInterval(SaliencyMeasure.SMeasure));
        Assert.AreEqual(0, metrics.ConfidenceInterval(SaliencyMeasure.MeanAbsoluteError).Upper);
    }

    [TestMethod]
    public void CompareTo_WithoutWhatIsNeeded_SaysWhatToKeep()
    {
        SegmentationMetrics whole = Segmentation(seed: 1, images: 2);
        SegmentationMetricsAccumulator accumulator = new(4, new() { KeepImages = false });
        accumulator.Add("0", [0, 1], [0, 1], 2, 1);
        SegmentationMetrics bare = accumulator.ToMetrics();
        foreach ((SegmentationMetrics first, SegmentationMetrics second) in new[] { (whole, bare), (bare, whole) })
        {
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => first.CompareTo(second, SegmentationMeasure.MeanIoU)).Message, "evaluate with KeepImages.");
        }

        SaliencyMetricsAccumulator saliency = new(new() { KeepImages = false });
        saliency.Add("0", [0, 255], [0, 255], 2, 1);
        Assert.ThrowsExactly<InvalidOperationException>(() => Saliency(seed: 1, images: 2).CompareTo(saliency.ToMetrics(), SaliencyMeasure.MeanAbsoluteError));
    }

    [TestMethod]
    public void Options_OutOfRange_AreRefused()
    {
        SegmentationMetrics metrics = Segmentation(seed: 1, images: 2);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, new() { Resamples = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, new() { Level = 95 }));
    }

    /// <summary>Random predictions; a share of them is then repaired to be right.</summary>
    private static SegmentationMetrics Segmentation(int seed, int images, double repaired = 0, bool reverse = false, double boundaryWidth = 0.02)
    {
        var random = new Random(seed);
        var repair = new Random(99);
        var rows = new List<(string Name, byte[] Labels, byte[] Predictions)>();
        for (int image = 0; image < images; image++)
        {
            (byte[] labels, byte[] predictions) = RandomMaps.Segmentation(random, 24 * 18, 4, 0.05);
            for (int i = 0; i < labels.Length; i++)
            {
                predictions[i] = labels[i] != 255 && repair.NextDouble() < repaired ? labels[i] : predictions[i];
            }

            rows.Add(($"{image}", labels, predictions));
        }

        var accumulator = new SegmentationMetricsAccumulator(4, new() { BoundaryIoU = true, BoundaryWidth = boundaryWidth });
        foreach ((string name, byte[] labels, byte[] predictions) in reverse ? Enumerable.Reverse(rows) : rows)
        {
            accumulator.Add(name, labels, predictions, 24, 18);
        }

        return accumulator.ToMetrics();
    }

    private static SaliencyMetrics Saliency(int seed, int images)
    {
        var random = new Random(seed);
        var accumulator = new SaliencyMetricsAccumulator();
        for (int image = 0; image < images; image++)
        {
            byte[] mask = RandomMaps.Runs(random, 24 * 18, () => random.Next(2) == 0 ? (byte)0 : (byte)255);
            byte[] saliency = [.. mask.Select(gray => (byte)Math.Clamp(gray + random.Next(-150, 150), 0, 255))];
            accumulator.Add($"{image}", saliency, mask, 24, 18);
        }

        return accumulator.ToMetrics();
    }
}
