using System.Text.Json;

namespace Mixed;

/// <summary>A run that was done: a line of the journal. Its network lies beside it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Preset">The size of the network.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">The budget, all phases and stages together.</param>
/// <param name="Loss">The last training loss.</param>
/// <param name="MeanIoU">On the images held out.</param>
/// <param name="Bytes">Of the network's file.</param>
/// <param name="Predicted">Milliseconds of the convolutions of signs by a latency table; null before that was done.</param>
/// <param name="Channels">How many channels have 0, 1, 2, 4 and 8 bits.</param>
/// <param name="Minutes">What training took, on a machine that may have been busy.</param>
internal sealed record Run(string Row, string Preset, long Seed, int Steps, double Loss, double MeanIoU, long Bytes, double? Predicted, int[] Channels, double Minutes)
{
    /// <summary>The least measured milliseconds of an image, measured in turn with all others of the journal; null before that was done.</summary>
    public double? Milliseconds { get; init; }
}

/// <summary>The runs that were done; what it has is not run again.</summary>
internal sealed class Journal(string path)
{
    public string Path => path;

    public Run[] Runs => File.Exists(path) ? [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Run>(line)!)] : [];

    public void Add(Run run) => File.AppendAllText(path, JsonSerializer.Serialize(run) + "\n");

    public void Replace(IEnumerable<Run> runs) => File.WriteAllLines(path, runs.Select(run => JsonSerializer.Serialize(run)));

    public string NetworkOf(Run run) => NetworkOf(run.Row, run.Preset, run.Seed, run.Steps);

    public string NetworkOf(string row, string preset, long seed, int steps) =>
        FormattableString.Invariant($"{path}.{string.Concat(row.Select(c => char.IsLetterOrDigit(c) ? c : '-'))}-{preset}-{seed}-{steps}.mlbn");
}
