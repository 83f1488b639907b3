// Runs the networks that come with the packages on photos; then trains one on 20 pictures of cell nuclei, in an ML.NET pipeline, and counts the nuclei
// in 8 others.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using QuickStart;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Stopwatch watch = Stopwatch.StartNew();
string folder;
string? street;
bool scenes;
try
{
    (folder, street, scenes) = Arguments.Parse(args);
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

NucleiModel.Run(ml, Path.Combine(folder, "nuclei"));
if (scenes)
{
    PaintedScenes.Run(ml, Path.Combine(folder, "scenes"));
}

Console.WriteLine($"Pictures to look at are in {folder}. All that took {watch.Elapsed.TotalSeconds:0} s.");
return 0;
