using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>How widths are searched.</summary>
/// <example>
/// <code>
/// SensitivityTable sensitivity = quantization.MeasureSensitivity([2, 4, 8], samples);
/// WidthSearch search = new(
///     new Mapper(Accelerator.Preset("eyeriss-16bit")), NetworkWorkloads.Of(network.Graph, height: 360, width: 480), quantization.Layers, [2, 4, 8], sensitivity.Accuracy,
///     new WidthSearchOptions { Generations = 50, Seed = 7 });
/// </code>
/// </example>
public sealed record WidthSearchOptions
{
    /// <summary>Configurations that a generation begins with; 10 as published.</summary>
    public int Parents { get; init; } = 10;

    /// <summary>New ones of a generation; 10 as published.</summary>
    public int Offspring { get; init; } = 10;

    /// <summary>Generations; 25 as published.</summary>
    public int Generations { get; init; } = 25;

    /// <summary>Chance, 0..1, that a layer takes a parent's widths; otherwise it takes the largest.</summary>
    public double InheritanceRate { get; init; } = 0.95;

    /// <summary>Chance, 0..1, that one layer of a child gets random widths.</summary>
    public double MutationRate { get; init; } = 0.1;

    /// <summary>Seed of what is random.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Whether partial sums count as narrow as maps, as published.</summary>
    public bool AsPublished { get; init; }
}

/// <summary>A configuration of widths and what it is worth.</summary>
/// <param name="Widths">Widths of the layers that the search is about.</param>
/// <param name="Accuracy">Its accuracy, by whatever the search was given.</param>
/// <param name="Cost">Its cost: the sum over layers of the metric that mappings are best in; EDP in J times cycles, energy in pJ.</param>
/// <example>
/// <code>
/// WidthSearch search = new(
///     new Mapper(Accelerator.Preset("eyeriss-16bit")), NetworkWorkloads.Of(network.Graph, height: 360, width: 480), quantization.Layers, [4, 8],
///     accuracy: widths => Math.Exp(-quantization.Loss(widths, samples)));           // measured each time, not predicted
/// WidthPoint eight = search.Evaluate([.. quantization.Layers.Select(_ => new LayerWidths(Maps: 8, Weights: 8))]);
/// Console.WriteLine($"eight bits everywhere: {eight.Cost}, {eight.Accuracy:F3}");
/// </code>
/// </example>
public sealed record WidthPoint(ImmutableArray<LayerWidths> Widths, double Accuracy, double Cost)
{
    internal Nsga2.Objectives Objectives => new(Accuracy, Cost);
}

/// <summary>What a search found.</summary>
/// <param name="Front">Configurations that none that was looked at beats in both accuracy and cost, by ascending cost.</param>
/// <param name="Uniform">The configurations with one width everywhere, ascending.</param>
/// <param name="Evaluations">How many different configurations were looked at.</param>
/// <example>
/// <code>
/// SensitivityTable sensitivity = quantization.MeasureSensitivity([2, 4, 8], samples);
/// WidthFront front = new WidthSearch(
///     new Mapper(Accelerator.Preset("eyeriss-16bit")), NetworkWorkloads.Of(network.Graph, height: 360, width: 480), quantization.Layers, [2, 4, 8], sensitivity.Accuracy).Run();
/// foreach (WidthPoint point in front.Spread(8))                           // eight of the front, from cheap to dear
/// {
///     Console.WriteLine($"{point.Cost}: {point.Accuracy:F3}");
/// }
/// </code>
/// </example>
public sealed record WidthFront(ImmutableArray<WidthPoint> Front, ImmutableArray<WidthPoint> Uniform, int Evaluations)
{
    /// <summary>At most so many configurations of the front, its ends and those that lie furthest from their neighbours.</summary>
    public ImmutableArray<WidthPoint> Spread(int count) =>
        [.. Nsga2.Reduce([.. Front.Select(point => point.Objectives)], count, Uniform[^1].Objectives).Select(i => Front[i])];
}

