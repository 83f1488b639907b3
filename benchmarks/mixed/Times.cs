using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Mixed;

/// <summary>Measures the networks of a journal on one thread, in turn, of each the least of many runs; and predicts the time of their convolutions of signs.</summary>
internal static class Times
{
    public static void Measure(Journal journal, int runs, WidthCost? latency)
    {
        Run[] all = journal.Runs;
        DenseNetwork[] saved = [.. all.Select(run => DenseNetwork.Load(journal.NetworkOf(run)))];
        CompiledNetwork[] networks = [.. saved.Select(network => CompiledNetwork.Compile(network, new() { Threads = 1 }))];
        double[] least = [.. all.Select(_ => double.PositiveInfinity)];
        RgbImage image = new(RoadScenes.Width, RoadScenes.Height);
        new Random(1).NextBytes(image.Pixels);
        byte[] labels = new byte[image.Width * image.Height];
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < networks.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                networks[i].PredictLabels(image, labels);
                least[i] = Math.Min(least[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        Array.ForEach(networks, network => network.Dispose());
        journal.Replace(all.Select((run, i) => run with
        {
            Milliseconds = least[i],
            Predicted = latency is null ? run.Predicted : MixedPrecisionSearch.CostOf(saved[i].Graph, latency, RoadScenes.Height, RoadScenes.Width) / 1e6,
        }));
    }
}
