using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.Binary.Compare;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Onnx;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Rivals;

/// <summary>Makes the networks, starts the contenders in turn and prints the table.</summary>
internal static class Comparison
{
    public static void Run(TextWriter output, NetworkPreset preset, string imageFolder, int count, int core, int rounds, double seconds)
    {
        string folder = Directory.CreateTempSubdirectory("rivals").FullName;
        try
        {
            TrainingSample[] samples = Samples(imageFolder, count);
            string[] images = [.. samples.Select((sample, i) => Path.Combine(folder, $"{i:00}.png"))];
            foreach ((string path, TrainingSample sample) in images.Zip(samples))
            {
                byte[] pixels = [.. sample.Image.Pixels.Chunk(3).SelectMany(rgb => new byte[] { rgb[0], rgb[1], rgb[2], byte.MaxValue })];
                using MLImage image = MLImage.CreateFromPixels(sample.Image.Width, sample.Image.Height, MLPixelFormat.Rgba32, pixels);
                image.Save(path);
            }

            const int width = Contender.SampleWidth, height = Contender.SampleHeight;
            DenseNetwork twin = SampleNetworks.BrieflyTrained(preset, Precision.Float, samples, steps: 30);
            twin.Save(Path.Combine(folder, "float.mlbn"));
            SampleNetworks.BrieflyTrained(preset, Precision.Binary, samples, steps: 30).Save(Path.Combine(folder, "binary.mlbn"));
            OnnxExporter.Save(twin, Path.Combine(folder, "float.onnx"), new() { Size = (width, height) });
            File.WriteAllBytes(Path.Combine(folder, "int8.onnx"), QuantizedTwin.Make(twin, (width, height), samples.Take(8).Select(sample => sample.Image)));

            Dictionary<string, List<Measurement>> found = Contender.All.Keys.ToDictionary(name => name, _ => new List<Measurement>());
            for (int round = 0; round < rounds; round++)
            {
                foreach ((string name, List<Measurement> measurements) in found)
                {
                    if (InProcessOfItsOwn([name, folder, .. images, $"{core}", $"{seconds}"]) is { } measurement)
                    {
                        measurements.Add(measurement);
                    }
                }
            }

            output.WriteLine($"{Machine.Describe()}. {preset}, {count} images of {width}x{height}, {rounds} processes of each in turn, the least of each figure.\n");
            Table table = new(
                output, "on one core", "PNG to classes, ms", "processor, ms", "image in memory to classes, ms", "processor, ms", "start to first mask, ms", "peak memory, MB",
                "classes as the float twin's, %");
            foreach ((string name, List<Measurement> measurements) in found)
            {
                if (measurements.Count == 0)
                {
                    table.Row(name, "did not run here", "", "", "", "", "", "");
                    continue;
                }

                Measurement least = Measurement.Least(measurements);
                object agreement = name.Contains("twin") ? 100 * Agreement(folder, name, "float twin, ONNX Runtime") : "another network";
                table.Row(name, least.Wall, least.Processor, least.DecodedWall, least.DecodedProcessor, least.First, least.PeakMegabytes, agreement);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TrainingSample[] Samples(string folder, int count)
    {
        string masks = Path.Combine(Path.GetDirectoryName(folder)!, "masks");
        return Directory.Exists(folder) ? SampleImages.Read(folder, masks, count) : [.. Enumerable.Range(1, count).Select(seed => SampleImages.Procedural(Contender.SampleWidth, Contender.SampleHeight, seed))];
    }

    // None where a rival cannot run on this machine; it has said why by itself.
    private static Measurement? InProcessOfItsOwn(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["contender", .. arguments]) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<Measurement>(text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]) : null;
    }

    private static double Agreement(string folder, string name, string other)
    {
        byte[] a = File.ReadAllBytes(Path.Combine(folder, Measurement.MasksOf(name))), b = File.ReadAllBytes(Path.Combine(folder, Measurement.MasksOf(other)));
        return a.Zip(b).Count(pair => pair.First == pair.Second) / (double)Math.Max(a.Length, b.Length);
    }
}
