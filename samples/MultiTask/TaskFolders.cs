using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using QuickStart;
using QuickStart.Scenes;

namespace Clothes;

/// <summary>Images with masks of classes and of an object, split into those that are learned from and those that are not.</summary>
/// <param name="Title">What they show.</param>
/// <param name="Tasks">What is learned; edges come from the masks of classes.</param>
/// <param name="Masks">The folders of the masks.</param>
/// <param name="Train">Images to learn from.</param>
/// <param name="Test">Images to report on.</param>
/// <param name="Size">The longest side that the network works at.</param>
internal sealed record TaskFolders(string Title, DenseTaskOptions[] Tasks, TaskMasks[] Masks, TaskImage[] Train, TaskImage[] Test, int Size)
{
    /// <summary>People in clothes (CCP): what each pixel shows of them, the person, and the edges between clothes. Every fifth file by sorted name is held out.</summary>
    public static TaskFolders OfClothes(string folder)
    {
        TaskMasks[] masks = [new("parsing", Path.Combine(folder, "parsing")) { NumberOfClasses = 8 }, new("person", Path.Combine(folder, "saliency"), MaskKind.Saliency)];
        ILookup<bool, TaskImage> byHeldOut = TaskImages.Pair(Path.Combine(folder, "images"), masks)
            .OrderBy(image => image.ImagePath, StringComparer.Ordinal).Index().ToLookup(image => image.Index % 5 == 4, image => image.Item);
        return new(
            "clothes (CCP)",
            Learned("parsing", ["background", "hair", "skin", "upper", "lower", "dress", "shoes", "accessories"], "#20242C, #6B4A2B, #F1C27D, #D1495B, #2E86AB, #9D4EDD, #3A7D44, #FFD166", "person"),
            masks, [.. byHeldOut[false]], [.. byHeldOut[true]], 216);
    }

    /// <summary>Painted landscapes with a balloon, made here.</summary>
    public static TaskFolders OfScenes(string folder)
    {
        SceneFolder train = SceneFolder.Paint(Path.Combine(folder, "train"), firstSeed: 0, count: 320), test = SceneFolder.Paint(Path.Combine(folder, "test"), firstSeed: 100_000, count: 80);
        TaskMasks[] masks = Masks(train);
        return new(
            "painted scenes",
            Learned("landscape", Enum.GetNames<SceneClass>(), "#8ECAE6, #8D7B74, #1D5FA8, #4F8F3A, #E0B84C, #E4572E", "balloon"),
            masks, [.. TaskImages.Pair(train.Images, masks)], [.. TaskImages.Pair(test.Images, Masks(test))], Math.Max(Scene.Width, Scene.Height));

        static TaskMasks[] Masks(SceneFolder set) =>
            [new("landscape", set.Classes) { NumberOfClasses = Enum.GetNames<SceneClass>().Length }, new("balloon", set.Objects, MaskKind.Saliency)];
    }

    private static DenseTaskOptions[] Learned(string classes, string[] names, string colors, string salient) =>
    [
        new(classes, new SegmentationTask()) { ClassNames = names, Palette = Palette.Parse(colors) },
        new(salient, new SaliencyTask()),
        new("edges", new EdgesTask()) { From = classes },
    ];
}
