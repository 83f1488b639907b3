using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Compare;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

Option<NetworkPreset[]> presets = new("--presets") { Description = "Presets to measure.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => Enum.GetValues<NetworkPreset>() };
Option<string[]> sizes = new("--sizes") { Description = "Image sizes, WxH.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["240x180", "480x360", "1024x512", "2048x1024"] };
Option<double> seconds = new("--seconds") { Description = "Time for each row of a table; at least three rounds are measured.", DefaultValueFactory = _ => 6 };
Option<int> core = new("--core") { Description = "The core that is measured.", DefaultValueFactory = _ => 0 };
Option<string> images = new("--images") { Description = "Folder of images to compare results on. [default: CamVid's validation images beside the repository; else made-up ones]" };
Option<string> masks = new("--masks") { Description = "Folder of their masks." };
Option<int> count = new("--count") { Description = "How many images to compare results on.", DefaultValueFactory = _ => 20 };
Option<string> model = new("--model") { Description = "Network file of a binary segmentation network to compare results of. [default: Small, briefly trained on those images]" };
Option<string> twin = new("--twin") { Description = "The same for a float network." };
Option<string> espnet = new("--espnet") { Description = "ONNX file of ESPNet for 480x360 (espnet.py writes one) to measure the preset Small against." };
Option<bool> noSpeed = new("--no-speed") { Description = "Compare results only." };
Option<bool> noAgreement = new("--no-agreement") { Description = "Measure only." };
RootCommand root = new("Measures this engine against ONNX Runtime and compares what the two compute.")
{
    presets, sizes, seconds, core, images, masks, count, model, twin, espnet, noSpeed, noAgreement,
};
root.SetAction(parsed =>
{
    TimeSpan budget = TimeSpan.FromSeconds(parsed.GetValue(seconds));
    (int Width, int Height)[] pixels = [.. parsed.GetValue(sizes)!.Select(size => (int.Parse(size.Split('x')[0]), int.Parse(size.Split('x')[1])))];
    TextWriter output = Console.Out;
    bool holds = true;
    if (!parsed.GetValue(noSpeed) && Environment.ProcessorCount > 1)
    {
        output.WriteLine("### Threads\n");
        foreach (NetworkPreset preset in parsed.GetValue(presets)!)
        {
            NetworkSpeed.PrintThreads(output, preset, pixels, budget);
            output.WriteLine();
        }
    }

    Machine.RunOn(parsed.GetValue(core));
    if (!parsed.GetValue(noSpeed))
    {
        output.WriteLine($"### Speed on one core\n\n{Machine.Describe()}. Times are minimum / median.\n");
        ConvolutionSpeed.Print(output, budget);
        output.WriteLine();
        NetworkSpeed.Print(output, parsed.GetValue(presets)!, pixels, budget);
        output.WriteLine();
        foreach (NetworkPreset preset in parsed.GetValue(presets)!)
        {
            Roofline.Print(output, preset, pixels);
        }

        if (parsed.GetValue(espnet) is { } path)
        {
            NetworkSpeed.PrintRival(output, NetworkPreset.Small, "ESPNet", path, 480, 360, budget);
            output.WriteLine();
        }
    }

    if (!parsed.GetValue(noAgreement))
    {
        Machine.RunOnAllCores();
        output.WriteLine("### Agreement\n");
        TrainingSample[] samples = Samples(parsed.GetValue(images), parsed.GetValue(masks), parsed.GetValue(count));
        holds = new BinaryAgreement(Network(parsed.GetValue(model), Precision.Binary, samples)).Print(output, samples);
        holds &= TwinAgreement.Print(output, Network(parsed.GetValue(twin), Precision.Float, samples), samples);
    }

    return holds ? 0 : 1;
});
return root.Parse(args).Invoke();

static DenseNetwork Network(string? path, Precision precision, TrainingSample[] samples) =>
    path is not null ? DenseNetwork.Load(path) : SampleNetworks.BrieflyTrained(NetworkPreset.Small, precision, samples, steps: 30);

static TrainingSample[] Samples(string? images, string? masks, int count)
{
    string camvid = Path.Combine(SourceFolder(), "..", "..", "..", "shared", "data", "camvid", "val");
    (images, masks) = (images ?? Path.Combine(camvid, "images"), masks ?? Path.Combine(camvid, "masks"));
    return Directory.Exists(images)
        ? SampleImages.Read(images, masks, count)
        : [.. Enumerable.Range(1, count).Select(seed => SampleImages.Procedural(480, 360, seed))];
}

static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
