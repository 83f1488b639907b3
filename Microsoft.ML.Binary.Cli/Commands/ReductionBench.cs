using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>How long an image takes with each of several reductions of attention: measured in turn, so that a busy machine slows all of them.</summary>
internal sealed class ReductionBench
{
    private const int WarmUpRuns = 3, ProfileRuns = 5;

    /// <summary>What was measured of a reduction.</summary>
    /// <param name="Reduction">The reduction, as the command line has it.</param>
    /// <param name="Keys">Keys of each query; of several attentions, the most.</param>
    /// <param name="MinMilliseconds">The shortest time of a run.</param>
    /// <param name="MedianMilliseconds">The median.</param>
    /// <param name="AttentionShare">The part of attention, without its projections, in the time of a run on one thread, 0 to 1.</param>
    /// <param name="ScratchBytes">Scratch memory of all threads.</param>
    /// <param name="MapBytes">Feature maps.</param>
    /// <param name="AllocatedBytesPerRun">Bytes allocated on the managed heap, a run.</param>
    public sealed record Row(
        string Reduction, int Keys, double MinMilliseconds, double MedianMilliseconds, double AttentionShare, long ScratchBytes, long MapBytes, long AllocatedBytesPerRun);

    /// <summary>Measures.</summary>
    /// <param name="network">The network.</param>
    /// <param name="views">What is compared.</param>
    /// <param name="image">The image.</param>
    /// <param name="threads">Threads that work on it.</param>
    /// <param name="runs">Runs of each.</param>
    /// <param name="prediction">A run.</param>
    public static Row[] Run(
        DenseNetwork network, IReadOnlyList<ViewOptions> views, RgbImage image, int threads, int runs, Func<CompiledNetwork, DenseTask, RgbImage, Action> prediction)
    {
        CompiledNetwork[] compiled = [.. views.Select(options => CompiledNetwork.Compile(network, new() { Threads = threads, Views = options }))];
        try
        {
            Action[] predict = [.. compiled.Select(one => prediction(one, network.Task, image))];
            double[][] times = [.. views.Select(_ => new double[runs])];
            for (int run = -WarmUpRuns; run < runs; run++)
            {
                for (int i = 0; i < predict.Length; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    predict[i]();
                    if (run >= 0)
                    {
                        times[i][run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    }
                }
            }

            return [.. compiled.Select((one, i) => RowOf(network.Graph, views[i], one, image, times[i], predict[i]))];
        }
        finally
        {
            Array.ForEach(compiled, one => one.Dispose());
        }
    }

    /// <summary>The rows as a table.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<Row> rows)
    {
        yield return "reduction    keys     min ms  median ms  attention  scratch     maps       allocated";
        foreach (Row row in rows)
        {
            yield return Invariant($"{row.Reduction,-9}  {row.Keys,6}  {row.MinMilliseconds,9:0.00}  {row.MedianMilliseconds,9:0.00}  {100 * row.AttentionShare,8:0.0}%")
                + Invariant($"  {row.ScratchBytes / 1e6,7:0.0} MB  {row.MapBytes / 1e6,6:0.0} MB  {row.AllocatedBytesPerRun} bytes");
        }

        Row slowest = rows.MaxBy(row => row.MinMilliseconds)!, fastest = rows.MinBy(row => row.MinMilliseconds)!;
        yield return Invariant($"{slowest.Reduction} over {fastest.Reduction}: {slowest.MinMilliseconds / fastest.MinMilliseconds:0.00}x, of the shortest times");
    }

    /// <summary>Keys of each query in an image; of several attentions and views, the most.</summary>
    public static int MostKeys(CompiledNetwork compiled, DenseGraph graph, AttentionReduction reduction, RgbImage image) => compiled.Views(image.Width, image.Height)
        .SelectMany(view => CostModel.Measure(reduction.In(graph, view.Height, view.Width), view.Height, view.Width).Attentions).Select(cost => cost.Keys).DefaultIfEmpty(0).Max();

    private static Row RowOf(DenseGraph graph, ViewOptions views, CompiledNetwork compiled, RgbImage image, double[] times, Action predict)
    {
        long allocated = Enumerable.Range(0, WarmUpRuns).Min(_ => Allocated(predict));
        IReadOnlyList<StepTiming> steps = compiled.Profile(image, ProfileRuns);
        double attention = steps.Where(step => step.Operation.StartsWith("Attention", StringComparison.Ordinal)).Sum(step => step.Milliseconds);
        InferenceMemory memory = compiled.Prepare(image.Width, image.Height);
        int keys = MostKeys(compiled, graph, views.AttentionReduction, image);
        double[] sorted = [.. times.Order()];
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new(views.AttentionReduction.ToString(), keys, sorted[0], median, attention / steps.Sum(step => step.Milliseconds), memory.ScratchBytes, memory.MapBytes, allocated);
    }

    private static long Allocated(Action predict)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        predict();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
