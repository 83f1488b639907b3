using System.Globalization;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

/// <summary>A mapping that the extended Timeloop found, and what it counted for it.</summary>
/// <param name="Accelerator">The preset it is for.</param>
/// <param name="Objective">What it was the best in, for example <c>edp</c> or <c>delay-energy</c>.</param>
/// <param name="Workload">The layer, with partial sums as narrow as outputs.</param>
/// <param name="Mapping">The mapping.</param>
/// <param name="Accesses">Words in <see cref="Describe"/>'s form.</param>
/// <param name="Cycles">Cycles.</param>
/// <param name="Energy">Energy, uJ, to six digits.</param>
/// <param name="Edp">EDP, J times cycles, to seven digits.</param>
/// <param name="LastLevelAccesses">Words to and from DRAM.</param>
internal sealed record TimeloopRow(
    string Accelerator, string Objective, Workload Workload, string Mapping, string Accesses, long Cycles, double Energy, double Edp, long LastLevelAccesses)
{
    /// <summary>MobileNetV1 on both accelerators: 1,232 rows.</summary>
    public static IReadOnlyList<TimeloopRow> MobileNet() =>
        Read("timeloop_mobilenet.csv", row => ($"{row["arch"]}-{row["hw"].Replace('_', '-')}", "edp"));

    /// <summary>AlexNet on Eyeriss, seven objectives: 105 rows.</summary>
    public static IReadOnlyList<TimeloopRow> AlexNet() => Read("timeloop_alexnet_exhaustive.csv", row => ("eyeriss-16bit", row["objective"]));

    /// <summary>The number of the layer, from 1.</summary>
    public int Layer => int.Parse(Workload.Name, CultureInfo.InvariantCulture);

    /// <summary>Access counts as the rows have them: <c>level.tensor=tile/reads/updates/fills/instances</c>.</summary>
    public static string Describe(MappingCost cost, Accelerator accelerator) => string.Join("; ", cost.Accesses.Select(access => FormattableString.Invariant(
        $"{accelerator.Levels[access.Level].Name}.{access.Operand.ToString()[0]}={access.Tile}/{access.Reads}/{access.Updates}/{access.Fills}/{access.Instances}")));

    private static List<TimeloopRow> Read(string file, Func<Dictionary<string, string>, (string Accelerator, string Objective)> keys) =>
        [.. TimeloopTable.Read(SharedData.PathOf("oracles", "s5", file)).Select(row =>
        {
            (string accelerator, string objective) = keys(row);
            return new TimeloopRow(
                accelerator, objective, row.Layer(), row["mapping"], row["accesses"], (long)row.Real("cycles"), row.Real("energy_uJ"), row.Real("edp_J_cycle"),
                (long)row.Real("last_level_accesses"));
        })];
}
