using System.Diagnostics;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Scale;

/// <summary>What tiles change of the result of a network with attention: masks in tiles against masks of the whole image.</summary>
internal static class Tiles
{
    /// <param name="network">A segmentation network.</param>
    /// <param name="pairs">Images and masks.</param>
    /// <param name="factor">How much they are enlarged.</param>
    /// <param name="tiles">Side and halo, as the command line has them.</param>
    public static void Print(DenseNetwork network, IReadOnlyList<ImagePair> pairs, double factor, string[] tiles)
    {
        ViewOptions[] views = [ViewOptions.AsIs, .. tiles.Select(text => ViewOptions.InTiles(ViewTiles.Parse(text)!))];
        CompiledNetwork[] compiled = [.. views.Select(one => CompiledNetwork.Compile(network, new() { Threads = 1, Views = one }))];
        var labels = views.Select(_ => new SegmentationMetricsAccumulator(network.ClassNames, new() { KeepImages = false })).ToArray();
        (long[] same, double[] worst, double[] times) = (new long[views.Length], Enumerable.Repeat(1.0, views.Length).ToArray(), new double[views.Length]);
        long pixels = 0;
        foreach (ImagePair pair in pairs)
        {
            RgbImage image = RgbImage.Load(pair.ImagePath);
            image = image.Resize(Enlargement.Side(image.Width, factor), Enlargement.Side(image.Height, factor));
            SegmentationMask mask = MaskReader.ReadClassIndices(pair.MaskPath);
            byte[] truth = Enlargement.Mask(mask.Labels, mask.Width, mask.Height, image.Width, image.Height), whole = [];
            for (int v = 0; v < views.Length; v++)
            {
                byte[] result = new byte[truth.Length];
                long start = Stopwatch.GetTimestamp();
                compiled[v].PredictLabels(image, result);
                times[v] += Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                whole = v == 0 ? result : whole;
                int equal = result.Zip(whole).Count(two => two.First == two.Second);
                same[v] += equal;
                worst[v] = Math.Min(worst[v], (double)equal / result.Length);
                labels[v].Add(pair.Name, truth, result, image.Width, image.Height);
            }

            pixels += truth.Length;
        }

        Console.WriteLine($"tiles       same class  worst image    mIoU  ms an image  ({pairs.Count} images, {factor} times enlarged)");
        for (int v = 0; v < views.Length; v++)
        {
            Console.WriteLine($"{views[v].Tiles?.ToString() ?? "none",-10}  {100.0 * same[v] / pixels,9:0.00}%  {100 * worst[v],10:0.00}%  {labels[v].ToMetrics().MeanIoU:0.0000}  {times[v] / pairs.Count,11:0}");
        }
    }
}
