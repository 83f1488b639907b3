using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Binary;

namespace Images;

/// <summary>A folder of images through loader and network of an ML.NET pipeline, row by row as an application reads them.</summary>
internal static class PipelineRun
{
    public static void Run(string folder, int neededLongestSide)
    {
        MLContext ml = new(seed: 1);
        IDataView photos = ml.Data.LoadImages(folder, new() { NeededLongestSide = neededLongestSide });
        IDataView scored = ml.Segmentation.Pretrained(PretrainedModel.RoadScene, new() { Threads = 1 }).Fit(photos).Transform(photos);
        int images = 0;
        long pixels = 0;
        TimeSpan first = TimeSpan.Zero, start = Process.GetCurrentProcess().TotalProcessorTime;
        foreach (Row row in ml.Data.CreateEnumerable<Row>(scored, reuseRowObject: true))
        {
            pixels += row.PredictedLabel.Length;
            if (++images == 1)
            {
                first = Process.GetCurrentProcess().TotalProcessorTime;
            }
        }

        TimeSpan rest = Process.GetCurrentProcess().TotalProcessorTime - first;
        Console.WriteLine(
            $"{images} images, {pixels} labels: {(images > 1 ? rest.TotalMilliseconds / (images - 1) : double.NaN):0} ms of processor an image after the first "
            + $"({(first - start).TotalMilliseconds:0} ms), peak memory {ProcessMemory.PeakMegabytes()} MB");
    }

    private sealed class Row
    {
        public byte[] PredictedLabel { get; set; } = [];
    }
}
