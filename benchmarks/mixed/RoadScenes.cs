using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Mixed;

/// <summary>CamVid at half size: what is learned from, and what is reported on.</summary>
internal sealed class RoadScenes(string folder)
{
    public static ImmutableArray<string> Classes { get; } = ["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"];

    /// <summary>Size of an image.</summary>
    public const int Width = 240, Height = 180;

    public TrainingSample[] Train { get; } = Read(folder, "train");

    public TrainingSample[] Val { get; } = Read(folder, "val");

    /// <summary>Mean IoU on the images held out.</summary>
    public double Measure(DenseNetwork network)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
        SegmentationMetricsAccumulator metrics = new(Classes, new() { KeepImages = false });
        foreach (TrainingSample sample in Val)
        {
            byte[] labels = new byte[sample.Mask.Length];
            compiled.PredictLabels(sample.Image, labels);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
        }

        return metrics.ToMetrics().MeanIoU;
    }

    private static TrainingSample[] Read(string folder, string part)
    {
        TaskMasks[] masks = [new("classes", Path.Combine(folder, part, "masks"))];
        return
        [
            .. TaskImages.Pair(Path.Combine(folder, part, "images"), masks).OrderBy(image => image.ImagePath, StringComparer.Ordinal)
                .Select(image => TaskImages.Load(image, masks).At(WorkingSize.Of(Width), new SegmentationTask())),
        ];
    }
}
