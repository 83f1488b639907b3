// Evaluates many images of 480x360 on one thread: how many a second, whether memory grows, and how much of the time of scoring that is.
//
//     dotnet run -c Release --project benchmarks/evaluation [-- IMAGES]                       10,000 images by default
//     dotnet run -c Release --project benchmarks/evaluation -- displaced MASKS [PREDICTIONS]  what is left of the figures of masks of nuclei that are right but for a pixel
using System.Globalization;
using Evaluation;
using Microsoft.ML.Binary;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["displaced", var masks, .. [] or [_]])
{
    Displacement.Measure(masks, args.ElementAtOrDefault(2));
    return;
}

int images = args is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 10_000;
Console.WriteLine($"{images:N0} images of {SampleMaps.Width}x{SampleMaps.Height}, one thread");

SampleMaps[] maps = [.. Enumerable.Range(0, 16).Select(seed => new SampleMaps(seed))];
double scoring = Scoring.MillisecondsPerImage();
Console.WriteLine($"scoring with the preset Small: {scoring:F1} ms an image");
Console.WriteLine("evaluation                            images/s  ms/image  of scoring  kept bytes/image  heap growth");

SegmentationMetricsAccumulator pooled = new(SampleMaps.Classes, new() { KeepImages = false });
Measure("segmentation, figures of the set", map => pooled.Add("image", map.Labels, map.PredictedLabels, SampleMaps.Width, SampleMaps.Height));
SegmentationMetricsAccumulator rows = new(SampleMaps.Classes);
Measure("segmentation, one row per image", map => rows.Add("image", map.Labels, map.PredictedLabels, SampleMaps.Width, SampleMaps.Height));
SegmentationMetricsAccumulator boundary = new(SampleMaps.Classes, new() { KeepImages = false, BoundaryIoU = true });
Measure("segmentation with boundary IoU", map => boundary.Add("image", map.Labels, map.PredictedLabels, SampleMaps.Width, SampleMaps.Height));
RoadMetricsAccumulator road = new();
Measure("road", map => road.Add("image", map.Levels, map.RoadLabels, SampleMaps.Width, SampleMaps.Height));
SaliencyMetricsAccumulator error = new(new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF });
Measure("saliency, error and F", map => error.Add("image", map.Levels, map.Mask, SampleMaps.Width, SampleMaps.Height));
SaliencyMetricsAccumulator saliency = new(new() { KeepImages = false });
Measure("saliency, all measures", map => saliency.Add("image", map.Levels, map.Mask, SampleMaps.Width, SampleMaps.Height));

void Measure(string name, Action<SampleMaps> add)
{
    Throughput result = Throughput.Of(images, i => add(maps[i % maps.Length]));
    Console.WriteLine(
        $"{name,-36}  {result.ImagesPerSecond,8:N0}  {result.Milliseconds,8:F3}  {result.Milliseconds / scoring,10:P1}  {result.KeptBytesPerImage,16:N0}  {result.HeapGrowth,9:N0} B");
}
