using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Clothes;

/// <summary>Pictures of what all three tasks make of an image.</summary>
internal static class SideBySide
{
    /// <summary>What is true and what is predicted.</summary>
    public static TaskExample Of(MultiTaskPredictor predictor, TaskFolders set, TaskImage image)
    {
        TrainingSample sample = TaskImages.Load(image, set.Masks);
        MultiTaskPrediction seen = predictor.Predict(sample.Image);
        (string classes, string salient) = (set.Tasks[0].Name, set.Tasks[1].Name);
        OverlayOptions style = new() { Palette = set.Tasks[0].Palette!, Opacity = 0.65f };
        (int width, int height) = (seen.Width, seen.Height);
        byte[] edges = [.. new EdgesTask { Source = EdgeSource.Classes }.Annotation(sample.Mask, width).Edges.Select(edge => (byte)(255 * edge))];
        return new(image.Name, sample.Image,
        [
            (classes, Overlay.Segmentation(sample.Image, new(width, height, sample.Mask), style), Overlay.Segmentation(sample.Image, seen.Labels(classes), style)),
            (salient, Overlay.Saliency(sample.Image, new(width, height, sample.MoreMasks[0])), Overlay.Saliency(sample.Image, seen.Map(salient).ToMask())),
            ("edges", new SaliencyMask(width, height, edges).ToImage(), seen.Map("edges").ToMask().ToImage()),
        ]);
    }

    /// <summary>Writes what is predicted, side by side.</summary>
    public static void Save(TaskExample example, string folder) => ComparisonPanel
        .SideBySide([("image", example.Input), .. example.Tasks.Select(task => (task.Task, task.Prediction))])
        .SavePng(Path.Combine(folder, $"{example.Name}.png"));
}
