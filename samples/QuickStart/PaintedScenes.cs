using Microsoft.ML;
using Microsoft.ML.Binary;

namespace QuickStart;

/// <summary>Landscapes with a balloon, painted: a set of any size, with floors that a network must rise above. What each pixel shows, and where the balloon is.</summary>
internal static class PaintedScenes
{
    public static void Run(MLContext ml, string folder)
    {
        Console.WriteLine($"Painting scenes into {folder} ...");
        SceneFolder train = SceneFolder.Paint(Path.Combine(folder, "train"), firstSeed: 0, count: 320);
        SceneFolder test = SceneFolder.Paint(Path.Combine(folder, "test"), firstSeed: 100_000, count: 80);

        Console.WriteLine("What needs no network:");
        Console.WriteLine($"  mIoU {ColorFloor.MeanIoU(train, test):0.000} by taking the class of the nearest mean colour");
        Console.WriteLine($"  MAE {ColorFloor.MeanAbsoluteError(test):0.000} by calling everything background");

        LandscapeModel landscape = LandscapeModel.Train(ml, train);
        SegmentationMetrics landscapeMetrics = landscape.Evaluate(ml, test);
        Console.WriteLine(landscapeMetrics);

        BalloonModel balloons = BalloonModel.Train(ml, train);
        SaliencyMetrics balloonMetrics = balloons.Evaluate(ml, test);
        Console.WriteLine(balloonMetrics);

        Console.WriteLine("Saving both models, and loading them into another context ...");
        SavedModel.Check<byte>(ml, landscape.Transformer, Path.Combine(folder, "landscape.zip"), test, "PredictedLabel");
        SavedModel.Check<float>(ml, balloons.Transformer, Path.Combine(folder, "balloons.zip"), test, "Saliency");

        Pictures.Write(Path.Combine(folder, "pictures"), ml, landscape, balloons, test);
        Console.WriteLine($"Pictures to look at: {Path.Combine(folder, "pictures")}");
        Console.WriteLine($"On scenes that were not trained on: mIoU {landscapeMetrics.MeanIoU:0.000}, MAE {balloonMetrics.MeanAbsoluteError:0.000}");
    }
}
