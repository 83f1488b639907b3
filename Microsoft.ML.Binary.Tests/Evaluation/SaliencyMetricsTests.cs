using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class SaliencyMetricsTests
{
    /// <summary>Levels half-way between two, exactly so in single precision, go up, in masks and so in what is measured.</summary>
    [TestMethod]
    public void ExactTiesOfSaliencyAreRoundedUp()
    {
        int[] levels = [.. Enumerable.Range(0, 255).Where(level => 255f * Half(level) == level + 0.5f)];
        Assert.IsGreaterThan(100, levels.Length);
        float[] halves = [.. levels.Select(Half)];
        byte[] above = [.. levels.Select(level => (byte)(level + 1))], mask = [.. levels.Select(level => (byte)(level % 2 * 255))];
        CollectionAssert.AreEqual(above, SaliencyMask.FromProbabilities(levels.Length, 1, halves).Values);
        foreach ((byte one, float half) in above.Zip(halves))
        {
            Assert.AreEqual(one, SaliencyMask.FromProbabilities(1, 1, [half]).Values[0]);
        }

        SaliencyMetricsAccumulator ofFloats = new(), ofBytes = new();
        ofFloats.Add("a", halves, mask, levels.Length, 1);
        ofBytes.Add("a", above, mask, levels.Length, 1);
        Assert.AreEqual(ofBytes.ToMetrics().ToJson(), ofFloats.ToMetrics().ToJson());

        static float Half(int level) => (level + 0.5f) / 255;
    }

    /// <summary>Of a mask only the side of 128 counts, on which a pixel lies, and 128 itself is background: in every figure, the centroid of the S-measure included.</summary>
    [TestMethod]
    public void GrayMasksCountAsTheirTwoSides()
    {
        const int width = 24, height = 18;
        Random random = new(5);
        byte[] map = new byte[width * height], gray = new byte[map.Length];
        random.NextBytes(map);
        SaliencyMetricsAccumulator whole = new(), sides = new();
        for (int image = 0; image < 5; image++)
        {
            for (int i = 0; i < gray.Length; i++)
            {
                bool right = i % width > 8 + image;
                gray[i] = right ? (byte)(random.Next(2) == 0 ? 129 : 255) : (byte)(random.Next(2) == 0 ? 0 : 128);
            }

            whole.Add($"{image}", map, gray, width, height);
            sides.Add($"{image}", map, [.. gray.Select(value => value > 128 ? byte.MaxValue : byte.MinValue)], width, height);
        }

        SaliencyMetrics expected = sides.ToMetrics(), metrics = whole.ToMetrics();
        foreach (SaliencyMeasure measure in SaliencyMeasure.All)
        {
            Assert.AreEqual(measure.Of(expected), measure.Of(metrics), measure.Title);
        }
    }

    /// <summary>One image is found exactly at the low levels, the other at the high ones: each curve has its own best point.</summary>
    [TestMethod]
    public void TheTwoMaximaOfFAreOfDifferentCurves()
    {
        SaliencyMetricsAccumulator accumulator = new();
        accumulator.Add("broad", [255, 100, 100, 0], [255, 255, 255, 0], 2, 2);
        accumulator.Add("narrow", [255, 100, 100, 0], [255, 0, 0, 0], 2, 2);
        SaliencyMetrics metrics = accumulator.ToMetrics();

        // At 100 and below: precision 1 and 1/3, recall 1 and 1. Above: precision 1 and 1, recall 1/3 and 1.
        Assert.AreEqual((F(1, 1.0 / 3) + F(1, 1)) / 2, metrics.MaxF, 1e-12);
        Assert.AreEqual(F(1, 2.0 / 3), metrics.MaxFOfMeanCurve, 1e-12);
        Assert.AreNotEqual(metrics.MaxF, metrics.MaxFOfMeanCurve, 1e-3);

        static double F(double precision, double recall) => 1.3 * precision * recall / (0.3 * precision + recall);
    }

    [TestMethod]
    public void APerfectMapHasAnEMeasureOfPixelsOverPixelsLessOne()
    {
        SaliencyMetricsAccumulator accumulator = new();
        accumulator.Add("perfect", [255, 255, 0, 0, 0], [255, 255, 0, 0, 0], 5, 1);
        Assert.AreEqual(5.0 / 4, accumulator.ToMetrics().MaxE, 1e-9);
    }

    [TestMethod]
    public void FloatSaliency_ScoresAsThePngItWouldBeWrittenTo()
    {
        var random = new Random(5);
        float[] saliency = [.. Enumerable.Range(0, 40 * 30).Select(i => i < 256 ? (i + 0.5f) / 255.5f : random.NextSingle())];
        byte[] mask = [.. Enumerable.Range(0, 40 * 30).Select(i => i % 40 < 20 ? (byte)255 : (byte)0)];
        var fromFloats = new SaliencyMetricsAccumulator();
        fromFloats.Add("image", saliency, mask, 40, 30);
        var fromPng = new SaliencyMetricsAccumulator();
        fromPng.Add("image", SaliencyMask.FromProbabilities(40, 30, saliency).Values, mask, 40, 30);

        Assert.AreEqual(fromPng.ToMetrics().ToJson(), fromFloats.ToMetrics().ToJson());
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    [DataRow(1.5f, "1.5")]
    [DataRow(-0.25f, "-0.25")]
    public void Add_NamesPixelAndValueOfBadSaliency(float value, string text)
    {
        var accumulator = new SaliencyMetricsAccumulator();
        var error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", [0f, 1f, 0f, value], new byte[4], 2, 2));

        StringAssert.Contains(error.Message, $"Image 'a.png': the saliency at pixel x=1, y=1 is {text}; it must be a number from 0 to 1");
        Assert.AreEqual(0, accumulator.ImageCount);
    }

    [TestMethod]
    public void Add_NamesSizesThatDiffer()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => new SaliencyMetricsAccumulator().Add("a.png", new byte[6], new byte[4], 3, 2));
        StringAssert.Contains(error.Message, "Image 'a.png': mask has 4 pixels, but the image is 3x2 = 6 pixels");
    }

    [TestMethod]
    public void ToMetrics_WithoutImages_SaysSo() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => new SaliencyMetricsAccumulator().ToMetrics());

    [TestMethod]
    public void EmptyMask_HasTheConventionsOfTheField()
    {
        var accumulator = new SaliencyMetricsAccumulator();
        accumulator.Add("image", [0, 0, 0, 255], new byte[4], 2, 2);
        SaliencyMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(0, metrics.MaxF);
        Assert.AreEqual(0, metrics.AdaptiveF);
        Assert.AreEqual(0, metrics.WeightedF);
        Assert.AreEqual(0.75, metrics.SMeasure);
        Assert.AreEqual(0.25, metrics.MeanAbsoluteError);
    }

    [TestMethod]
    public void MaxF_IsTheMaximumOfTheMeanCurve()
    {
        // Each image is perfect at some threshold, but no threshold is perfect for both.
        var accumulator = new SaliencyMetricsAccumulator();
        accumulator.Add("low", [0, 20, 20, 255], [0, 255, 255, 255], 2, 2);
        accumulator.Add("high", [0, 200, 200, 255], [0, 0, 0, 255], 2, 2);
        SaliencyMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(1, metrics.Images[0].MaxF);
        Assert.AreEqual(1, metrics.Images[1].MaxF);
        Assert.IsLessThan(0.9, metrics.MaxF);
    }

    [TestMethod]
    [DataRow(new byte[] { 0, 51, 51, 255 }, 0.7)]
    [DataRow(new byte[] { 0, 255, 255, 255 }, 1.0)]
    public void AdaptiveThreshold_IsTwiceTheMeanAndAtMostOne(byte[] saliency, double expected)
    {
        var counts = new SaliencyCounts();
        counts.Count(saliency, new byte[saliency.Length], saliency.Length, 1, quadrants: false);

        Assert.AreEqual(expected, AdaptiveThreshold.Of(counts, saliency), 1e-12);
    }

    [TestMethod]
    public void AdaptiveThreshold_ThatTiesWithALevel_IsDecidedByNumPysOrderOfSummation()
    {
        // Twice the mean is the level 170 but for rounding. Added from left to right the level reaches the threshold; numpy.mean
        // (NumPy 1.24), which adds eight interleaved sums, gives 0.6666666666666667, one bit above it.
        byte[] saliency = [0, 255, 51, 68, 85, 0, 51, 153, 170, 17];
        Assert.AreEqual(170 / 255.0, 2 * (saliency.Aggregate(0.0, (sum, level) => sum + level / 255.0) / saliency.Length));
        var counts = new SaliencyCounts();
        counts.Count(saliency, new byte[saliency.Length], saliency.Length, 1, quadrants: false);

        Assert.AreEqual(0.6666666666666667, AdaptiveThreshold.Of(counts, saliency));
        Assert.IsGreaterThan(170 / 255.0, AdaptiveThreshold.Of(counts, saliency));
    }

    [TestMethod]
    [DataRow(201, 300, 236.4705882352941)]
    [DataRow(77, 10000, 3019.6078431372543)]
    [DataRow(13, 16461, 839.1882352941178)]
    public void NumPySum_OfEqualValues_EqualsNumPy124(int level, int count, double expected) =>
        Assert.AreEqual(expected, NumPySum.OfEqual(level / 255.0, count));

    [TestMethod]
    public void ErrorAndF_GivesTheSameErrorAndFAndNothingElse()
    {
        var all = new SaliencyMetricsAccumulator();
        var some = new SaliencyMetricsAccumulator(new() { Measures = SaliencyMeasures.ErrorAndF });
        foreach ((string name, int width, int height, byte[] prediction, byte[] mask) in ReferenceFiles.Pairs("saliency"))
        {
            all.Add(name, prediction, mask, width, height);
            some.Add(name, prediction, mask, width, height);
        }

        SaliencyMetrics expected = all.ToMetrics();
        SaliencyMetrics actual = some.ToMetrics();
        Assert.AreEqual(expected.MeanAbsoluteError, actual.MeanAbsoluteError);
        Assert.AreEqual(expected.AdaptiveF, actual.AdaptiveF);
        CollectionAssert.AreEqual(expected.FCurve, actual.FCurve);
        CollectionAssert.AreEqual(expected.PrecisionCurve, actual.PrecisionCurve);
        CollectionAssert.AreEqual(expected.RecallCurve, actual.RecallCurve);
        foreach (double value in new[] { actual.SMeasure, actual.WeightedF, actual.MaxE, actual.MeanE, actual.AdaptiveE, actual.Images[0].MaxE })
        {
            Assert.AreEqual(double.NaN, value);
        }
    }

    [TestMethod]
    public void Merge_EqualsAddingAllToOne()
    {
        var whole = new SaliencyMetricsAccumulator();
        SaliencyMetricsAccumulator[] parts = [new(), new(), new()];
        int index = 0;
        foreach ((string name, int width, int height, byte[] prediction, byte[] mask) in ReferenceFiles.Pairs("saliency"))
        {
            // A one-pixel image has an E-measure of 4.5e15, beside which the order of summation would show in all other digits.
            if (width * height > 1)
            {
                whole.Add(name, prediction, mask, width, height);
                parts[index++ % 3].Add(name, prediction, mask, width, height);
            }
        }

        parts[1].Merge(parts[2]);
        parts[0].Merge(parts[1]);
        SaliencyMetrics expected = whole.ToMetrics();
        SaliencyMetrics actual = parts[0].ToMetrics();
        foreach (SaliencyMeasure measure in SaliencyMeasure.All)
        {
            Assert.AreEqual(measure.Of(expected), measure.Of(actual), 1e-12, $"{measure}");
        }

        CollectionAssert.AreEquivalent(expected.Images.Select(image => image.Name).ToList(), actual.Images.Select(image => image.Name).ToList());
        Assert.AreEqual(expected.PixelCount, actual.PixelCount);
    }

    /// <summary>A sum in registers has other last bits on another processor.</summary>
    [TestMethod]
    public void MeansOfCurvesAreTakenInOrder()
    {
        Random random = new(3);
        for (int i = 0; i < 20; i++)
        {
            byte[] map = new byte[600], mask = new byte[map.Length];
            random.NextBytes(map);
            random.NextBytes(mask);
            SaliencyMetricsAccumulator accumulator = new();
            accumulator.Add("image", map, mask, 30, 20);
            SaliencyMetrics metrics = accumulator.ToMetrics();
            Assert.AreEqual(InOrder(metrics.FCurve), metrics.Images[0].MeanF);
            Assert.AreEqual(InOrder(metrics.ECurve), metrics.Images[0].MeanE);
        }

        static double InOrder(IReadOnlyList<double> curve)
        {
            double sum = 0;
            foreach (double value in curve)
            {
                sum += value;
            }

            return sum / curve.Count;
        }
    }

    [TestMethod]
    public void Merge_RefusesOtherOptions() => Assert.ThrowsExactly<ArgumentException>(
        () => new SaliencyMetricsAccumulator().Merge(new SaliencyMetricsAccumulator(new() { KeepCurves = false })));

    [TestMethod]
    public void WorstImages_AreListedByError()
    {
        var accumulator = new SaliencyMetricsAccumulator();
        accumulator.Add("right", [0, 255], [0, 255], 2, 1);
        accumulator.Add("wrong", [255, 0], [0, 255], 2, 1);

        Assert.AreEqual("wrong", accumulator.ToMetrics().WorstImages(1).Single().Name);
    }

    [TestMethod]
    public void ToString_ListsTheFigures()
    {
        var accumulator = new SaliencyMetricsAccumulator(new() { Measures = SaliencyMeasures.ErrorAndF });
        accumulator.Add("image", [0, 255], [0, 255], 2, 1);
        string text = accumulator.ToMetrics().ToString();

        StringAssert.Contains(text, "0.0000          -");
        StringAssert.Contains(text, "F-measure  1.0000  0.9983    1.0000");
        StringAssert.Contains(text, "1 image, 2 pixels");
    }
}
