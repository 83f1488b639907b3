// Runs the networks that come with the package on photos; then trains one that tells what each pixel of a landscape shows, and one that
// finds the balloon in it, in ML.NET pipelines.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Binary;
using QuickStart;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Stopwatch watch = Stopwatch.StartNew();
string folder;
string? street;
try
{
    (folder, street) = Arguments.Parse(args);
}
catch (Exception e) when (e is ArgumentException or FileNotFoundException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

MLContext ml = new(seed: 1);
string photos = Path.Combine(folder, "photos");
Console.WriteLine("What stands out in two photos, by a pretrained network:");
PhotoObjects.Write(photos, ml);
if (street is not null)
{
    Console.WriteLine($"What is on {street}, by a pretrained network:");
    StreetScene.Write(photos, street);
}

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
Console.WriteLine($"Pictures to look at: {Path.Combine(folder, "pictures")}, {photos}");
Console.WriteLine($"All that took {watch.Elapsed.TotalSeconds:0} s. On scenes that were not trained on:");
Console.WriteLine($"mIoU {landscapeMetrics.MeanIoU:0.000}");
Console.WriteLine($"MAE {balloonMetrics.MeanAbsoluteError:0.000}");
return 0;
