using System.Diagnostics;

namespace Evaluation;

/// <summary>What evaluating many images took.</summary>
/// <param name="ImagesPerSecond">Images a second.</param>
/// <param name="HeapGrowth">Bytes that live longer after the last image than after the first tenth.</param>
/// <param name="KeptBytesPerImage">The same for each image.</param>
internal sealed record Throughput(double ImagesPerSecond, long HeapGrowth, double KeptBytesPerImage)
{
    public double Milliseconds => 1000 / ImagesPerSecond;

    public static Throughput Of(int images, Action<int> evaluate)
    {
        int first = Math.Max(1, images / 10);
        Run(0, first);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Stopwatch watch = Stopwatch.StartNew();
        Run(first, images);
        double seconds = watch.Elapsed.TotalSeconds;
        long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        return new((images - first) / seconds, growth, growth / (double)(images - first));

        void Run(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                evaluate(i);
            }
        }
    }
}
