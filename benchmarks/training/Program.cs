// Times a training step against PyTorch; run.sh starts it.
using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.TrainingBenchmark;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Option<NetworkPreset> preset = new("--preset") { Description = "Network size.", DefaultValueFactory = _ => NetworkPreset.Small };
Option<Precision> precision = new("--precision") { Description = "Binary, or the float twin.", DefaultValueFactory = _ => Precision.Binary };
Option<int> classes = new("--classes") { Description = "Classes.", DefaultValueFactory = _ => 11 };
Option<int> batch = new("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 8 };
Option<string> size = new("--size") { Description = "Crop size, WxH; multiples of 16.", DefaultValueFactory = _ => "256x192" };
Option<int[]> threads = new("--threads") { Description = "Numbers of threads to measure, a row each.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2] };
Option<int> steps = new("--steps") { Description = "Steps that are timed.", DefaultValueFactory = _ => 20 };
Option<int> warmUp = new("--warm-up") { Description = "Steps before those.", DefaultValueFactory = _ => 5 };
Option<string> python = new("--python") { Description = "Python with PyTorch.", DefaultValueFactory = _ => "python3" };
Option<bool> channelsLast = new("--channels-last") { Description = "PyTorch keeps its maps as [row, column, channel]." };
Option<bool> alone = new("--alone") { Description = "Without PyTorch." };
Option<bool> parts = new("--parts") { Description = "Where our time goes instead, by type of node." };
Option<string?> worker = new("--worker") { Hidden = true };
RootCommand root = new("Times a training step of this package against the same network in PyTorch, one step of each in turn.")
{
    preset, precision, classes, batch, size, threads, steps, warmUp, python, channelsLast, alone, parts, worker,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(worker) is { } work)
    {
        new Worker(work, parsed.GetValue(threads)!.Single()).Serve(Console.In, Console.Out);
        return;
    }

    int[] sides = [.. parsed.GetValue(size)!.Split('x').Select(int.Parse)];
    StepSettings settings = new(
        NetworkConfiguration.For(parsed.GetValue(preset), parsed.GetValue(classes), parsed.GetValue(precision)),
        parsed.GetValue(batch), sides[1], sides[0]);
    DirectoryInfo folder = Directory.CreateTempSubdirectory("training");
    try
    {
        settings.Write(folder.FullName);
        StepData.Write(folder.FullName, settings, DenseNetworkBuilder.Build(settings.Network));
        if (parsed.GetValue(parts))
        {
            foreach (int count in parsed.GetValue(threads)!)
            {
                Console.WriteLine($"Threads: {count}\n");
                new Worker(folder.FullName, count).PrintParts(Console.Out, parsed.GetValue(warmUp), parsed.GetValue(steps));
            }

            return;
        }

        string[] rival = parsed.GetValue(alone)
            ? []
            : [parsed.GetValue(python)!, Path.Combine(SourceFolder(), "pytorch_step.py"), folder.FullName, .. parsed.GetValue(channelsLast) ? ["--channels-last"] : Array.Empty<string>()];
        Comparison comparison = new(Console.Out, folder.FullName, rival, parsed.GetValue(warmUp), parsed.GetValue(steps));
        comparison.PrintHeader($"{parsed.GetValue(preset)}, {parsed.GetValue(precision)}, batch {settings.Batch} of {settings.Width}x{settings.Height}");
        foreach (int count in parsed.GetValue(threads)!)
        {
            comparison.PrintRow(count);
        }

        comparison.PrintLosses();
    }
    finally
    {
        folder.Delete(recursive: true);
    }
});
return root.Parse(args).Invoke();

static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
