using System.Text.Json;

namespace Ablation;

/// <summary>The figures of one training run.</summary>
/// <param name="Name">The row.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Steps">Steps taken, of all stages.</param>
/// <param name="Loss">Mean loss at the end; null for weights that another row trained.</param>
/// <param name="Val">The first figure: mIoU on val, or max F.</param>
/// <param name="Drive">The drive left out of training, if there was one.</param>
/// <param name="HeldOut">The second figure: mIoU on that drive, or the mean absolute error.</param>
/// <param name="Minutes">Training time; null for weights that another row trained.</param>
internal sealed record RunResult(string Name, long Seed, int Steps, double? Loss, double Val, string? Drive, double? HeldOut, double? Minutes)
{
    /// <summary>Steps that the run was asked for; null in journals from before they were kept.</summary>
    public int? Budget { get; init; }

    /// <summary>The data set (<see cref="Dataset.Name"/>); null in journals from before it was kept, whose runs count for any: they had a journal for each.</summary>
    public string? Data { get; init; }

    /// <summary>Whether the run may be one of a data set.</summary>
    public bool IsOf(Dataset data) => Data is null || Data == data.Name;

    /// <summary>All runs of a journal.</summary>
    public static RunResult[] ReadAll(string journal) => [.. File.ReadLines(journal).Select(line => JsonSerializer.Deserialize<RunResult>(line)!)];
}
