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
            (int width, int height) = (Side(image.Width), Side(image.Height));
            image = factor == 1 ? image : image.Resize(width, height);
            long start;
            if (network.Task == DenseTask.Saliency)
            {
                float[] map = new float[width * height];
                start = Stopwatch.GetTimestamp();
                compiled.PredictSaliency(image, map);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                SaliencyMask truth = MaskReader.ReadGray(pair.MaskPath);
                saliency.Add(pair.Name, map, Enlarged(truth.Values, truth.Width, truth.Height, width, height), width, height);
                continue;
            }

            byte[] predicted = new byte[width * height];
            start = Stopwatch.GetTimestamp();
            compiled.PredictLabels(image, predicted);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            SegmentationMask mask = MaskReader.ReadClassIndices(pair.MaskPath);
            byte[] expected = Enlarged(mask.Labels, mask.Width, mask.Height, width, height);
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

        int Side(int side) => (int)Math.Max(1, Math.Round(side * factor));
    }

    private static (double, double) Figures(SaliencyMetrics metrics) => (metrics.Mae, metrics.MaxF);

    private static (double, double) Figures(SegmentationMetrics metrics, RoadMetricsAccumulator road) =>
        (metrics.MeanIoU, road.ImageCount > 0 ? road.ToMetrics().MaxF : metrics.PixelAccuracy);

    // The nearest pixel.
    private static byte[] Enlarged(byte[] mask, int width, int height, int newWidth, int newHeight)
    {
        byte[] result = new byte[newWidth * newHeight];
        for (int y = 0; y < newHeight; y++)
        {
            int row = (int)((2L * y + 1) * height / (2 * newHeight)) * width;
            for (int x = 0; x < newWidth; x++)
            {
                result[y * newWidth + x] = mask[row + (int)((2L * x + 1) * width / (2 * newWidth))];
            }
        }

        return result;
    }
}
