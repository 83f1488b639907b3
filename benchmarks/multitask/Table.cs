using Microsoft.ML.Binary;
using static System.FormattableString;

namespace MultiTask;

/// <summary>The journal as Markdown: means over seeds, lowest and highest, and what sharing an encoder gains or costs.</summary>
internal static class Table
{
    public static void Write(Run[] runs)
    {
        foreach (IGrouping<(string Set, string Preset, int Steps), Run> group in runs.GroupBy(run => (run.Set, run.Preset, run.Steps)))
        {
            string[] heads = [.. group.SelectMany(run => run.Figures.Keys).Distinct()];
            Console.WriteLine(Invariant($"\n{group.Key.Set}, {group.Key.Preset}, {group.Key.Steps} steps:\n"));
            (string Head, string Figure)[] columns = [.. heads.SelectMany(head => group.First(run => run.Figures.ContainsKey(head)).Figures[head].Keys.Select(figure => (head, figure)))];
            Console.WriteLine($"| row | {string.Join(" | ", columns.Select(c => $"{c.Head} {c.Figure}"))} | Delta_m, % | against float, % | seeds |");
            Console.WriteLine($"| --- |{string.Concat(columns.Select(_ => " ---: |"))} ---: | ---: | ---: |");
            foreach (IGrouping<string, Run> row in group.GroupBy(run => run.Row))
            {
                IEnumerable<string> cells = columns.Select(column => Spread([.. row.Where(run => run.Figures.ContainsKey(column.Head)).Select(run => run.Figures[column.Head][column.Figure])], "F3"));
                double[] gains = [.. row.Select(run => Gain(run, head => $"alone: {head}", [.. group])).OfType<double>()];
                double[] overFloat = row.Key == Row.FloatTogether.Name ? [] : [.. row.Select(run => Gain(run, _ => Row.FloatTogether.Name, [.. group])).OfType<double>()];
                Console.WriteLine($"| {row.Key} | {string.Join(" | ", cells)} | {Spread(gains, "F1")} | {Spread(overFloat, "F1")} | {row.Select(run => run.Seed).Distinct().Count()} |");
            }
        }
    }

    /// <summary>Delta_m of a run of several tasks against other runs of its seed, by the first figure of each head; null where one is not there.</summary>
    private static double? Gain(Run run, Func<string, string> other, Run[] group)
    {
        if (run.Figures.Count == 1)
        {
            return null;
        }

        TaskFigure?[] figures = [.. run.Figures.Select(head => group.FirstOrDefault(than => than.Seed == run.Seed && than.Row == other(head.Key)) is { } found
            ? new TaskFigure(head.Value.First().Value, found.Figures[head.Key].First().Value)
            : (TaskFigure?)null)];
        return figures.Contains(null) ? null : MultiTaskGain.Percent([.. figures.Select(figure => figure!.Value)]);
    }

    private static string Spread(double[] values, string format) => values.Length switch
    {
        0 => "",
        1 => values[0].ToString(format, System.Globalization.CultureInfo.InvariantCulture),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{values.Average().ToString(format, System.Globalization.CultureInfo.InvariantCulture)} ({values.Min().ToString(format, System.Globalization.CultureInfo.InvariantCulture)} to {values.Max().ToString(format, System.Globalization.CultureInfo.InvariantCulture)})"),
    };
}
