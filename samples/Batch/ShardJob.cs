using Hangfire;
using Microsoft.ML.Binary;

namespace Batch;

/// <summary>The work of a job: one part of a manifest.</summary>
/// <param name="Model">A model zip, a network file, or the name of a pretrained network.</param>
/// <param name="Manifest">The list of images.</param>
/// <param name="Output">The folder of masks, on a disk that all workers see.</param>
/// <param name="Shard">Which part, from 1.</param>
/// <param name="Shards">Of how many.</param>
/// <param name="WorkingSize">The longest side that the network sees images at, or <c>own</c>; null for what it was trained at.</param>
public sealed record ShardOrder(string Model, string Manifest, string Output, int Shard, int Shards, string? WorkingSize)
{
    public override string ToString() => $"{Path.GetFileName(Manifest)} {Shard}/{Shards}";
}

/// <summary>Scores a part. Called again after a worker died, it goes on where that one was.</summary>
public sealed class ShardJob(OpenBatch batch, ILogger<ShardJob> log)
{
    /// <returns>What the dashboard shows as the job's result.</returns>
    [JobDisplayName("{0}")]
    [AutomaticRetry(Attempts = 5, DelaysInSeconds = [2, 10, 60])]
    public string Run(ShardOrder order, CancellationToken stopped)
    {
        batch.Open(order);
        BatchRun run = batch.Scorer.Prepare(batch.Manifest, new Shard(order.Shard, order.Shards));
        Dictionary<BatchState, int> counts = Enum.GetValues<BatchState>().ToDictionary(state => state, _ => 0);
        string tables = Path.Combine(order.Output, "tables");
        Directory.CreateDirectory(tables);
        batch.Table.SaveCsv(Path.Combine(tables, $"part-{order.Shard:D5}-of-{order.Shards:D5}.csv"), Counted());
        string summary = $"{run.Count} images: {counts[BatchState.Scored]} scored, {counts[BatchState.Kept]} were done, {counts[BatchState.Failed]} failed";
        log.LogInformation("{Order}: {Summary}", order, summary);

        // What the job used goes back to the system: some 10 ms, where a job takes seconds or minutes.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return summary;

        IEnumerable<BatchResult> Counted()
        {
            foreach (BatchResult result in run.Run(stopped))
            {
                counts[result.State]++;
                if (result.State == BatchState.Failed)
                {
                    log.LogWarning("{Image}: {Reason}", result.Image.Path, result.Reason);
                }

                yield return result;
            }
        }
    }
}
