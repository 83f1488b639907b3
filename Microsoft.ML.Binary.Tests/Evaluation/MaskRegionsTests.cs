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
        Assert.ThrowsExactly<ArgumentException>(() => MaskRegions.Find(Mask("1"), inside: 1, contour: 1));
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

    [TestMethod]
    public void InsidesAreTakenApartAtNecks()
    {
        string[] dumbbell =
        [
            "2222222222222",
            "2111112111112",
            "2111111111112",
            "2111111111112",
            "2111112111112",
            "2111112111112",
            "2222222222222",
        ];
        MaskRegions apart = MaskRegions.Find(Mask(dumbbell), 1, 2);
        Assert.HasCount(2, apart.Regions);
        Assert.AreEqual(13 * 7, apart.Regions.Sum(r => r.Area), "both grow into the contour, until nothing is left");
        Assert.IsLessThanOrEqualTo(7, Math.Abs(apart.Regions[0].Area - apart.Regions[1].Area), "at the neck");
        Assert.HasCount(1, MaskRegions.Find(Mask(dumbbell), 1, 2, splitAtNecks: false).Regions);
        Assert.HasCount(1, MaskRegions.Find(Mask(dumbbell), 1).Regions, "regions without a contour are connected pixels, and nothing else");
    }

    [TestMethod]
    public void PartsThatAreTooSmallAreLeftOut()
    {
        SegmentationMask mask = Mask("11111......", "11111...111", "11111111111", "11111...111", "11111......");
        Assert.HasCount(2, MaskRegions.Find(mask, 1, 2, minArea: 9).Regions);
        Assert.HasCount(1, MaskRegions.Find(mask, 1, 2, minArea: 14).Regions);
        Assert.HasCount(1, MaskRegions.Find(mask, 1, 2, minArea: 14, splitAtNecks: false).Regions);
    }

    [TestMethod]
    public void MasksWithoutABorderAreOneRegion()
    {
        MaskRegions all = MaskRegions.Find(Mask("1111", "1111", "1111"), 1, 2);
        Assert.AreEqual(new MaskRegion(1, 1, 12, 0, 0, 4, 3, 1.5, 1), all.Regions.Single());
        Assert.IsEmpty(MaskRegions.Find(Mask("22", ".2"), 1, 2).Regions);
    }

    /// <summary>Random blobs against the same definition without a tree, a sort by counting or passes: distances to every other pixel, whole regions relabelled.</summary>
    [TestMethod]
    [DataRow(PixelConnectivity.Four)]
    [DataRow(PixelConnectivity.Eight)]
    public void AnyMaskIsTakenApartAsDefined(PixelConnectivity connectivity)
    {
        int split = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            RandomStream random = new(seed);
            int width = 1 + random.NextInt(28), height = 1 + random.NextInt(28), minArea = 1 + 4 * (seed % 2);
            byte[] labels = new byte[width * height];
            for (int blob = 0; blob < 7; blob++)
            {
                (int cx, int cy, int radius) = (random.NextInt(width), random.NextInt(height), 1 + random.NextInt(7));
                for (int i = 0; i < labels.Length; i++)
                {
                    int square = (i % width - cx) * (i % width - cx) + (i / width - cy) * (i / width - cy);
                    labels[i] = square <= radius * radius ? (byte)1 : labels[i] == 0 && square <= (radius + 1) * (radius + 1) ? (byte)2 : labels[i];
                }
            }

            SegmentationMask mask = new(width, height, labels);
            int[] expected = TakenApart(labels, width, height, connectivity, minArea);
            int[] found = MaskRegions.Find(mask, 1, 2, connectivity, minArea).Ids.ToArray();
            CollectionAssert.AreEqual(expected, found.Select((id, i) => labels[i] == 1 ? id : 0).ToArray(), $"seed {seed}");
            split += expected.Max() > MaskRegions.Find(mask, 1, 2, connectivity, minArea, splitAtNecks: false).Regions.Length ? 1 : 0;
        }

        Assert.IsGreaterThan(10, split, "masks in which there was something to take apart");
    }

    private static int[] TakenApart(byte[] labels, int width, int height, PixelConnectivity connectivity, int minArea)
    {
        int[] all = [.. Enumerable.Range(0, labels.Length)], others = [.. all.Where(i => labels[i] != 1)];
        int[] distances = [.. all.Select(i => labels[i] != 1 ? 0 : others.Length == 0 ? 4 * (width + height) : others.Min(j =>
        {
            (int dx, int dy) = Apart(i, j);
            return 3 * Math.Max(dx, dy) + Math.Min(dx, dy);
        }))];
        int[] order = [.. all.Where(i => labels[i] == 1).OrderByDescending(i => distances[i]).ThenBy(i => i)];
        int[] parts = [.. all.Select(_ => -1)];                                             // the place in the order of the part's first pixel
        for (int place = 0; place < order.Length; place++)
        {
            int pixel = order[place];
            int[] before = [.. order.Take(place).Where(other => Apart(pixel, other) is var (dx, dy) && Math.Max(dx, dy) == 1 && (connectivity == PixelConnectivity.Eight || dx + dy == 1))];
            if (before.Length == 0)
            {
                parts[pixel] = place;
                continue;
            }

            parts[pixel] = parts[before[0]];
            int first = before.Min(i => parts[i]);
            foreach (int part in before.Select(i => parts[i]).Distinct().ToArray())
            {
                int summit = distances[order[part]];
                bool rises = summit - distances[pixel] >= 3 && distances[pixel] <= 0.9m * summit;
                parts = part == first || rises ? parts : [.. parts.Select(p => p == part ? first : p)];
            }
        }

        int[] kept = [.. parts.Where(part => part >= 0).GroupBy(part => part).Where(part => part.Count() >= minArea).Select(part => part.Key)];
        return [.. parts.Select(part => Array.IndexOf(kept, part) + 1)];

        (int X, int Y) Apart(int i, int j) => (Math.Abs(i % width - j % width), Math.Abs(i / width - j / width));
    }

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
        Assert.AreEqual((1L, 3L, 3L, 1L), (metrics.Images, metrics.Actual, metrics.Predicted, metrics.Matched));
        Assert.AreEqual(1 / 3.0, metrics.F1, 1e-12);
        Assert.AreEqual(0.0, metrics.CountError);

        counts.Add(truth, truth);
        RegionMetricsAccumulator empty = new();
        empty.Add(MaskRegions.Find(Mask(".."), 1), MaskRegions.Find(Mask("1."), 1));
        counts.Merge(empty);
        metrics = counts.ToMetrics();
        Assert.AreEqual((3L, 6L, 7L, 4L), (metrics.Images, metrics.Actual, metrics.Predicted, metrics.Matched));
        Assert.AreEqual(8 / 13.0, metrics.F1, 1e-12);
        Assert.AreEqual(4 / 7.0, metrics.Precision, 1e-12);
        Assert.AreEqual(4 / 6.0, metrics.Recall, 1e-12);
        Assert.AreEqual(1 / 3.0, metrics.CountError, 1e-12);
    }

    [TestMethod]
    public void CountsOfLargeSetsAreWhole() => Assert.AreEqual(0.5, new RegionMetrics(1, 2_000_000_000, 2_000_000_000, 1_000_000_000, 0).F1);

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
        e = Assert.ThrowsExactly<ArgumentException>(() => new RegionMetricsAccumulator(0.5).Merge(new(0.75)));
        StringAssert.Contains(e.Message, "same threshold");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => new RegionMetricsAccumulator().ToMetrics()).Message, "no image was added");
    }

    private static SegmentationMask Mask(params string[] rows) => new(
        rows[0].Length, rows.Length, [.. rows.SelectMany(row => row).Select(c => (byte)(c == '.' ? 0 : c - '0'))]);
}