/// <summary>
/// Searches the bit widths of layers that trade accuracy for cost on an accelerator best, with NSGA-II as in arXiv 2404.05368: children take
/// each layer's widths from one of two parents. The same seed gives the same front.
/// </summary>
/// <example>
/// <code>
/// Mapper mapper = new(Accelerator.Preset("eyeriss-16bit"));
/// SensitivityTable sensitivity = quantization.MeasureSensitivity([2, 4, 8], samples);
/// WidthSearch search = new(
///     mapper, NetworkWorkloads.Of(network.Graph, height: 360, width: 480), quantization.Layers, [2, 4, 8], sensitivity.Accuracy);
/// foreach (WidthPoint point in search.Run().Front)
/// {
///     Console.WriteLine($"{point.Cost}: {point.Accuracy:F3}");
/// }
/// </code>
/// </example>
public sealed class WidthSearch
{
    private readonly Mapper _mapper;
    private readonly MappingMetric _metric;
    private readonly ImmutableArray<Workload> _workloads;
    private readonly ImmutableArray<int> _searched;
    private readonly ImmutableArray<int> _widths;
    private readonly Func<IReadOnlyList<LayerWidths>, double> _accuracy;
    private readonly WidthSearchOptions _options;
    private readonly Dictionary<string, WidthPoint> _known = new(StringComparer.Ordinal);

