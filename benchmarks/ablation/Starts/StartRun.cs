using System.Text.Json;

namespace Ablation.Starts;

/// <summary>A run that was done: a line of the journal.</summary>
/// <param name="Target">What was learned.</param>
/// <param name="Start">What it began from.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">The budget.</param>
/// <param name="Loss">The last loss; null where a network that was kept was measured only.</param>
/// <param name="Figures">Figures on the images held out.</param>
/// <param name="Minutes">What training took, on a machine that may have been busy; null as for the loss.</param>
internal sealed record StartRun(string Target, string Start, long Seed, int Steps, double? Loss, Dictionary<string, double> Figures, double? Minutes)
{
    /// <summary>All runs of a journal; none where it does not exist.</summary>
    public static StartRun[] ReadAll(string journal) =>
        File.Exists(journal) ? [.. File.ReadLines(journal).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<StartRun>(line)!)] : [];
}
