using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Fuzz.Processes;

/// <summary>A folder with a few pictures and masks, and the command line as a process that trains on them.</summary>
internal sealed class TrainingFolder : IDisposable
{
    private const int Width = 48, Height = 40, Images = 4;

    public TrainingFolder()
    {
        Path = Directory.CreateTempSubdirectory("mlbinary-fuzz-").FullName;
        Directory.CreateDirectory(this["images"]);
        Directory.CreateDirectory(this["masks"]);
        for (int i = 0; i < Images; i++)
        {
            RandomStream random = new(i, 31);
            byte[] pixels = new byte[3 * Width * Height], labels = new byte[Width * Height];
            for (int p = 0; p < labels.Length; p++)
            {
                labels[p] = (byte)(p % Width > 10 + 5 * i ? 1 : 0);
                pixels[3 * p + labels[p]] = (byte)(150 + random.NextInt(80));
            }

            new RgbImage(Width, Height, pixels).SavePng(this[$"images/{i}.png"]);
            MaskWriter.Save(this[$"masks/{i}.png"], new SegmentationMask(Width, Height, labels));
        }
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public Process Train(string model, int steps, string? resume = null)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec", typeof(Cli.Options.ClassList).Assembly.Location, "train", "--task", "segmentation", "--images", this["images"], "--masks", this["masks"],
                "--classes", "2", "--preset", "tiny", "--batch", "1", "--crop", "32x32", "--threads", "1", "--steps", steps.ToString(System.Globalization.CultureInfo.InvariantCulture), "--out", model,
            },
        };
        if (resume is not null)
        {
            start.ArgumentList.Add("--resume");
            start.ArgumentList.Add(resume);
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for the end; the exit code, and all that was written.</summary>
    public static (int ExitCode, string Text) End(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return (process.ExitCode, output.Result + error.Result);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
