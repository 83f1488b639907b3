using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using static System.FormattableString;

namespace Ablation;

/// <summary>The journal as a Markdown table: accuracy over seeds, and what a network costs at 480x360.</summary>
internal static class Table
{
    private const int Width = 480, Height = 360, Runs = 30;

    public static void Write(string journal, Variant[] variants, Dataset data)
    {
        RunResult[] all = [.. RunResult.ReadAll(journal).Where(run => run.IsOf(data))];
        if (all.Select(r => (r.Budget ?? r.Steps, r.Drive)).Distinct().Skip(1).Any())
        {
            throw new InvalidDataException($"'{journal}' holds runs of several budgets or drives left out, which no table should mix; give each a journal of its own.");
        }

        ILookup<string, RunResult> results = all.ToLookup(r => r.Name);
        (Variant Variant, DenseGraph Graph)[] rows = [.. all.Select(r => r.Name).Distinct()
            .Select(name => Variant.Find(variants, name)).Select(v => (v, Freezing.Freeze(v.Build(data.Reference(seed: 1)))))];
        double[] milliseconds = Latencies([.. rows.Select(row => row.Graph)]);
        Console.WriteLine($"| row | {data.Headings.First} | lowest-highest | seeds | {data.Headings.Second} | file, KB | one-bit GMAC | float GMAC | ms |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        for (int i = 0; i < rows.Length; i++)
        {
            RunResult[] runs = [.. results[rows[i].Variant.Name]];
            string spread = runs.Length == 1 ? "" : Invariant($"{runs.Min(r => r.Val):F3}-{runs.Max(r => r.Val):F3}");
            string heldOut = runs[0].HeldOut is null ? "" : Invariant($"{runs.Average(r => r.HeldOut):F3}");
            MacCount macs = CostModel.Measure(rows[i].Graph, Height, Width).Macs;
            Console.WriteLine(Invariant(
                $"| {rows[i].Variant.Name} | {runs.Average(r => r.Val):F3} | {spread} | {runs.Select(r => r.Seed).Distinct().Count()} | {heldOut} | {data.Named(rows[i].Graph).ToBytes().Length / 1000.0:F0} | {macs.Binary / 1e9:F2} | {macs.Float / 1e9:F2} | {milliseconds[i]:F1} |"));
        }
    }

    /// <summary>The shortest run of each network on one thread, in turns.</summary>
    private static double[] Latencies(DenseGraph[] graphs)
    {
        CompiledNetwork[] networks = [.. graphs.Select(graph => CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 1 }))];
        RgbImage image = new(Width, Height);
        float[] logits = new float[graphs.Max(graph => graph.LogitChannels) * Width * Height];
        double[] shortest = [.. graphs.Select(_ => double.PositiveInfinity)];
        for (int run = 0; run < Runs; run++)
        {
            for (int i = 0; i < networks.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                networks[i].PredictLogits(image, logits.AsSpan(0, networks[i].LogitChannels * Width * Height));
                shortest[i] = Math.Min(shortest[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        foreach (CompiledNetwork network in networks)
        {
            network.Dispose();
        }

        return shortest;
    }
}
