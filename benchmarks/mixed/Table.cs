using static System.FormattableString;

namespace Mixed;

/// <summary>The journal as Markdown: means over seeds, lowest and highest, and each network against the binary one of its seed.</summary>
internal static class Table
{
    public static void Write(Run[] runs)
    {
        foreach (IGrouping<(string Preset, int Steps), Run> group in runs.GroupBy(run => (run.Preset, run.Steps)))
        {
            Console.WriteLine(Invariant($"\nCamVid at half size, {group.Key.Preset}, {group.Key.Steps} steps; range over seeds in brackets:\n"));
            Console.WriteLine("| row | mIoU, % | over binary, points | training loss | bytes | of binary | predicted ms | ms | of binary | channels of 0, 1, 2, 4, 8 bits | seeds |");
            Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |");
            foreach (IGrouping<string, Run> row in group.GroupBy(run => run.Row))
            {
                (Run Run, Run? Binary)[] pairs = [.. row.Select(run => (run, group.FirstOrDefault(other => other.Row == Row.Binary && other.Seed == run.Seed)))];
                string[] cells =
                [
                    row.Key,
                    Spread(row.Select(run => 100 * run.MeanIoU), 1),
                    Spread(pairs.Select(pair => 100 * (pair.Run.MeanIoU - pair.Binary?.MeanIoU)), 1),
                    Spread(row.Select(run => run.Loss), 3),
                    Invariant($"{row.Average(run => run.Bytes):N0}"),
                    Mean(pairs.Select(pair => (double)pair.Run.Bytes / pair.Binary?.Bytes), 2),
                    Mean(row.Select(run => run.Predicted), 3),
                    Mean(row.Select(run => run.Milliseconds), 3),
                    Mean(pairs.Select(pair => pair.Run.Milliseconds / pair.Binary?.Milliseconds), 2),
                    string.Join(", ", Enumerable.Range(0, 5).Select(i => Invariant($"{row.Average(run => run.Channels[i]):F0}"))),
                    Invariant($"{row.Count()}"),
                ];
                Console.WriteLine($"| {string.Join(" | ", cells)} |");
            }
        }
    }

    private static string Mean(IEnumerable<double?> values, int digits) => values.All(value => value is not null) ? values.Average()!.Value.ToString($"F{digits}") : "";

    private static string Spread(IEnumerable<double> values, int digits) => Spread(values.Select(value => (double?)value), digits);

    private static string Spread(IEnumerable<double?> values, int digits) =>
        values.Any(value => value is null) ? "" : Invariant($"{Mean(values, digits)} ({values.Min()!.Value.ToString($"F{digits}")} to {values.Max()!.Value.ToString($"F{digits}")})");
}
