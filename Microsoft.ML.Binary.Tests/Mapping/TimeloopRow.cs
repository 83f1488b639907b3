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

    private static List<TimeloopRow> Read(string file, Func<Dictionary<string, string>, (string Accelerator, string Objective)> keys)
    {
        string[] lines = File.ReadAllLines(SharedData.PathOf("oracles", "s5", file));
        string[] header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line =>
        {
            Dictionary<string, string> row = header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second);
            (string accelerator, string objective) = keys(row);
            int Number(string column) => int.Parse(row[column], CultureInfo.InvariantCulture);
            double Real(string column) => double.Parse(row[column], CultureInfo.InvariantCulture);
            Workload workload = new()
            {
                Name = row["layer"],
                C = Number("C"),
                M = Number("M"),
                R = Number("R"),
                S = Number("S"),
                N = Number("N"),
                P = Number("P"),
                Q = Number("Q"),
                StrideX = Number("Wstride"),
                StrideY = Number("Hstride"),
                Bits = row["bits_w"].Length == 0 ? null : new BitWidths(Number("bits_in"), Number("bits_w"), Number("bits_out"), Number("bits_out")),
            };
            return new TimeloopRow(
                accelerator, objective, workload, row["mapping"], row["accesses"], (long)Real("cycles"), Real("energy_uJ"), Real("edp_J_cycle"),
                (long)Real("last_level_accesses"));
        })];
    }
}
