using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Ablation.Starts;

/// <summary>
/// Labelled images that a network is trained on from several starts, and others that it is measured on. Both are brought to the size that <c>mlbinary train</c> proposes
/// for those trained on, whatever the start.
/// </summary>
/// <param name="Name">Its name on the command line and in the tables.</param>
/// <param name="Task">What is learned.</param>
/// <param name="Classes">The classes.</param>
/// <param name="TrainParts">Where to learn: folders of images and of masks below the folder of all data.</param>
/// <param name="ValPart">Where to measure; the same folders hold every fifth image by sorted name out.</param>
/// <param name="Few">So many of the images, spread evenly over the sorted names; null learns from all.</param>
internal sealed record Target(string Name, DenseTask Task, ImmutableArray<string> Classes, (string Images, string Masks) TrainParts, (string Images, string Masks) ValPart, int? Few = null)
{
    private static readonly ImmutableArray<string> CamVidClasses = ["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"];

    private static readonly ImmutableArray<string> Clothes = ["background", "hair", "skin", "upper", "lower", "dress", "shoes", "accessories"];

    private static readonly (string, string) CamVidTrain = ("camvid/train/images", "camvid/train/masks"), CamVidVal = ("camvid/val/images", "camvid/val/masks");

    private static readonly (string, string) NucleiParts = ("nuclei/images", "nuclei/masks"), ClothesParts = ("ccp/images", "ccp/parsing"), PascalParts = ("pascal-s/images", "pascal-s/masks");

    /// <summary>All of them, those of few images first.</summary>
    public static ImmutableArray<Target> All { get; } =
    [
        new("CamVid, 50 images", DenseTask.Segmentation, CamVidClasses, CamVidTrain, CamVidVal, 50),
        new("nuclei, 20 images", DenseTask.Segmentation, ["background", "inside", "contour"], NucleiParts, NucleiParts, 20) { Counts = true },
        new("clothing, 50 images", DenseTask.Segmentation, Clothes, ClothesParts, ClothesParts, 50),
        new("CamVid, 367 images", DenseTask.Segmentation, CamVidClasses, CamVidTrain, CamVidVal),
        new("PASCAL-S, 541 images", DenseTask.Saliency, [], PascalParts, PascalParts),
    ];

    /// <summary>Whether insides and contours (classes 1 and 2) are counted as well.</summary>
    public bool Counts { get; init; }

    /// <summary>Reads both parts.</summary>
    /// <param name="folder">The folder of all data.</param>
    public TargetData Read(string folder)
    {
        TaskMasks[] masks = [Masks(TrainParts)];
        bool isSplit = TrainParts == ValPart;
        TaskImage[] all = Images(TrainParts), train = isSplit ? Fifths(held: false) : all, val = isSplit ? Fifths(held: true) : Images(ValPart);
        if (Few is { } few)
        {
            train = [.. Enumerable.Range(0, few).Select(i => train[(long)i * train.Length / few])];
        }

        return new(
            [.. train.Select(image => TaskImages.Load(image, masks))],
            [.. val.Select(image => TaskImages.Load(image, masks))],
            SizeSurvey.Propose(train.Select(image => ImageReader.ReadInfo(image.ImagePath)).Select(info => (info.Width, info.Height))).Size);

        TaskMasks Masks((string Images, string Masks) part) =>
            new(Name, Path.Combine(folder, part.Masks), Task.HasClasses ? MaskKind.ClassIndices : MaskKind.Saliency) { NumberOfClasses = Task.HasClasses ? Classes.Length : null };

        TaskImage[] Images((string Images, string Masks) part) =>
            [.. TaskImages.Pair(Path.Combine(folder, part.Images), [Masks(part)]).OrderBy(image => image.ImagePath, StringComparer.Ordinal)];

        TaskImage[] Fifths(bool held) => [.. all.Where((_, i) => i % 5 == 4 == held)];
    }

    /// <summary>Figures on the images held out; the first is the one that starts are compared by.</summary>
    public Dictionary<string, double> Measure(DenseNetwork network, TargetData data)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new InferenceOptions { Threads = 1 });
        return Task.HasClasses ? Segmentation(compiled, data) : Saliency(compiled, data);
    }

    private Dictionary<string, double> Segmentation(CompiledNetwork network, TargetData data)
    {
        SegmentationMetricsAccumulator metrics = new(Classes, new() { KeepImages = false });
        RegionMetricsAccumulator regions = new();
        foreach (TrainingSample sample in data.Val)
        {
            byte[] labels = new byte[sample.Mask.Length];
            network.PredictLabels(sample.Image, labels);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
            if (Counts)
            {
                regions.Add(Regions(sample.Mask, splitAtNecks: false), Regions(labels, splitAtNecks: true));
            }

            MaskRegions Regions(byte[] mask, bool splitAtNecks) =>
                MaskRegions.Find(new SegmentationMask(sample.Image.Width, sample.Image.Height, mask), inside: 1, contour: 2, splitAtNecks: splitAtNecks);
        }

        Dictionary<string, double> figures = new() { ["mIoU"] = metrics.ToMetrics().MeanIoU };
        if (Counts)
        {
            figures["F1 of counted"] = regions.ToMetrics().F1;
        }

        return figures;
    }

    private static Dictionary<string, double> Saliency(CompiledNetwork network, TargetData data)
    {
        SaliencyMetricsAccumulator metrics = new(new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF });
        foreach (TrainingSample sample in data.Val)
        {
            float[] map = new float[sample.Mask.Length];
            network.PredictSaliency(sample.Image, map);
            metrics.Add(sample.Name, map, sample.Mask, sample.Image.Width, sample.Image.Height);
        }

        SaliencyMetrics all = metrics.ToMetrics();
        return new() { ["max F"] = all.MaxF, ["MAE"] = all.MeanAbsoluteError };
    }
}

/// <summary>The images of a <see cref="Target"/> at their own size, and the size that they are worked on at.</summary>
internal sealed record TargetData(TrainingSample[] Train, TrainingSample[] Val, WorkingSize Size);
