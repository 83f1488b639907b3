using System.Diagnostics;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Scale;

/// <summary>Measures a network on images that are enlarged first.</summary>
internal sealed class Measurement(DenseNetwork network, IReadOnlyList<ImagePair> pairs)
{
    public int Count => pairs.Count;

    public string Header => network.Task == DenseTask.Saliency ? "MAE     max F" : network.ClassNames.Length == 2 ? "mIoU    max F" : "mIoU    pixel accuracy";

    /// <summary>Prints a row: the figures, and the time of one image on one thread (the median over the images; of the network, not of reading).</summary>
    public void Print(string name, ViewOptions views, double factor = 1)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1, Views = views });
        SegmentationMetricsAccumulator labels = network.Task == DenseTask.Segmentation ? new(network.ClassNames, new() { KeepImages = false }) : new(2);
        RoadMetricsAccumulator road = new();
        SaliencyMetricsAccumulator saliency = new(new() { Measures = SaliencyMeasures.ErrorAndF, KeepImages = false });
        List<double> times = [];
        foreach (ImagePair pair in pairs)
        {
            RgbImage image = RgbImage.Load(pair.ImagePath);
            (int width, int height) = (Enlargement.Side(image.Width, factor), Enlargement.Side(image.Height, factor));
            image = factor == 1 ? image : image.Resize(width, height);
            long start;
            if (network.Task == DenseTask.Saliency)
            {
                float[] map = new float[width * height];
                start = Stopwatch.GetTimestamp();
                compiled.PredictSaliency(image, map);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                SaliencyMask truth = MaskReader.ReadGray(pair.MaskPath);
                saliency.Add(pair.Name, map, Enlargement.Mask(truth.Values, truth.Width, truth.Height, width, height), width, height);
                continue;
            }

            byte[] predicted = new byte[width * height];
            start = Stopwatch.GetTimestamp();
            compiled.PredictLabels(image, predicted);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            SegmentationMask mask = MaskReader.ReadClassIndices(pair.MaskPath);
            byte[] expected = Enlargement.Mask(mask.Labels, mask.Width, mask.Height, width, height);
            labels.Add(pair.Name, expected, predicted, width, height);
            if (network.ClassNames.Length == 2)
            {
                float[] scores = new float[2 * width * height], second = new float[width * height];
                compiled.PredictScores(image, scores);
                for (int i = 0; i < second.Length; i++)
                {
                    second[i] = scores[2 * i + 1];
                }

                road.Add(pair.Name, second, expected, width, height);
            }
        }

        (double first, double other) = network.Task == DenseTask.Saliency ? Figures(saliency.ToMetrics()) : Figures(labels.ToMetrics(), road);
        times.Sort();
        Console.WriteLine($"{name,-28}{$"{first:0.0000}  {other:0.0000}",-26}{times[times.Count / 2]:0.0}");
    }

    private static (double, double) Figures(SaliencyMetrics metrics) => (metrics.MeanAbsoluteError, metrics.MaxF);

    private static (double, double) Figures(SegmentationMetrics metrics, RoadMetricsAccumulator road) =>
        (metrics.MeanIoU, road.ImageCount > 0 ? road.ToMetrics().MaxF : metrics.PixelAccuracy);
}
