using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>All layers of a network with their best mappings. They run one after the other; what passes between them goes through DRAM.</summary>
/// <param name="Accelerator">The accelerator.</param>
/// <param name="Objective">What the mappings are best in.</param>
/// <param name="Layers">The layers, in order.</param>
/// <example>
/// <code>
/// foreach (LayerMapping layer in mapping.Layers.OrderByDescending(layer => layer.Energy).Take(5))
/// {
///     Console.WriteLine($"{layer.Workload.Name}: {layer.Energy / mapping.Energy:P0} of {mapping.Energy * 1e-9:F1} mJ");
/// }
/// </code>
/// </example>
public sealed record NetworkMapping(Accelerator Accelerator, MappingObjective Objective, ImmutableArray<LayerMapping> Layers)
{
    /// <summary>How layers were counted, in sentences that exports and reports repeat.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Energy, pJ.</summary>
    public double Energy => Layers.Sum(layer => layer.Energy);

    /// <summary>Energy of the memories, pJ.</summary>
    public double MemoryEnergy => Layers.Sum(layer => layer.MemoryEnergy);

    /// <summary>Cycles.</summary>
    public long Cycles => Layers.Sum(layer => layer.Cycles);

    /// <summary>Multiply-accumulates.</summary>
    public long Macs => Layers.Sum(layer => layer.Workload.Macs);

    /// <summary>Words to and from the last level.</summary>
    public long LastLevelAccesses => Layers.Sum(layer => layer.LastLevelAccesses);

    /// <summary>The sum of the layers' EDP, as published, J times cycles. It is less than the network's energy times its cycles.</summary>
    public double Edp => Layers.Sum(layer => layer.Edp);

    /// <summary>The sum over layers of a metric: EDP in J times cycles, energy in pJ, cycles, or words of the last level.</summary>
    public double Total(MappingMetric metric) => metric switch
    {
        MappingMetric.Edp => Edp,
        MappingMetric.Energy => Energy,
        MappingMetric.Delay => Cycles,
        MappingMetric.Accesses => LastLevelAccesses,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric."),
    };
}
