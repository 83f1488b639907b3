namespace Microsoft.ML.Binary.Mapping;

/// <summary>What a mapping is judged by; less is better.</summary>
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
