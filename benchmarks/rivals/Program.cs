using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Rivals;

if (args is ["contender", ..])
{
    // A process of its own for each, so that its memory and its processor time are its own.
    Console.WriteLine(JsonSerializer.Serialize(Measurement.Take(args[1], args[2], args[3..^2], int.Parse(args[^2]), double.Parse(args[^1]))));
    return 0;
}

Option<NetworkPreset> preset = new("--preset") { Description = "The network.", DefaultValueFactory = _ => NetworkPreset.Small };
Option<string> images = new("--images") { Description = "Folder of images of 480x360. [default: CamVid's validation images beside the repository; else made-up ones]" };
Option<int> count = new("--count") { Description = "How many images.", DefaultValueFactory = _ => 20 };
Option<int> core = new("--core") { Description = "The core that is measured.", DefaultValueFactory = _ => 0 };
Option<int> rounds = new("--rounds") { Description = "How many processes of each, in turn.", DefaultValueFactory = _ => 3 };
Option<double> seconds = new("--seconds") { Description = "Time that a process measures each column for.", DefaultValueFactory = _ => 2 };
RootCommand root = new("What a user would pick instead: each on one core, with decoding of the images and without.") { preset, images, count, core, rounds, seconds };
root.SetAction(parsed => Comparison.Run(
    Console.Out, parsed.GetValue(preset), parsed.GetValue(images) ?? Path.Combine(SourceFolder(), "..", "..", "..", "shared", "data", "camvid", "val", "images"),
    parsed.GetValue(count), parsed.GetValue(core), parsed.GetValue(rounds), parsed.GetValue(seconds)));
return root.Parse(args).Invoke();

static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
