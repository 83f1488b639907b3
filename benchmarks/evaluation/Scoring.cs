using System.Diagnostics;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Evaluation;

/// <summary>How long a network takes for an image, to set evaluation beside it.</summary>
internal static class Scoring
{
    private const int Runs = 15;

    /// <summary>Median on one thread.</summary>
    public static double MillisecondsPerImage()
    {
        DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, SampleMaps.Classes.Length, Precision.Binary));
        using CompiledNetwork network = CompiledNetwork.Compile(Freezing.Freeze(graph), new InferenceOptions { Threads = 1 });
        RgbImage image = new(SampleMaps.Width, SampleMaps.Height);
        new Random(1).NextBytes(image.Pixels);
        byte[] labels = new byte[SampleMaps.Width * SampleMaps.Height];
        List<double> times = [];
        for (int run = 0; run < Runs; run++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            network.PredictLabels(image, labels);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return times[Runs / 2];
    }
}
