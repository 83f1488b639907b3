using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;
using static System.FormattableString;

namespace Mixed;

/// <summary>Trains rows with equal budgets and measures them. A run that was interrupted goes on from its last checkpoint.</summary>
internal sealed class Runner(RoadScenes scenes, NetworkPreset preset, int steps, int threads, WidthCost? latency, Journal journal)
{
    public void Execute(Row row, long seed)
    {
        if (journal.Runs.Any(run => (run.Row, run.Preset, run.Seed, run.Steps) == (row.Name, preset.ToString(), seed, steps)))
        {
            return;
        }

        Work work = new(scenes, preset, steps, threads, seed, latency, journal);
        DenseNetwork network = row.Train(work).Freeze();
        string path = journal.NetworkOf(row.Name, preset.ToString(), seed, steps);
        network.Save(path);
        byte[] bits = [.. ConvolutionWidths.Of(network.Graph, RoadScenes.Height, RoadScenes.Width).SelectMany(layer => layer.Bits)];
        Run done = new(
            row.Name, preset.ToString(), seed, steps, work.Spent.Loss, scenes.Measure(network), new FileInfo(path).Length, null,
            [.. ChannelQuantizer.Widths.Select(width => bits.Count(b => b == width))], work.Spent.Minutes);
        journal.Add(done);
        work.DeleteCheckpoints();
        Console.WriteLine(Invariant($"{done.Row} | seed {seed} | loss {done.Loss:F3} | mIoU {done.MeanIoU:F4} | {done.Bytes:N0} bytes | channels {string.Join(' ', done.Channels)} | {done.Minutes:F1} min"));
    }
}
