using System.Globalization;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.MappingBenchmark;

/// <summary>The best mapping that the extended Timeloop found for a layer, from a table of its outputs.</summary>
internal sealed record PublishedRow(string Accelerator, MappingObjective Objective, Workload Workload, double Energy, long Cycles, double Edp, long Accesses)
{
    public static List<PublishedRow> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line =>
        {
            Dictionary<string, string> row = header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second);
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
            return new PublishedRow(
                row.TryGetValue("arch", out string? arch) ? $"{arch}-{row["hw"].Replace('_', '-')}" : row["hw"],
                ParseObjective(row.GetValueOrDefault("objective", "edp")), workload, Real("energy_uJ"), (long)Real("cycles"), Real("edp_J_cycle"), (long)Real("last_level_accesses"));
        })];
    }

    private static MappingObjective ParseObjective(string name)
    {
        MappingMetric[] metrics = [.. name.Replace("last-level-accesses", "accesses").Split('-').Select(metric => Enum.Parse<MappingMetric>(metric, ignoreCase: true))];
        return metrics is [MappingMetric first, MappingMetric second] ? new(first, second) : new(metrics[0]);
    }
}
