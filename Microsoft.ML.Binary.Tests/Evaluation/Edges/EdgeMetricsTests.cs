namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class EdgeMetricsTests
{
    [TestMethod]
    public void LinesAsAnnotated_AreFoundWhole()
    {
        byte[] line = new byte[40 * 30];
        line.AsSpan(10 * 40, 40).Fill(255);
        EdgeMetricsAccumulator accumulator = new();
        accumulator.Add("line", line, [line], 40, 30);

        EdgeMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(1, metrics.OdsF);
        Assert.AreEqual(1, metrics.OisF);
        Assert.AreEqual(new EdgeCounts(40, 40, 40, 40), metrics.Ods);
        Assert.HasCount(99, metrics.Thresholds);
        Assert.AreEqual(0.01, metrics.Thresholds[0], 1e-15);
        Assert.AreEqual(0.99, metrics.Thresholds[^1], 1e-15);
    }

    [TestMethod]
    public void PixelsFartherThanTheDistance_HaveNoPartner()
    {
        // 30x40: the diagonal is 50, so the largest distance is 2 pixels.
        EdgeMetricsOptions options = new() { MaxDistance = 0.04 };
        foreach ((int shift, long matched) in new[] { (1, 40L), (2, 40L), (3, 0L) })
        {
            EdgeMetricsAccumulator accumulator = new(options);
            accumulator.Add("shifted", Row(10 + shift), [Row(10)], 40, 30);
            Assert.AreEqual(new EdgeCounts(matched, 40, matched, 40), accumulator.ToMetrics().Counts[0], $"shifted by {shift}");
        }

        static byte[] Row(int y)
        {
            byte[] map = new byte[40 * 30];
            map.AsSpan(y * 40, 40).Fill(255);
            return map;
        }
    }

    [TestMethod]
    public void IgnoredPixels_TakeNoPart()
    {
        byte[] predicted = new byte[20 * 20];
        byte[] annotated = new byte[20 * 20];
        byte[] ignored = new byte[20 * 20];
        predicted.AsSpan(5 * 20, 20).Fill(255);
        annotated.AsSpan(15 * 20, 20).Fill(1);
        for (int y = 0; y < 20; y++)
        {
            ignored.AsSpan(y * 20, 10).Fill(1);
        }

        EdgeMetricsAccumulator accumulator = new();
        accumulator.Add("half", predicted, [annotated], 20, 20, ignored);

        Assert.AreEqual(new EdgeCounts(0, 10, 0, 10), accumulator.ToMetrics().Counts[0]);
    }

    [TestMethod]
    public void OisTakesTheBestThresholdOfEachImage()
    {
        // One map is right from 0.5 on only, the other up to 0.3 only.
        float[] wrongBelow = new float[50];
        float[] rightBelow = new float[50];
        byte[] first = new byte[50];
        byte[] second = new byte[50];
        wrongBelow.AsSpan(0, 10).Fill(0.4f);
        wrongBelow.AsSpan(40, 10).Fill(0.9f);
        first.AsSpan(40, 10).Fill(1);
        rightBelow.AsSpan(0, 10).Fill(0.3f);
        second.AsSpan(0, 10).Fill(1);
        EdgeMetricsAccumulator a = new();
        EdgeMetricsAccumulator b = new();
        a.Add("late", wrongBelow, [first], 10, 5);
        b.Add("early", rightBelow, [second], 10, 5);
        a.Merge(b);

        EdgeMetrics metrics = a.ToMetrics();

        Assert.AreEqual(1, metrics.OisF);
        Assert.IsLessThan(1, metrics.OdsF);
        Assert.AreEqual(2, a.ImageCount);
    }

    [TestMethod]
    public void OdsThreshold_IsTheLowestOfTheBest()
    {
        // What is wrong has less than 0.4, what is right up to 0.9: all thresholds in between are as good.
        float[] map = new float[50];
        byte[] annotated = new byte[50];
        map.AsSpan(0, 10).Fill(0.395f);
        map.AsSpan(40, 10).Fill(0.9f);
        annotated.AsSpan(40, 10).Fill(1);
        EdgeMetricsAccumulator accumulator = new();
        accumulator.Add("image", map, [annotated], 10, 5);

        EdgeMetrics metrics = accumulator.ToMetrics();

        Assert.AreEqual(1, metrics.OdsF);
        Assert.AreEqual(0.4, metrics.OdsThreshold, 1e-12);
        Assert.IsLessThan(1, metrics.Counts[38].F, "at 0.39");
    }

    [TestMethod]
    public void TwoAnnotators_CountEachAndAPredictionNeedsOne()
    {
        byte[] upper = Rows(5), lower = Rows(20);
        Assert.AreEqual(new EdgeCounts(40, 80, 40, 40), Count(Rows(5)), "one line, which one of them has");
        Assert.AreEqual(new EdgeCounts(80, 80, 80, 80), Count(Rows(5, 20)), "both lines");
        Assert.AreEqual(new EdgeCounts(80, 80, 80, 120), Count(Rows(5, 12, 20)), "and one that nobody has");

        EdgeCounts Count(byte[] predicted)
        {
            EdgeMetricsAccumulator accumulator = new();
            accumulator.Add("image", predicted, [upper, lower], 40, 30);
            return accumulator.ToMetrics().Ods;
        }

        static byte[] Rows(params int[] rows)
        {
            byte[] map = new byte[40 * 30];
            foreach (int y in rows)
            {
                map.AsSpan(y * 40, 40).Fill(255);
            }

            return map;
        }
    }

    [TestMethod]
    public void NothingPredictedOrAnnotated_IsZeroNotNaN()
    {
        EdgeMetricsAccumulator accumulator = new();
        accumulator.Add("empty", new float[12], [new byte[12]], 4, 3);
        EdgeMetrics metrics = accumulator.ToMetrics();
        Assert.AreEqual(0, metrics.OdsF);
        Assert.AreEqual(0, metrics.AveragePrecision);
    }

    [TestMethod]
    public void WrongSizesOptionsAndSets_AreNamed()
    {
        EdgeMetricsAccumulator accumulator = new();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", new float[12], [new byte[11]], 4, 3)).Message, "a.png");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", new float[12], [], 4, 3)).Message, "a.png");
        Assert.ThrowsExactly<InvalidOperationException>(accumulator.ToMetrics);
        Assert.ThrowsExactly<ArgumentException>(() => accumulator.Merge(new(new() { NumberOfThresholds = 5 })));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new EdgeMetricsAccumulator(new() { NumberOfThresholds = 1 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new EdgeMetricsAccumulator(new() { MaxDistance = double.NaN }));
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    [DataRow(-0.25f, "-0.25")]
    [DataRow(1.5f, "1.5")]
    public void WhatIsNoProbability_IsNamed(float value, string text)
    {
        EdgeMetricsAccumulator accumulator = new();
        float[] edges = new float[12];
        edges[5] = value;
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => accumulator.Add("a.png", edges, [new byte[12]], 4, 3));
        StringAssert.Contains(error.Message, $"Image 'a.png': the probability at pixel x=1, y=1 is {text}; it must be a number from 0 to 1");
        Assert.AreEqual(0, accumulator.ImageCount);
    }

    [TestMethod]
    public void Thinning_IsTheDefinitionPixelByPixel()
    {
        Random random = new(3);
        for (int round = 0; round < 200; round++)
        {
            (int width, int height) = (random.Next(1, 24), random.Next(1, 24));
            double share = random.NextDouble();
            bool[] map = [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < share)];
            bool[] expected = ThinnedByDefinition(map, width, height);
            EdgeThinning.Thin(map, width, height);
            CollectionAssert.AreEqual(expected, map, $"round {round}, {width}x{height}");
        }
    }

    [TestMethod]
    public void Matching_HasAsManyPairsAsAnyMatching()
    {
        Random random = new(4);
        for (int round = 0; round < 200; round++)
        {
            (int width, int height) = (random.Next(1, 12), random.Next(1, 12));
            double distance = random.NextDouble() * 3;
            int[] left = [.. Enumerable.Range(0, width * height).Where(_ => random.NextDouble() < 0.4)];
            int[] right = [.. Enumerable.Range(0, width * height).Where(_ => random.NextDouble() < 0.4)];
            bool[] matched = new bool[left.Length];
            int pairs = new EdgeMatching(width, height, distance).Match(left, right, matched);
            Assert.AreEqual(LargestMatching(left, right, width, distance), pairs, $"round {round}");
            Assert.AreEqual(pairs, matched.Count(m => m));
        }
    }

    private static bool[] ThinnedByDefinition(bool[] map, int width, int height)
    {
        map = [.. map];
        while (true)
        {
            bool[] before = map;
            for (int half = 0; half < 2; half++)
            {
                bool[] now = map;
                map = [.. now.Select((edge, i) => edge && !Deleted(now, i % width, i / width, half))];
            }

            if (map.AsSpan().SequenceEqual(before))
            {
                return map;
            }
        }

        bool Deleted(bool[] of, int column, int row, int half)
        {
            (int X, int Y)[] around = [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)];
            bool[] x = new bool[10];
            for (int i = 1; i <= 8; i++)
            {
                (int c, int r) = (column + around[i - 1].X, row + around[i - 1].Y);
                x[i] = c >= 0 && r >= 0 && c < width && r < height && of[(r * width) + c];
            }

            x[9] = x[1];
            int g1 = Enumerable.Range(1, 4).Count(i => !x[(2 * i) - 1] && (x[2 * i] || x[(2 * i) + 1]));
            int n1 = Enumerable.Range(1, 4).Count(k => x[(2 * k) - 1] || x[2 * k]);
            int n2 = Enumerable.Range(1, 4).Count(k => x[2 * k] || x[(2 * k) + 1]);
            bool g3 = half == 0 ? (x[2] || x[3] || !x[8]) && x[1] : (x[6] || x[7] || !x[4]) && x[5];
            return g1 == 1 && Math.Min(n1, n2) is 2 or 3 && !g3;
        }
    }

    private static int LargestMatching(int[] left, int[] right, int width, double distance)
    {
        int[] partner = [.. Enumerable.Repeat(-1, right.Length)];
        return left.Count(pixel => Find(pixel, new bool[right.Length]));

        bool Find(int pixel, bool[] seen)
        {
            for (int j = 0; j < right.Length; j++)
            {
                (int dx, int dy) = ((pixel % width) - (right[j] % width), (pixel / width) - (right[j] / width));
                if (!seen[j] && (dx * dx) + (dy * dy) <= distance * distance)
                {
                    seen[j] = true;
                    if (partner[j] < 0 || Find(partner[j], seen))
                    {
                        partner[j] = pixel;
                        return true;
                    }
                }
            }

            return false;
        }
    }
}
