using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Tests.Mapping;

namespace Microsoft.ML.Binary.MappingBenchmark;

/// <summary>The best mapping that the extended Timeloop found for a layer, from a table of its outputs.</summary>
internal sealed record PublishedRow(string Accelerator, MappingObjective Objective, Workload Workload, double Energy, long Cycles, double Edp, long Accesses)
{
    public static List<PublishedRow> Read(string path) =>
        [.. TimeloopTable.Read(path).Select(row => new PublishedRow(
            row.TryGetValue("arch", out string? arch) ? $"{arch}-{row["hw"].Replace('_', '-')}" : row["hw"],
            ParseObjective(row.GetValueOrDefault("objective", "edp")), row.Layer(), row.Real("energy_uJ"), (long)row.Real("cycles"), row.Real("edp_J_cycle"),
            (long)row.Real("last_level_accesses")))];

    private static MappingObjective ParseObjective(string name)
    {
        MappingMetric[] metrics = [.. name.Replace("last-level-accesses", "accesses").Split('-').Select(metric => Enum.Parse<MappingMetric>(metric, ignoreCase: true))];
        return metrics is [MappingMetric first, MappingMetric second] ? new(first, second) : new(metrics[0]);
    }
}