    /// <summary>Prepares a search.</summary>
    /// <param name="mapper">Maps layers; its objective's first metric is the cost.</param>
    /// <param name="workloads">All layers of the network.</param>
    /// <param name="layers">Names of those whose widths are searched; the others keep theirs.</param>
    /// <param name="widths">Widths to choose from; see <see cref="DistinctWidths"/>.</param>
    /// <param name="accuracy">The accuracy of a configuration (widths in the order of <paramref name="layers"/>); positive, higher is better.</param>
    /// <param name="options">Sizes of the search; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no layer of a name, no width, or an option is out of range.</exception>
    public WidthSearch(
        Mapper mapper, IReadOnlyList<Workload> workloads, IReadOnlyList<string> layers, IReadOnlyList<int> widths,
        Func<IReadOnlyList<LayerWidths>, double> accuracy, WidthSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mapper);
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Parents, 2, nameof(WidthSearchOptions.Parents));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Offspring, 1, nameof(WidthSearchOptions.Offspring));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Generations, nameof(WidthSearchOptions.Generations));
        CheckChance(_options.InheritanceRate, nameof(WidthSearchOptions.InheritanceRate));
        CheckChance(_options.MutationRate, nameof(WidthSearchOptions.MutationRate));
        (_mapper, _metric, _accuracy) = (mapper, mapper.Objective.First, accuracy);
        _workloads = [.. workloads];
        string[] names = [.. _workloads.Select(workload => workload.Name)];
        _searched = [.. layers.Select(name => Array.IndexOf(names, name) is int index and >= 0
            ? index
            : throw new ArgumentException($"There is no layer '{name}'; the layers are {string.Join(", ", names)}.", nameof(layers)))];
        _widths = [.. widths.Distinct().Order()];
        if (_widths.IsEmpty || _searched.IsEmpty)
        {
            throw new ArgumentException(_widths.IsEmpty ? "There is no width to choose." : "There is no layer whose widths could be chosen.");
        }
    }

    /// <summary>
    /// Of a range of widths, those that differ on an accelerator: of widths of which equally many fit into every memory's word only the largest,
    /// which costs no more than the others. Where multiply-accumulates cost by their widths (<see cref="CountingOptions.ScalesMacEnergy"/>), all of them differ.
    /// </summary>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="lowest">The smallest width, at least 1.</param>
    /// <param name="highest">The largest width.</param>
    /// <param name="counting">How costs are counted; null for the defaults.</param>
    public static ImmutableArray<int> DistinctWidths(Accelerator accelerator, int lowest, int highest, CountingOptions? counting = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(lowest, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(highest, lowest);
        IEnumerable<int> widths = Enumerable.Range(lowest, highest - lowest + 1);
        return counting is { ScalesMacEnergy: true } ? [.. widths] : [.. widths
            .GroupBy(bits => string.Join(' ', accelerator.Levels.Where(level => !level.Keeps.IsEmpty).Select(level => level.WordBits / bits)))
            .Select(same => same.Max())];
    }

    /// <summary>Searches.</summary>
    /// <param name="progress">Told how many different configurations have been looked at.</param>
    /// <param name="cancellation">Ends the search early, without a result. What was looked at is remembered, and another search of this instance is there again at once.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public WidthFront Run(Action<int>? progress = null, CancellationToken cancellation = default)
    {
        RandomStream random = new(_options.Seed);
        ImmutableArray<WidthPoint> uniform = [.. _widths.Select(width => Evaluate([.. _searched.Select(_ => new LayerWidths(width, width))], cancellation))];
        Nsga2.Objectives scale = uniform[^1].Objectives;
        List<WidthPoint> seen = [.. uniform], parents = Select(seen, scale);
        for (int generation = 0; generation < _options.Generations; generation++)
        {
            List<WidthPoint> all = [.. parents];
            for (int i = 0; i < _options.Offspring; i++)
            {
                WidthPoint child = Evaluate(Child(parents, ref random), cancellation);
                if (!all.Contains(child))
                {
                    all.Add(child);
                }

                if (!seen.Contains(child))
                {
                    seen.Add(child);
                }

                progress?.Invoke(seen.Count);
            }

            parents = Select(all, scale);
        }

        List<int> front = Nsga2.Fronts([.. seen.Select(point => point.Objectives)])[0];
        return new WidthFront([.. front.Select(i => seen[i]).DistinctBy(point => point.Objectives).OrderBy(point => point.Cost)], uniform, seen.Count);
    }

    /// <summary>The layers of the whole network with the widths of a configuration.</summary>
    /// <exception cref="ArgumentException">There are not as many widths as layers that are searched.</exception>
    public ImmutableArray<Workload> Apply(IReadOnlyList<LayerWidths> widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        LayerWidths.CheckCount(widths.Count, _searched.Length, nameof(widths));
        ImmutableArray<Workload>.Builder workloads = _workloads.ToBuilder();
        for (int i = 0; i < _searched.Length; i++)
        {
            BitWidths bits = new(widths[i].Maps, widths[i].Weights, widths[i].Maps);
            workloads[_searched[i]] = workloads[_searched[i]] with { Bits = _options.AsPublished ? bits with { Sums = bits.Outputs } : bits };
        }

        return workloads.MoveToImmutable();
    }

    /// <summary>A configuration's accuracy and cost; asked for again, it is remembered.</summary>
    /// <exception cref="ArgumentException">There are not as many widths as layers that are searched.</exception>
    public WidthPoint Evaluate(IReadOnlyList<LayerWidths> widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        return Evaluate(widths, CancellationToken.None);
    }

    private WidthPoint Evaluate(IReadOnlyList<LayerWidths> widths, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string key = string.Join(' ', widths);
        if (!_known.TryGetValue(key, out WidthPoint? point))
        {
            NetworkMapping mapping = _mapper.Map(Apply(widths), cancellation: cancellation);
            _known[key] = point = new WidthPoint([.. widths], _accuracy(widths), mapping.Total(_metric));
        }

        return point;
    }

    private static void CheckChance(double value, string name)
    {
        if (value is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "It is a chance, and must be from 0 to 1.");
        }
    }

    private List<WidthPoint> Select(List<WidthPoint> points, Nsga2.Objectives scale) =>
        [.. Nsga2.Survivors([.. points.Select(point => point.Objectives)], _options.Parents, scale).Select(i => points[i])];

    private LayerWidths[] Child(List<WidthPoint> parents, ref RandomStream random)
    {
        int first = random.NextInt(parents.Count), second = parents.Count == 1 ? first : (first + 1 + random.NextInt(parents.Count - 1)) % parents.Count;
        LayerWidths[] child = new LayerWidths[_searched.Length];
        for (int i = 0; i < child.Length; i++)
        {
            WidthPoint parent = random.NextDouble() < 0.5 ? parents[first] : parents[second];
            child[i] = random.NextDouble() < _options.InheritanceRate ? parent.Widths[i] : new(_widths[^1], _widths[^1]);
        }

        if (random.NextDouble() < _options.MutationRate)
        {
            child[random.NextInt(child.Length)] = new(_widths[random.NextInt(_widths.Length)], _widths[random.NextInt(_widths.Length)]);
        }

        return child;
    }
}
