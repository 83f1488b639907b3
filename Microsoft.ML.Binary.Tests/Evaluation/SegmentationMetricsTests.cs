
namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class SegmentationMetricsTests
{
    private const double Tolerance = 1e-12;

    [TestMethod]
    [DataRow(1, 0.0, DisplayName = "single class")]
    [DataRow(2, 0.2, DisplayName = "two classes")]
    [DataRow(11, 0.1, DisplayName = "eleven classes")]
    [DataRow(255, 0.1, DisplayName = "255 classes, most of them absent")]
    public void Figures_OfRandomMaps_EqualSetArithmetic(int numberOfClasses, double ignoreShare)
    {
        var random = new Random(numberOfClasses);
        for (int round = 0; round < 20; round++)
        {
            var accumulator = new SegmentationMetricsAccumulator(numberOfClasses);
            var pixels = new List<(byte Label, byte Prediction)>();
            for (int image = 0; image < 3; image++)
            {
                int width = random.Next(1, 40);
                int height = random.Next(1, 40);

                // Every third image is ignored altogether; only some classes are drawn, so that others are absent.
                double ignored = image == 2 ? 1 : ignoreShare;
                (byte[] labels, byte[] predictions) = RandomMaps.Segmentation(random, width * height, random.Next(1, numberOfClasses + 1), ignored);
                accumulator.Add($"image {image}", labels, predictions, width, height);
                pixels.AddRange(labels.Zip(predictions).Where(pair => pair.First != 255));
            }

            AssertEqualsSetArithmetic(accumulator.ToMetrics(), pixels);
        }
    }

    [TestMethod]
    public void Figures_OfIgnoredPixelsOnly_AreNaN()
    {
        var accumulator = new SegmentationMetricsAccumulator(3);
        accumulator.Add("ignored", [255, 255], [0, 1], 2, 1);
        SegmentationMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(double.NaN, metrics.MeanIoU);
        Assert.AreEqual(double.NaN, metrics.PixelAccuracy);
        Assert.AreEqual(double.NaN, metrics.FrequencyWeightedIoU);
        Assert.AreEqual(2, metrics.IgnoredPixelCount);
        Assert.IsEmpty(metrics.WorstImages(10));
    }

    [TestMethod]
    public void ClassInPredictionsOnly_CountsAsZeroInTheMean()
    {
        var accumulator = new SegmentationMetricsAccumulator(3);
        accumulator.Add("image", [0, 0, 0, 0], [0, 0, 0, 1], 2, 2);
        SegmentationMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(0, metrics.PerClassIoU[1]);
        Assert.AreEqual(double.NaN, metrics.PerClassIoU[2]);
        Assert.AreEqual(0.75 / 2, metrics.MeanIoU, Tolerance);
        Assert.AreEqual(double.NaN, metrics.PerClassAccuracy[1]);
        Assert.AreEqual(0.75, metrics.MeanAccuracy, Tolerance);
    }

    [TestMethod]
    public void Merge_GivesTheSameFiguresInAnyGrouping()
    {
        var random = new Random(3);
        var options = new SegmentationMetricsOptions { BoundaryIoU = true };
        var parts = new SegmentationMetricsAccumulator[4];
        var whole = new SegmentationMetricsAccumulator(5, options);
        for (int part = 0; part < parts.Length; part++)
        {
            parts[part] = new SegmentationMetricsAccumulator(5, options);
            for (int image = 0; image < 3; image++)
            {
                (byte[] labels, byte[] predictions) = RandomMaps.Segmentation(random, 30 * 20, 5, 0.1);
                parts[part].Add($"{part}-{image}", labels, predictions, 30, 20);
                whole.Add($"{part}-{image}", labels, predictions, 30, 20);
            }
        }

        var leftFirst = new SegmentationMetricsAccumulator(5, options);
        leftFirst.Merge(parts[0]);
        leftFirst.Merge(parts[1]);
        var right = new SegmentationMetricsAccumulator(5, options);
        right.Merge(parts[2]);
        right.Merge(parts[3]);
        leftFirst.Merge(right);

        string expected = whole.ToMetrics().ToJson();
        Assert.AreEqual(expected, leftFirst.ToMetrics().ToJson());
    }

    [TestMethod]
    public void Merge_RefusesOtherClassesOrOptions()
    {
        var accumulator = new SegmentationMetricsAccumulator(["road", "sky"]);
        Assert.ThrowsExactly<ArgumentException>(() => accumulator.Merge(new SegmentationMetricsAccumulator(["sky", "road"])));
        Assert.ThrowsExactly<ArgumentException>(
            () => accumulator.Merge(new SegmentationMetricsAccumulator(["road", "sky"], new() { IgnoreIndex = null })));
    }

    [TestMethod]
    public void WorstImages_AreListedByMeanIoU()
    {
        var accumulator = new SegmentationMetricsAccumulator(2);
        accumulator.Add("good", [0, 1, 0, 1], [0, 1, 0, 1], 2, 2);
        accumulator.Add("bad", [0, 1, 0, 1], [1, 0, 1, 0], 2, 2);
        accumulator.Add("ignored", [255, 255, 255, 255], [1, 0, 1, 0], 2, 2);
        accumulator.Add("middling", [0, 1, 0, 1], [0, 1, 1, 1], 2, 2);

        string[] names = [.. accumulator.ToMetrics().WorstImages(2).Select(image => image.Name)];
        CollectionAssert.AreEqual(new[] { "bad", "middling" }, names);
    }

    [TestMethod]
    public void ToMetrics_IsNotChangedByImagesAddedLater()
    {
        var accumulator = new SegmentationMetricsAccumulator(2);
        accumulator.Add("first", [0, 1], [0, 1], 2, 1);
        SegmentationMetrics metrics = accumulator.ToMetrics();
        accumulator.Add("second", [0, 1], [1, 0], 2, 1);

        Assert.AreEqual(1, metrics.MeanIoU);
        Assert.AreEqual(2, metrics.ConfusionMatrix.PixelCount);
        Assert.HasCount(1, metrics.Images);
    }

    [TestMethod]
    public void KeepImagesOff_KeepsTheFiguresAndNoRows()
    {
        var accumulator = new SegmentationMetricsAccumulator(2, new() { KeepImages = false });
        accumulator.Add("image", [0, 1], [0, 0], 2, 1);
        SegmentationMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(0.5, metrics.PixelAccuracy);
        Assert.AreEqual(1, metrics.ImageCount);
        Assert.IsEmpty(metrics.Images);
    }

    [TestMethod]
    public void ToMetrics_WithoutImages_SaysSo()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => new SegmentationMetricsAccumulator(2).ToMetrics());
        StringAssert.Contains(error.Message, "no image was added");
    }

    [TestMethod]
    public void Add_NamesImageAndSizes()
    {
        var accumulator = new SegmentationMetricsAccumulator(2);
        var error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", new byte[6], new byte[8], 3, 2));
        StringAssert.Contains(error.Message, "Image 'a.png': predictions has 8 pixels, but the image is 3x2 = 6 pixels");

        error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", [], [], 0, 2));
        StringAssert.Contains(error.Message, "the size is 0x2");
    }

    [TestMethod]
    public void Add_NamesImagePixelAndValue_AndCountsNothing()
    {
        var accumulator = new SegmentationMetricsAccumulator(2);
        var error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", [0, 1, 0, 7], [0, 1, 0, 0], 2, 2));

        StringAssert.Contains(error.Message, "Image 'a.png': the label at pixel x=1, y=1 is 7; allowed is 0 to 1, or 255 (ignored)");
        Assert.AreEqual(0, accumulator.ImageCount);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void BoundaryWidth_OutOfRange_IsRefused(bool isUsed) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(
        () => new SegmentationMetricsAccumulator(2, new() { BoundaryIoU = isUsed, BoundaryWidth = 0 }));

    [TestMethod]
    public void ToString_ListsFiguresAndClasses()
    {
        var accumulator = new SegmentationMetricsAccumulator(["road", "sky", "never"]);
        accumulator.Add("image", [0, 0, 1, 255], [0, 1, 1, 0], 2, 2);
        string text = accumulator.ToMetrics().ToString();

        StringAssert.Contains(text, "mean IoU 0.5000   pixel accuracy 0.6667");
        StringAssert.Contains(text, "road   0.5000  0.5000     1.0000  0.6667           0.6667");
        StringAssert.Contains(text, "never       -       -          -       -           0.0000");
        StringAssert.Contains(text, "1 image, 3 pixels, 1 ignored");
    }

    private static void AssertEqualsSetArithmetic(SegmentationMetrics metrics, List<(byte Label, byte Prediction)> pixels)
    {
        var iou = new List<double>();
        var accuracy = new List<double>();
        var dice = new List<double>();
        double weighted = 0;
        for (int c = 0; c < metrics.NumberOfClasses; c++)
        {
            double both = pixels.Count(pixel => pixel.Label == c && pixel.Prediction == c);
            double either = pixels.Count(pixel => pixel.Label == c || pixel.Prediction == c);
            double labelled = pixels.Count(pixel => pixel.Label == c);
            double predicted = pixels.Count(pixel => pixel.Prediction == c);

            // 0 / 0 is NaN in IEEE arithmetic, as it should be here.
            Assert.AreEqual(both / either, metrics.PerClassIoU[c], Tolerance);
            Assert.AreEqual(both / labelled, metrics.PerClassAccuracy[c], Tolerance);
            Assert.AreEqual(both / predicted, metrics.PerClassPrecision[c], Tolerance);
            Assert.AreEqual(2 * both / (labelled + predicted), metrics.PerClassDice[c], Tolerance);
            iou.Add(both / either);
            dice.Add(2 * both / (labelled + predicted));
            accuracy.Add(both / labelled);
            weighted += labelled == 0 ? 0 : labelled / pixels.Count * (both / either);
        }

        Assert.AreEqual(iou.Where(double.IsFinite).Average(), metrics.MeanIoU, Tolerance);
        Assert.AreEqual(dice.Where(double.IsFinite).Average(), metrics.MeanDice, Tolerance);
        Assert.AreEqual(accuracy.Where(double.IsFinite).Average(), metrics.MeanAccuracy, Tolerance);
        Assert.AreEqual(pixels.Average(pixel => pixel.Label == pixel.Prediction ? 1.0 : 0.0), metrics.PixelAccuracy, Tolerance);
        Assert.AreEqual(weighted, metrics.FrequencyWeightedIoU, Tolerance);
        Assert.AreEqual(pixels.Count, metrics.PixelCount);
    }

    [TestMethod]
    public void ClassesThatNobodyTellsAreThoseThatOccur()
    {
        SegmentationMetricsOptions options = new() { BoundaryIoU = true };
        SegmentationMetricsAccumulator told = new(6, options), open = new(SegmentationMetricsAccumulator.MaxClasses, options);
        foreach (SegmentationMetricsAccumulator accumulator in new[] { told, open })
        {
            accumulator.Add("first", [0, 1, 1, 3, 255, 3], [0, 1, 3, 3, 5, 1], 3, 2);
            accumulator.Add("second", [5, 5, 0, 0], [5, 0, 0, 5], 2, 2);
        }

        SegmentationMetrics expected = told.ToMetrics(), actual = open.ToMetricsOfOccurringClasses();
        Assert.AreEqual(6, actual.NumberOfClasses);
        CollectionAssert.AreEqual(expected.PerClassIoU, actual.PerClassIoU);
        CollectionAssert.AreEqual(expected.PerClassBoundaryIoU, actual.PerClassBoundaryIoU);
        Assert.AreEqual(expected.MeanIoU, actual.MeanIoU);
        Assert.AreEqual(expected.PixelAccuracy, actual.PixelAccuracy);
        Assert.AreEqual(expected.ConfusionMatrix.IgnoredPixelCount, actual.ConfusionMatrix.IgnoredPixelCount);
        CollectionAssert.AreEqual(expected.Images.Select(image => image.MeanIoU).ToArray(), actual.Images.Select(image => image.MeanIoU).ToArray());
    }
}
