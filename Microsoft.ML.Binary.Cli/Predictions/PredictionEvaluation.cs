using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Cli.Predictions;

/// <summary>
/// Measures predictions. Images are the unit of parallel work, each on one thread: that keeps all cores busy where parts of one image
/// would have to wait for each other.
/// </summary>
internal sealed class PredictionEvaluation(IPredictionSource source, int threads, Action<int>? evaluated = null, Failures? failures = null)
{
    // What masks are drawn on where there is no image.
    private static readonly RgbColor Blank = new(110, 114, 122);

    /// <summary>Metrics of a segmentation.</summary>
    public SegmentationMetrics Segmentation(SegmentationMetricsOptions? options = null)
    {
        SegmentationMetricsAccumulator all = new(source.ClassNames, options);
        ForEach((name, index) => Labels(name, source.Predict(index), options), all.Merge);
        all.Masks.Check(forTraining: false);
        return all.ToMetrics();
    }

    /// <summary>Metrics of two sources of predictions on the same images; an image that either cannot be measured on is left out of both.</summary>
    public (SegmentationMetrics First, SegmentationMetrics Second) SegmentationWith(IPredictionSource second)
    {
        SegmentationMetricsAccumulator a = new(source.ClassNames), b = new(second.ClassNames);
        ForEach(
            (name, index) => (Labels(name, source.Predict(index), null), Labels(name, second.Predict(index), null, second.ClassNames)),
            one =>
            {
                a.Merge(one.Item1);
                b.Merge(one.Item2);
            });
        a.Masks.Check(forTraining: false);
        return (a.ToMetrics(), b.ToMetrics());
    }

    /// <summary>The same for saliency.</summary>
    public (SaliencyMetrics First, SaliencyMetrics Second) SaliencyWith(IPredictionSource second)
    {
        SaliencyMetricsAccumulator a = new(), b = new();
        ForEach(
            (name, index) => (Map(name, source.Predict(index), null), Map(name, second.Predict(index), null)),
            one =>
            {
                a.Merge(one.Item1);
                b.Merge(one.Item2);
            });
        a.Masks.Check(forTraining: false);
        return (a.ToMetrics(), b.ToMetrics());
    }

    /// <summary>
    /// Metrics of a segmentation, of the probability of the second of two classes where that is known, and of regions if they are to be counted.
    /// </summary>
    public (SegmentationMetrics Labels, RoadMetrics? Road, RegionMetrics? Regions) SegmentationAndMore(CountedRegions? counted = null)
    {
        SegmentationMetricsAccumulator labels = new(source.ClassNames);
        RoadMetricsAccumulator road = new();
        RegionMetricsAccumulator regions = new();
        ForEach(Measure, one =>
        {
            labels.Merge(one.Labels);
            road.Merge(one.Road);
            regions.Merge(one.Regions);
        });
        labels.Masks.Check(forTraining: false);
        return (labels.ToMetrics(), road.ImageCount > 0 ? road.ToMetrics() : null, counted is null ? null : regions.ToMetrics());

        (SegmentationMetricsAccumulator Labels, RoadMetricsAccumulator Road, RegionMetricsAccumulator Regions) Measure(string name, int index)
        {
            PredictedImage image = source.Predict(index, secondClass: true);
            RoadMetricsAccumulator second = new();
            if (image.SecondClass is { } scores)
            {
                second.Add(name, scores, image.Truth, image.Width, image.Height);
            }

            return (Labels(name, image, options: null), second, counted?.Compare(image) ?? new());
        }
    }

    /// <summary>Metrics of saliency maps.</summary>
    public SaliencyMetrics Saliency(SaliencyMetricsOptions? options = null)
    {
        SaliencyMetricsAccumulator all = new(options);
        ForEach((name, index) => Map(name, source.Predict(index), options), all.Merge);
        all.Masks.Check(forTraining: false);
        return all.ToMetrics();
    }

    /// <summary>The pictures of an image, for a report; the prediction is made again, because keeping all of them would take too much memory.</summary>
    public static ReportExample Example(IPredictionSource source, string name)
    {
        int index = source.Names.Index().First(entry => entry.Item == name).Index;
        PredictedImage predicted = source.Predict(index);
        (int width, int height) = (predicted.Width, predicted.Height);
        RgbImage? image = source.Image(index);
        RgbImage ground = image ?? BlankImage(width, height);
        ReportExample example = CliTask.Of(source.Task).Example(ground, predicted, source.Palette);
        return example with { Input = image };
    }

    private static RgbImage BlankImage(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < width * height; i++)
        {
            image[i % width, i / width] = Blank;
        }

        return image;
    }

    private static SaliencyMetricsAccumulator Map(string name, PredictedImage image, SaliencyMetricsOptions? options)
    {
        SaliencyMetricsAccumulator one = new(options);
        one.Add(name, image.Prediction, image.Truth, image.Width, image.Height);
        return one;
    }

    private SegmentationMetricsAccumulator Labels(
        string name, PredictedImage image, SegmentationMetricsOptions? options, System.Collections.Immutable.ImmutableArray<string>? classes = null)
    {
        SegmentationMetricsAccumulator one = new(classes ?? source.ClassNames, options);
        one.Add(name, image.Truth, image.Prediction, image.Width, image.Height);
        return one;
    }

    private void ForEach<T>(Func<string, int, T> measure, Action<T> merge) => (failures ?? new(endsAtFirst: true)).All(
        [.. Enumerable.Range(0, source.Names.Count)], threads, i => source.Names[i], i => measure(source.Names[i], i), merge, evaluated);
}
