using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>How often an instance of a level touches a tensor, in words.</summary>
/// <param name="Level">Index of the level, from the innermost out.</param>
/// <param name="Operand">The tensor.</param>
/// <param name="Tile">Words of the part that it holds.</param>
/// <param name="Reads">Words read, for the level below or to add to a partial sum.</param>
/// <param name="Updates">Words that the level below writes back.</param>
/// <param name="Fills">Words written from the level above.</param>
/// <param name="Instances">Instances in use.</param>
/// <param name="Energy">Energy of all accesses of all instances, pJ.</param>
/// <example>
/// <code>
/// Accelerator accelerator = Accelerator.Preset("eyeriss-16bit");
/// LayerMapping best = new Mapper(accelerator).Best(new Workload { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 });
/// foreach (AccessCount access in best.Cost.Accesses)
/// {
///     Console.WriteLine($"{accelerator.Levels[access.Level].Name}, {access.Operand}: {access.Reads} reads of each of {access.Instances}, {access.Energy:F0} pJ");
/// }
/// </code>
/// </example>
public readonly record struct AccessCount(int Level, Operand Operand, long Tile, long Reads, long Updates, long Fills, long Instances, double Energy);

/// <summary>What a layer costs under a mapping, once (without <see cref="Workload.Repetitions"/>).</summary>
/// <example>
/// <code>
/// MappingCost cost = new Mapper(Accelerator.Preset("eyeriss-16bit")).Best(new Workload { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 }).Cost;
/// Console.WriteLine($"{cost.Cycles} cycles; {cost.MacEnergy * 1e-6:F3} uJ to multiply, {cost.MemoryEnergy * 1e-6:F3} uJ to move data");
/// </code>
/// </example>
public sealed record MappingCost
{
    /// <summary>Cycles of the accelerator; more than one per step of the loops where a memory's bandwidth is the limit.</summary>
    public required long Cycles { get; init; }

    /// <summary>Multipliers in use, as a share of all.</summary>
    public required double Utilization { get; init; }

    /// <summary>Energy of the multiply-accumulates, pJ.</summary>
    public required double MacEnergy { get; init; }

    /// <summary>An entry a level and tensor that it keeps, from the innermost level out.</summary>
    public required ImmutableArray<AccessCount> Accesses { get; init; }

    /// <summary>Words that pass to and from the last level.</summary>
    public required long LastLevelAccesses { get; init; }

    /// <summary>Energy of all memories, pJ.</summary>
    public double MemoryEnergy => Accesses.Sum(access => access.Energy);

    /// <summary>Energy in all, pJ. As published, wires, leakage and address generation are not counted.</summary>
    public double Energy => MacEnergy + MemoryEnergy;

    /// <summary>Energy times delay, J times cycles.</summary>
    public double Edp => Energy * 1e-12 * Cycles;
}

/// <summary>How mappings are counted.</summary>
/// <example>
/// <code>
/// Accelerator accelerator = Accelerator.Preset("eyeriss-16bit");
/// LayerMapping best = new Mapper(accelerator).Best(new Workload { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 });
/// MappingCost cost = MappingEvaluator.Evaluate(best.Workload, accelerator, best.Nest, new CountingOptions { SkipsFirstFill = true });
/// Console.WriteLine($"{best.Cost.MemoryEnergy - cost.MemoryEnergy:F0} pJ go into writing zeros");
/// </code>
/// </example>
public sealed record CountingOptions
{
    /// <summary>
    /// Whether multiplier and adder are as wide as the values; otherwise a multiply-accumulate costs what that of the accelerator's data
    /// path does. Cycles are the same.
    /// </summary>
    public bool ScalesMacEnergy { get; init; }

    /// <summary>
    /// Whether the first fill of a sum, a zero, costs nothing. It is counted in the published outputs, not in later versions of their source.
    /// </summary>
    public bool SkipsFirstFill { get; init; }
}
