using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// A level of an accelerator: a memory, or a mere point where the wiring fans out. What may be mapped to it is part of it: the dimensions
/// of its spatial and temporal loops.
/// </summary>
/// <example>
/// <code>
/// foreach (AcceleratorLevel level in Accelerator.Preset("eyeriss-16bit").Levels)
/// {
///     Console.WriteLine($"{level.Name}: {level.Words?.ToString() ?? "any number of"} words of {level.WordBits} bits, {level.ReadEnergy} pJ to read a block; keeps {string.Join(", ", level.Keeps)}");
/// }
/// </code>
/// </example>
public sealed record AcceleratorLevel
{
    /// <summary>The name that mappings call it by; without spaces, colons or semicolons.</summary>
    public required string Name { get; init; }

    /// <summary>The tensors that it stores; the others pass by it.</summary>
    public ImmutableArray<Operand> Keeps { get; init; } = [];

    /// <summary>Words that an instance holds; null for as many as are needed.</summary>
    public long? Words { get; init; }

    /// <summary>Bits of a word. Values are packed, as many whole ones as fit.</summary>
    public int WordBits { get; init; } = 16;

    /// <summary>Words that one access moves.</summary>
    public int Block { get; init; } = 1;

    /// <summary>Energy of reading a block, pJ.</summary>
    public double ReadEnergy { get; init; }

    /// <summary>Energy of writing a block, pJ.</summary>
    public double WriteEnergy { get; init; }

    /// <summary>Words that an instance can read in a cycle, and as many that it can write; null for no limit.</summary>
    public int? Bandwidth { get; init; }

    /// <summary>Instances that are accessed at once, whatever part of them is in use; null where each instance in use is accessed on its own.</summary>
    public int? Clusters { get; init; }

    /// <summary>Instances of the level below (of multipliers, for the first level) behind each instance of this one.</summary>
    public int FanOut { get; init; } = 1;

    /// <summary>Dimensions of the spatial loops, innermost first; their bounds multiply to at most <see cref="FanOut"/>.</summary>
    public ImmutableArray<Dimension> Spatial { get; init; } = [];

    /// <summary>
    /// Whether the wiring is for one dimension and in use as far as it divides: the spatial loop gets the largest divisor of the dimension's
    /// bound that is at most <see cref="FanOut"/>.
    /// </summary>
    public bool FillsFanOut { get; init; }

    /// <summary>
    /// Dimensions of the temporal loops, innermost first. Those of a group may be in any order among themselves; groups keep their order.
    /// </summary>
    public ImmutableArray<ImmutableArray<Dimension>> Temporal { get; init; } = [];
}
