using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>CamVid at half its size, in memory: images averaged over 2x2 pixels, masks sampled.</summary>
internal static class RoadData
{
    public const int Classes = 11;

    public static TrainingSample[] Read(string folder, string split) =>
        [.. ImageFolder.Pair(Path.Combine(folder, split, "images"), Path.Combine(folder, split, "masks")).Select(pair =>
        {
            RgbImage image = RgbImage.Load(pair.ImagePath);
            byte[] mask = [.. MaskReader.ReadClassIndices(pair.MaskPath).Labels];
            return new TrainingSample(Path.GetFileName(pair.ImagePath), HalfImage(image), HalfMask(mask, image.Width, image.Height));
        })];

    /// <summary>Weights for the loss that treat all classes alike.</summary>
    public static float[] EqualWeights { get; } = [.. Enumerable.Repeat(1f, Classes)];

    /// <summary>A network of these classes, which go by their numbers.</summary>
    public static DenseNetwork Named(DenseGraph graph) => new(graph, DenseTask.Segmentation, [.. Enumerable.Range(0, Classes).Select(c => $"{c}")]);

    /// <summary>The drive that a frame is of: the first part of its name.</summary>
    public static bool IsOf(this TrainingSample sample, string drive) => sample.Name.StartsWith(drive, StringComparison.Ordinal);

    private static RgbImage HalfImage(RgbImage image)
    {
        (int width, int height) = (image.Width / 2, image.Height / 2);
        byte[] half = new byte[width * height * 3];
        for (int i = 0; i < half.Length; i++)
        {
            (int pixel, int channel) = (i / 3, i % 3);
            int at = (pixel / width * 2 * image.Width + pixel % width * 2) * 3 + channel, below = at + image.Width * 3;
            half[i] = (byte)((image.Pixels[at] + image.Pixels[at + 3] + image.Pixels[below] + image.Pixels[below + 3] + 2) / 4);
        }

        return new RgbImage(width, height, half);
    }

    private static byte[] HalfMask(byte[] mask, int width, int height) =>
        [.. Enumerable.Range(0, width / 2 * (height / 2)).Select(i => mask[i / (width / 2) * 2 * width + i % (width / 2) * 2])];
}
