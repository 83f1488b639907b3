namespace Microsoft.ML.Binary.Mapping;

/// <summary>What a mapping is judged by; less is better.</summary>
/// <example>
/// <code>
/// Workload layer = new() { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 };
/// foreach (MappingMetric metric in (MappingMetric[])[MappingMetric.Energy, MappingMetric.Delay, MappingMetric.Edp])
/// {
///     LayerMapping best = new Mapper(Accelerator.Preset("eyeriss-16bit"), new() { Objective = new(metric) }).Best(layer);
///     Console.WriteLine($"best in {metric}: {best.Energy * 1e-6:F3} uJ, {best.Cycles} cycles");
/// }
/// </code>
/// </example>
public enum MappingMetric
{
    /// <summary>Energy times delay.</summary>
    Edp,

    /// <summary>Energy of memories and multiply-accumulates.</summary>
    Energy,

    /// <summary>Cycles.</summary>
    Delay,

    /// <summary>Words to and from the last level, DRAM.</summary>
    Accesses,
}

/// <summary>What the best mapping is best in, and what decides among those that are equally good in it; then fewer words of DRAM do.</summary>
/// <param name="First">What counts most.</param>
/// <param name="Second">What decides between equal ones.</param>
/// <example>
/// <code>
/// // The fastest mapping, and of several that are as fast the one that takes least energy.
/// Mapper mapper = new(Accelerator.Preset("eyeriss-16bit"), new() { Objective = new MappingObjective(First: MappingMetric.Delay, Second: MappingMetric.Energy) });
/// </code>
/// </example>
public readonly record struct MappingObjective(MappingMetric First, MappingMetric Second)
{
    /// <summary>The objective for one metric: energy decides between equal ones, and for energy, delay.</summary>
    public MappingObjective(MappingMetric first)
        : this(first, first is MappingMetric.Energy ? MappingMetric.Delay : MappingMetric.Energy)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{First.ToString().ToLowerInvariant()}, then {Second.ToString().ToLowerInvariant()}";
}

/// <summary>How good a mapping is, or at best could be; compared field by field.</summary>
internal readonly record struct MappingScore(double First, double Second, double Accesses)
{
    public static MappingScore Worst => new(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);

    public static bool operator <(MappingScore a, MappingScore b) =>
        a.First != b.First ? a.First < b.First : a.Second != b.Second ? a.Second < b.Second : a.Accesses < b.Accesses;

    public static bool operator >(MappingScore a, MappingScore b) => b < a;
}
