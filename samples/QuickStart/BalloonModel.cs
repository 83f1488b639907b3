using Microsoft.ML;
using Microsoft.ML.Binary;
using QuickStart.Scenes;

namespace QuickStart;

/// <summary>Salient-object detection: how much each pixel belongs to what a person would look at first.</summary>
/// <param name="Transformer">The trained stage of a pipeline: takes the column Image, adds the column Saliency.</param>
internal sealed record BalloonModel(SaliencyTransformer Transformer)
{
    private const int Steps = 450;

    public static BalloonModel Train(MLContext ml, SceneFolder train)
    {
        Console.WriteLine("Training a network for salient objects ...");
        IDataView scenes = ml.Data.LoadImagePairs(train.Images, train.Objects, MaskKind.Saliency);
        SaliencyTrainer trainer = ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions
        {
            Seed = 1,
            Preset = NetworkPreset.Tiny,
            Steps = Steps,
            LearningRate = 4e-3f,
            CropWidth = Scene.Width,
            CropHeight = Scene.Height,
            Training = TrainingRecipe.Scenes,
            MetricsCallback = TrainingRecipe.Report,
        });
        return new BalloonModel(trainer.Fit(scenes));
    }

    public SaliencyMetrics Evaluate(MLContext ml, SceneFolder test)
    {
        IDataView scenes = ml.Data.LoadImagePairs(test.Images, test.Objects, MaskKind.Saliency);
        return ml.Saliency.Evaluate(Transformer.Transform(scenes));
    }
}
