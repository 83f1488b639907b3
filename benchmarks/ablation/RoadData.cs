using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>CamVid at half its size; a drive (the first part of file names) may be left out of training and be reported on.</summary>
internal sealed class RoadData(string folder, string? heldOutDrive) : Dataset
{
    private const int Classes = 11;

    private readonly ILookup<bool, TrainingSample> _byHeldOut = Read(folder, "train").ToLookup(
        sample => heldOutDrive is not null && sample.Name.StartsWith(heldOutDrive, StringComparison.Ordinal));

    private readonly TrainingSample[] _val = Read(folder, "val");

    /// <summary>Weights for the loss that treat all classes alike.</summary>
    public static float[] EqualWeights { get; } = [.. Enumerable.Repeat(1f, Classes)];

    public override string Name => "CamVid";

    public override DenseTask Task => DenseTask.Segmentation;

    public override TrainingSample[] Train => [.. _byHeldOut[false]];

    public override TrainingOptions Recipe { get; } = new() { CropWidth = 128, CropHeight = 96 };

    public override Headings Headings => new("mIoU on val", "drive left out");

    public override NetworkConfiguration Reference(long seed) => NetworkConfiguration.For(NetworkPreset.Small, Classes, seed: seed);

    public override Figures Measure(DenseGraph graph) =>
        new(MeanIoU(graph, _val), heldOutDrive is null ? null : MeanIoU(graph, _byHeldOut[true]));

    private static double MeanIoU(DenseGraph graph, IEnumerable<TrainingSample> samples)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 1 });
        SegmentationMetricsAccumulator metrics = new(Classes);
        foreach (TrainingSample sample in samples)
        {
            byte[] labels = new byte[sample.Mask.Length];
            compiled.PredictLabels(sample.Image, labels);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
        }

        return metrics.ToMetrics().MeanIoU;
    }

    private static TrainingSample[] Read(string folder, string split) =>
        [.. ImageFolder.Pair(Path.Combine(folder, split, "images"), Path.Combine(folder, split, "masks")).Select(pair =>
        {
            RgbImage image = RgbImage.Load(pair.ImagePath);
            byte[] mask = [.. MaskReader.ReadClassIndices(pair.MaskPath).Labels];
            return new TrainingSample(Path.GetFileName(pair.ImagePath), HalfSize.Image(image), HalfSize.Mask(mask, image.Width, image.Height));
        })];
}
