using System.Globalization;

namespace Ablation.Starts;

/// <summary>The journal as a Markdown table: a row for each figure of a target, a column for each start.</summary>
internal static class StartTable
{
    public static void Write(string journal)
    {
        StartRun[] runs = StartRun.ReadAll(journal);
        if (runs.Select(run => run.Steps).Distinct().Skip(1).Any())
        {
            throw new InvalidDataException($"'{journal}' holds runs of several budgets, which no table should mix; give each a journal of its own.");
        }

        string[] done = [.. runs.Select(run => run.Start).Distinct()], starts = [.. Start.All.Select(start => start.Name).Intersect(done).Union(done)];
        Console.WriteLine($"| target | seeds | {string.Join(" | ", starts.Select(start => $"from {start}"))} |");
        Console.WriteLine($"| --- | ---: |{string.Concat(starts.Select(_ => " ---: |"))}");
        foreach (IGrouping<string, StartRun> target in runs.GroupBy(run => run.Target))
        {
            foreach (string figure in target.First().Figures.Keys)
            {
                IEnumerable<string> cells = starts.Select(start => Spread([.. target.Where(run => run.Start == start).Select(run => run.Figures[figure])]));
                Console.WriteLine($"| {target.Key}: {figure} | {string.Join(", ", target.Select(run => run.Seed).Distinct().Order())} | {string.Join(" | ", cells)} |");
            }
        }
    }

    private static string Spread(double[] values) => values.Length switch
    {
        0 => "",
        1 => values[0].ToString("F3", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{values.Average():F3} ({values.Min():F3}-{values.Max():F3})"),
    };
}
