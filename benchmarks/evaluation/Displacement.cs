using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;

namespace Evaluation;

/// <summary>
/// How exact outlines have to be for a figure, where a class is a line of one pixel: masks of nuclei measured against themselves, moved or coarser, and predictions
/// beside them. Whole nuclei are counted too, at the overlaps of the 2018 Data Science Bowl, 0.5 to 0.95, so that mean IoU can be held against what was reached there.
/// </summary>
internal static class Displacement
{
    private const int Classes = 3, SmallestNucleus = 16;
    private const byte Inside = 1, Contour = 2;

    private static readonly ImmutableArray<double> s_overlaps = [.. Enumerable.Range(0, 10).Select(i => (50 + 5 * i) / 100.0)];

    // The pixel of the mask that is seen at (x, y) of the nth image.
    private static readonly (string Name, Func<int, int, int, (int X, int Y)> Source)[] s_changes =
    [
        ("as they are", (_, x, y) => (x, y)),
        ("three of four, one pixel to the right", (n, x, y) => (n % 4 == 0 ? x : Math.Max(0, x - 1), y)),
        ("one pixel to the right", (_, x, y) => (Math.Max(0, x - 1), y)),
        ("one pixel to the right and one down", (_, x, y) => (Math.Max(0, x - 1), Math.Max(0, y - 1))),
        ("the first of every 2x2 pixels", (_, x, y) => (x & ~1, y & ~1)),
        ("the first of every 3x3 pixels", (_, x, y) => (x - (x % 3), y - (y % 3))),
    ];

    /// <param name="folder">Masks of background, inside and contour.</param>
    /// <param name="predictions">Masks of the same names that a network made; null for none.</param>
    public static void Measure(string folder, string? predictions)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal)];
        Console.WriteLine($"{$"{files.Length} masks, seen otherwise than they are",-45}  mean IoU  of each class       F1 at 0.5   0.75    0.9  mean of 0.5 to 0.95");
        foreach ((string name, Func<int, int, int, (int X, int Y)> source) in s_changes)
        {
            Print(name, files, (n, truth) => Moved(truth, (x, y) => source(n, x, y)), splitAtNecks: false);
        }

        if (predictions != null)
        {
            Print("what a network made of the images", files, (n, _) => MaskReader.ReadClassIndices(Path.Combine(predictions, Path.GetFileName(files[n]))), splitAtNecks: true);
        }
    }

    private static void Print(string name, string[] files, Func<int, SegmentationMask, SegmentationMask> see, bool splitAtNecks)
    {
        SegmentationMetricsAccumulator pixels = new(Classes, new() { KeepImages = false });
        ImmutableArray<RegionMetricsAccumulator> nuclei = [.. s_overlaps.Select(overlap => new RegionMetricsAccumulator(overlap))];
        for (int n = 0; n < files.Length; n++)
        {
            SegmentationMask truth = MaskReader.ReadClassIndices(files[n]), seen = see(n, truth);
            pixels.Add(files[n], truth.Labels, seen.Labels, truth.Width, truth.Height);
            MaskRegions there = MaskRegions.Find(truth, Inside, Contour, splitAtNecks: false);
            MaskRegions found = MaskRegions.Find(seen, Inside, Contour, minArea: splitAtNecks ? SmallestNucleus : 1, splitAtNecks: splitAtNecks);
            foreach (RegionMetricsAccumulator accumulator in nuclei)
            {
                accumulator.Add(there, found);
            }
        }

        SegmentationMetrics metrics = pixels.ToMetrics();
        double[] f1 = [.. nuclei.Select(accumulator => accumulator.ToMetrics().F1)];
        Console.WriteLine(
            $"{name,-45}  {metrics.MeanIoU,8:F4}  {string.Join(" ", metrics.PerClassIoU.Select(iou => $"{iou:F3}"))}  {f1[0],9:F3}  {f1[5]:F3}  {f1[8]:F3}  {f1.Average():F3}");
    }

    private static SegmentationMask Moved(SegmentationMask mask, Func<int, int, (int X, int Y)> source)
    {
        byte[] seen = new byte[mask.Labels.Length];
        for (int i = 0; i < seen.Length; i++)
        {
            (int x, int y) = source(i % mask.Width, i / mask.Width);
            seen[i] = mask.Labels[y * mask.Width + x];
        }

        return new(mask.Width, mask.Height, seen);
    }
}
