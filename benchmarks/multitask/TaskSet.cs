using System.Collections.Immutable;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace MultiTask;

/// <summary>Images with the masks of several tasks, at half size; edges are derived from the first masks.</summary>
/// <param name="Name">What journals call it.</param>
/// <param name="Heads">The tasks.</param>
/// <param name="Train">Images to learn from.</param>
/// <param name="Val">Images to report on.</param>
/// <param name="Crop">Size of the crops.</param>
internal sealed record TaskSet(string Name, ImmutableArray<TaskHead> Heads, TrainingSample[] Train, TrainingSample[] Val, (int Width, int Height) Crop)
{
    private static readonly TaskHead Edges = new("edges", DenseTask.Edges);

    /// <summary>CamVid: classes, and the edges between them.</summary>
    public static TaskSet CamVid(string folder)
    {
        TaskHead classes = new("classes", DenseTask.Segmentation, ["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"]);
        return new("CamVid", [classes, Edges], Read("train"), Read("val"), (128, 96));

        TrainingSample[] Read(string part) => Load(Path.Combine(folder, part), WorkingSize.Of(240), new TaskMasks("classes", Path.Combine(folder, part, "masks")));
    }

    /// <summary>Clothing co-parsing: what people wear, the person, and the edges between clothes. Every fifth file by sorted name is held out.</summary>
    public static TaskSet Clothes(string folder)
    {
        TaskHead parsing = new("parsing", DenseTask.Segmentation, ["background", "hair", "skin", "upper", "lower", "dress", "shoes", "accessories"]);
        TrainingSample[] all = Load(
            folder, WorkingSize.Of(216), new("parsing", Path.Combine(folder, "parsing")), new("person", Path.Combine(folder, "saliency"), MaskKind.Saliency));
        ILookup<bool, TrainingSample> byHeldOut = all.Index().ToLookup(entry => entry.Index % 5 == 4, entry => entry.Item);
        return new("CCP", [parsing, new("person", DenseTask.Saliency), Edges], [.. byHeldOut[false]], [.. byHeldOut[true]], (128, 128));
    }

    /// <summary>Which of a sample's masks a head is measured by.</summary>
    public static byte[] MaskOf(TrainingSample sample, TaskHead head) => head.Task == DenseTask.Saliency ? sample.MoreMasks[0] : sample.Mask;

    // By sorted name, brought to the size that is worked at.
    private static TrainingSample[] Load(string folder, WorkingSize size, params TaskMasks[] tasks) =>
    [
        .. TaskImages.Pair(Path.Combine(folder, "images"), tasks).OrderBy(image => image.ImagePath, StringComparer.Ordinal).Select(image =>
        {
            TrainingSample sample = TaskImages.Load(image, tasks), half = sample.At(size, new SegmentationTask());
            return half with { MoreMasks = [.. sample.MoreMasks.Select(mask => (sample with { Mask = mask }).At(size, new SaliencyTask()).Mask)] };
        }),
    ];
}
