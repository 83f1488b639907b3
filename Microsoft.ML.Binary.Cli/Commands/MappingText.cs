using Microsoft.ML.Binary.Mapping;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What <c>mlbinary map</c> shows.</summary>
internal static class MappingText
{
    private static readonly string[] Header = ["layer", "bits", "MACs", "cycles", "in use", "uJ", "memory uJ", "EDP J*cycle", "mapping, from inside"];

    public static IEnumerable<string> Lines(string name, NetworkMapping mapping)
    {
        yield return $"{name} on {mapping.Accelerator.Name}, best {mapping.Objective}";
        yield return "";
        string[][] rows = [Header, .. mapping.Layers.Select(layer => Row(mapping.Accelerator, layer))];
        int[] widths = [.. Header.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            yield return string.Join("  ", row.Select((cell, column) =>
                column == 0 ? cell.PadRight(widths[column]) : column == row.Length - 1 ? cell : cell.PadLeft(widths[column])));
        }

        yield return "";
        yield return Invariant($"energy   {mapping.Energy * 1e-6:N1} uJ, of it memories {mapping.MemoryEnergy * 1e-6:N1} uJ");
        foreach ((int level, AcceleratorLevel memory) in mapping.Accelerator.Levels.Index())
        {
            string[] tensors = [.. memory.Keeps.Order().Select(operand => Invariant($"{operand.ToString().ToLowerInvariant()} {Energy(mapping, level, operand) * 1e-6:N1}"))];
            if (tensors.Length > 0)
            {
                yield return $"         {memory.Name}: {string.Join(", ", tensors)}";
            }
        }

        yield return Invariant($"cycles   {mapping.Cycles:N0} for {mapping.Macs:N0} MACs");
        yield return Invariant($"EDP      {mapping.Edp:N3} J*cycle, the sum over layers");
        yield return Invariant($"DRAM     {mapping.LastLevelAccesses:N0} words");
        yield return "mappings " + string.Join(", ", mapping.Layers.GroupBy(layer => layer.Origin).Select(group => $"{group.Count()} {Origin(group.Key)}"));
        foreach (string note in mapping.Notes)
        {
            yield return "- " + note;
        }
    }

    private static string Origin(MappingOrigin origin) => origin switch
    {
        MappingOrigin.Optimum => "the optimum of all",
        MappingOrigin.Search => "the best of a random search with local search",
        _ => "given",
    };

    private static double Energy(NetworkMapping mapping, int level, Operand operand) => mapping.Layers.Sum(layer =>
        layer.Workload.Repetitions * layer.Cost.Accesses.Where(access => access.Level == level && access.Operand == operand).Sum(access => access.Energy));

    private static string[] Row(Accelerator accelerator, LayerMapping layer) =>
    [
        layer.Workload.Name + (layer.Workload.Repetitions > 1 ? Invariant($" (x{layer.Workload.Repetitions})") : ""),
        layer.Workload.Bits?.ToString() ?? "-",
        Invariant($"{layer.Workload.Macs:N0}"),
        Invariant($"{layer.Cycles:N0}"),
        Invariant($"{100 * layer.Cost.Utilization:0}%"),
        Invariant($"{layer.Energy * 1e-6:N1}"),
        Invariant($"{layer.MemoryEnergy * 1e-6:N1}"),
        Invariant($"{layer.Edp:N3}"),
        layer.Nest.ToString(accelerator),
    ];
}
