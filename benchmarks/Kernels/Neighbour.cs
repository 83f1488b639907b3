using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>
/// One image on one thread and on several, in turn, on the idle machine and beside processes that each burn a core: <c>-- neighbour</c>,
/// <c>-- neighbour Small 480x360 2 1</c> for the preset, the size, the threads and the neighbours.
/// Beside others medians and means count: minima are of images that the neighbour happened to leave alone.
/// </summary>
internal static class Neighbour
{
    private const int Turns = 8;
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);

    public static void Run(string[] args, TextWriter output)
    {
        NetworkPreset preset = Enum.Parse<NetworkPreset>(args.ElementAtOrDefault(0) ?? nameof(NetworkPreset.Small), ignoreCase: true);
        int[] size = [.. (args.ElementAtOrDefault(1) ?? "480x360").Split('x').Select(side => int.Parse(side, CultureInfo.InvariantCulture))];
        int threads = int.Parse(args.ElementAtOrDefault(2) ?? "2", CultureInfo.InvariantCulture);
        int neighbours = int.Parse(args.ElementAtOrDefault(3) ?? "1", CultureInfo.InvariantCulture);

        RgbImage image = new(size[0], size[1]);
        new Random(1).NextBytes(image.Pixels);
        DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, outputs: 11));
        using CompiledNetwork one = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 1 });
        using CompiledNetwork several = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = threads });
        output.WriteLine($"{preset} {size[0]}x{size[1]}, {Environment.ProcessorCount} cores, {Turns} turns");
        output.WriteLine("neighbours  threads     min  median    mean   times one thread: median  mean");
        foreach (int beside in (int[])[0, neighbours])
        {
            Process[] burning = [.. Enumerable.Range(0, beside).Select(_ => Start())];
            try
            {
                (double[] alone, double[] shared) = Measure(one, several, image);
                Write(beside, 1, alone, alone);
                Write(beside, threads, shared, alone);
            }
            finally
            {
                Array.ForEach(burning, End);
            }
        }

        void Write(int beside, int count, double[] times, double[] reference) => output.WriteLine(FormattableString.Invariant(
            $"{beside,10}  {count,7}  {times.Min(),6:0.00}  {Median(times),6:0.00}  {times.Average(),6:0.00}  {Median(reference) / Median(times),24:0.00}  {reference.Average() / times.Average(),4:0.00}"));
    }

    /// <summary>A neighbour: burns a core until its standard input ends, as it does with the process that started it.</summary>
    public static void Burn()
    {
        Thread burning = new(() =>
        {
            while (true)
            {
            }
        });
        burning.IsBackground = true;
        burning.Start();
        Console.In.ReadToEnd();
    }

    private static (double[] Alone, double[] Shared) Measure(CompiledNetwork one, CompiledNetwork several, RgbImage image)
    {
        byte[] labels = new byte[image.Width * image.Height];
        (List<double> alone, List<double> shared) = ([], []);
        Turn(one, []);
        Turn(several, []);
        for (int turn = 0; turn < Turns; turn++)
        {
            Turn(one, alone);
            Turn(several, shared);
        }

        return ([.. alone], [.. shared]);

        void Turn(CompiledNetwork network, List<double> times)
        {
            long begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin) < s_turn)
            {
                long start = Stopwatch.GetTimestamp();
                network.PredictLabels(image, labels);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    private static Process Start() => Process.Start(new ProcessStartInfo(Environment.ProcessPath!, "burn") { RedirectStandardInput = true })!;

    private static void End(Process process)
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);
}
