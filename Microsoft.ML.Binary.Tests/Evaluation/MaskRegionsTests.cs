using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class MaskRegionsTests
{
    [TestMethod]
    public void RegionsAreMeasured()
    {
        MaskRegions found = MaskRegions.Find(Mask("11..", "1...", "..11", "..1."), 1);
        CollectionAssert.AreEqual(
            new[] { new MaskRegion(1, 1, 3, 0, 0, 2, 2, 1 / 3.0, 1 / 3.0), new MaskRegion(2, 1, 3, 2, 2, 2, 2, 7 / 3.0, 7 / 3.0) }, found.Regions.ToArray());
        CollectionAssert.AreEqual(new[] { 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 2, 2, 0, 0, 2, 0 }, found.Ids.ToArray());
    }

    [TestMethod]
    public void DiagonalsConnectEightNeighboursOnly()
    {
        SegmentationMask mask = Mask("1.1", ".1.", "1.1");
        Assert.HasCount(1, MaskRegions.Find(mask, 1).Regions);
        Assert.HasCount(5, MaskRegions.Find(mask, 1, PixelConnectivity.Four).Regions);
    }

    [TestMethod]
    public void SmallRegionsAreLeftOut()
    {
        MaskRegions found = MaskRegions.Find(Mask("1.11", "....", "111."), 1, minArea: 2);
        CollectionAssert.AreEqual(new[] { 2, 3 }, found.Regions.Select(r => r.Area).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 1, 0, 0, 0, 0, 2, 2, 2, 0 }, found.Ids.ToArray());
    }

    [TestMethod]
    public void OtherClassesAndEmptyMasksHaveNone()
    {
        Assert.IsEmpty(MaskRegions.Find(Mask("22", ".2"), 1).Regions);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MaskRegions.Find(Mask("1"), 1, minArea: 0));
    }

    [TestMethod]
    public void InsidesGrowIntoTheirContourAndNotAcrossIt()
    {
        // Two nuclei that touch, and contour without an inside.
        MaskRegions found = MaskRegions.Find(Mask("222222.", "212212.", "222222.", "......2"), 1, 2);
        CollectionAssert.AreEqual(new[] { 9, 9 }, found.Regions.Select(r => r.Area).ToArray());
        CollectionAssert.AreEqual(new[] { 1, 1, 1, 2, 2, 2, 0 }, found.Ids.ToArray()[..7]);
        Assert.AreEqual(0, found.Ids.Span[^1], "no inside reaches it");
    }

    [TestMethod]
    public void WhereTwoArriveAtOnceTheLowerNumberWins() =>
        CollectionAssert.AreEqual(new[] { 1, 1, 2 }, MaskRegions.Find(Mask("121"), 1, 2).Ids.ToArray());

    /// <summary>Random masks against a plain flood fill that relabels until nothing changes.</summary>
    [TestMethod]
    [DataRow(PixelConnectivity.Four)]
    [DataRow(PixelConnectivity.Eight)]
    public void AnyMaskAgreesWithRelabelling(PixelConnectivity connectivity)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            RandomStream random = new(seed);
            int width = 1 + random.NextInt(20), height = 1 + random.NextInt(20);
            byte[] labels = [.. Enumerable.Range(0, width * height).Select(_ => (byte)random.NextInt(2 + seed % 3))];
            MaskRegions found = MaskRegions.Find(new SegmentationMask(width, height, labels), [1, 2], connectivity);
            int[] ids = found.Ids.ToArray();
            int[] expected = Relabelled(labels, width, height, connectivity);
            int[] order = [.. expected.Where(id => id > 0).Distinct()];
            CollectionAssert.AreEqual(expected.Select(id => Array.IndexOf(order, id) + 1).ToArray(), ids, $"seed {seed}");
            foreach (MaskRegion region in found.Regions)
            {
                int[] pixels = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] == region.Id)];
                int[] xs = [.. pixels.Select(i => i % width)], ys = [.. pixels.Select(i => i / width)];
                Assert.AreEqual(
                    new MaskRegion(
                        region.Id, labels[pixels[0]], pixels.Length, xs.Min(), ys.Min(), xs.Max() - xs.Min() + 1, ys.Max() - ys.Min() + 1,
                        (double)xs.Sum() / pixels.Length, (double)ys.Sum() / pixels.Length),
                    region, $"seed {seed}");
            }
        }
    }

    private static int[] Relabelled(byte[] labels, int width, int height, PixelConnectivity connectivity)
    {
        int[] ids = [.. labels.Select((label, i) => label is 1 or 2 ? i + 1 : 0)];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 0; i < ids.Length; i++)
            {
                for (int j = 0; j < ids.Length; j++)
                {
                    int dx = Math.Abs(i % width - j % width), dy = Math.Abs(i / width - j / width);
                    bool neighbours = connectivity == PixelConnectivity.Eight ? Math.Max(dx, dy) == 1 : dx + dy == 1;
                    if (neighbours && labels[i] == labels[j] && ids[i] > 0 && ids[j] < ids[i])
                    {
                        (ids[i], changed) = (ids[j], true);
                    }
                }
            }
        }

        return ids;
    }

    [TestMethod]
    public void RegionsMatchAboveHalfOverlap()
    {
        RegionMetricsAccumulator counts = new();
        MaskRegions truth = MaskRegions.Find(Mask("1111.1", "......", "11...."), 1);

        // Three of four pixels overlap; a pixel where none is; half of the third one, which is not above one half.
        counts.Add(truth, MaskRegions.Find(Mask("111...", "....1.", "1....."), 1));
        RegionMetrics metrics = counts.ToMetrics();
        Assert.AreEqual((1, 3, 3, 1), (metrics.Images, metrics.Actual, metrics.Predicted, metrics.Matched));
        Assert.AreEqual(1 / 3.0, metrics.F1, 1e-12);
        Assert.AreEqual(0.0, metrics.CountError);

        counts.Add(truth, truth);
        RegionMetricsAccumulator empty = new();
        empty.Add(MaskRegions.Find(Mask(".."), 1), MaskRegions.Find(Mask("1."), 1));
        counts.Merge(empty);
        metrics = counts.ToMetrics();
        Assert.AreEqual((3, 6, 7, 4), (metrics.Images, metrics.Actual, metrics.Predicted, metrics.Matched));
        Assert.AreEqual(8 / 13.0, metrics.F1, 1e-12);
        Assert.AreEqual(4 / 7.0, metrics.Precision, 1e-12);
        Assert.AreEqual(4 / 6.0, metrics.Recall, 1e-12);
        Assert.AreEqual(1 / 3.0, metrics.CountError, 1e-12);
    }

    [TestMethod]
    public void NothingFoundWhereNothingIsIsRight()
    {
        RegionMetricsAccumulator counts = new();
        counts.Add(MaskRegions.Find(Mask(".."), 1), MaskRegions.Find(Mask(".."), 1));
        Assert.AreEqual((1.0, 1.0, 1.0), (counts.ToMetrics().F1, counts.ToMetrics().Precision, counts.ToMetrics().Recall));
    }

    [TestMethod]
    public void WrongInputIsRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RegionMetricsAccumulator(0.4));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RegionMetricsAccumulator(1));
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => new RegionMetricsAccumulator().Add(MaskRegions.Find(Mask("1."), 1), MaskRegions.Find(Mask("1"), 1)));
        StringAssert.Contains(e.Message, "2x1 and 1x1");
    }

    private static SegmentationMask Mask(params string[] rows) => new(
        rows[0].Length, rows.Length, [.. rows.SelectMany(row => row).Select(c => (byte)(c == '.' ? 0 : c - '0'))]);
}
