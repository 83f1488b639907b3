using Microsoft.ML;
using Microsoft.ML.Binary;
using QuickStart.Scenes;

namespace QuickStart;

/// <summary>Semantic segmentation: what each pixel shows.</summary>
/// <param name="Transformer">The trained stage of a pipeline: takes the column Image, adds the column PredictedLabel.</param>
internal sealed record LandscapeModel(SegmentationTransformer Transformer)
{
    private const int Steps = 700;

    public static LandscapeModel Train(MLContext ml, SceneFolder train)
    {
        Console.WriteLine("Training a network for six classes ...");

        // A data view is lazy: files are read when the trainer asks for rows.
        IDataView scenes = ml.Data.LoadImagePairs(train.Images, train.Classes);
        SegmentationTrainer trainer = ml.Segmentation.Trainers.BinaryDenseNet(new SegmentationTrainerOptions
        {
            Seed = 1,
            ClassNames = Enum.GetNames<SceneClass>(),
            Preset = NetworkPreset.Tiny,
            Steps = Steps,
            LearningRate = 4e-3f,
            CropWidth = Scene.Width,
            CropHeight = Scene.Height,
            Training = TrainingRecipe.Scenes,
            MetricsCallback = TrainingRecipe.Report,
        });
        return new LandscapeModel(trainer.Fit(scenes));
    }

    public SegmentationMetrics Evaluate(MLContext ml, SceneFolder test)
    {
        IDataView scenes = ml.Data.LoadImagePairs(test.Images, test.Classes);
        return ml.Segmentation.Evaluate(Transformer.Transform(scenes));
    }
}
