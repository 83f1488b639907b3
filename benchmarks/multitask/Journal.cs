using System.Text.Json;

namespace MultiTask;

/// <summary>A run that was done: a line of the journal.</summary>
/// <param name="Set">The set of images.</param>
/// <param name="Row">The row.</param>
/// <param name="Preset">The size of the network.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">The budget.</param>
/// <param name="Loss">The last loss.</param>
/// <param name="Figures">Figures by head.</param>
/// <param name="Minutes">What training took, on a machine that may have been busy.</param>
internal sealed record Run(string Set, string Row, string Preset, long Seed, int Steps, double Loss, Dictionary<string, Dictionary<string, double>> Figures, double Minutes);

/// <summary>The runs that were done; what it has is not run again.</summary>
internal sealed class Journal(string path)
{
    public Run[] Runs => File.Exists(path) ? [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Run>(line)!)] : [];

    public string Path => path;

    public void Add(Run run) => File.AppendAllText(path, JsonSerializer.Serialize(run) + "\n");
}
