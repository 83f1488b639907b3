using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;

namespace Evaluation;

/// <summary>
/// What is left of mean IoU where masks are right but for a pixel: masks measured against themselves, moved or coarser. Says how exact outlines have to be for a
/// figure, where a class is a line of one pixel.
/// </summary>
internal static class Displacement
{
    // The pixel of the mask that is seen at (x, y).
    private static readonly (string Name, Func<int, int, (int X, int Y)> Source)[] Changes =
    [
        ("one pixel to the right", (x, y) => (Math.Max(0, x - 1), y)),
        ("one pixel to the right and one down", (x, y) => (Math.Max(0, x - 1), Math.Max(0, y - 1))),
        ("the first of every 2x2 pixels", (x, y) => (x & ~1, y & ~1)),
        ("the first of every 3x3 pixels", (x, y) => (x - (x % 3), y - (y % 3))),
    ];

    public static void Measure(string folder, int classes)
    {
        string[] files = Directory.GetFiles(folder, "*.png");
        Console.WriteLine($"{$"{files.Length} masks, seen otherwise than they are",-50}  mean IoU  of each class");
        foreach ((string name, Func<int, int, (int X, int Y)> source) in Changes)
        {
            SegmentationMetricsAccumulator all = new(classes, new() { KeepImages = false });
            foreach (string file in files)
            {
                SegmentationMask mask = MaskReader.ReadClassIndices(file);
                byte[] seen = new byte[mask.Labels.Length];
                for (int i = 0; i < seen.Length; i++)
                {
                    (int x, int y) = source(i % mask.Width, i / mask.Width);
                    byte moved = mask.Labels[y * mask.Width + x];
                    seen[i] = moved < classes ? moved : mask.Labels[i];
                }

                all.Add(file, mask.Labels, seen, mask.Width, mask.Height);
            }

            SegmentationMetrics metrics = all.ToMetrics();
            Console.WriteLine($"{name,-50}  {metrics.MeanIoU:F4}  {string.Join(" ", metrics.PerClassIoU.Select(iou => $"{iou:F3}"))}");
        }
    }
}
